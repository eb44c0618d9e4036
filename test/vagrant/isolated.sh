#!/bin/sh
# Runs a command beside a libvirt of its own, whose files are all in one folder: isolated.sh FOLDER COMMAND…
# To be started in namespaces of its own (network, mounts, processes), as isolation.ts does: it mounts over this machine's.
set -eu
folder=$1
shift

ip link set lo up
for place in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt /run/libvirt; do
  mkdir -p "$folder$place" "$place"
  mount --bind "$folder$place" "$place"
done

# This machine's containers, and the rules of its network, are none of theirs.
if [ -S /run/docker.sock ]; then mount --bind /dev/null /run/docker.sock; fi

# Machines run as root and unconfined: there is no udev, no control group of libvirt's and no systemd to ask for one.
cat > /etc/libvirt/qemu.conf <<'END'
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
END
cat > /etc/libvirt/libvirtd.conf <<'END'
auth_unix_rw = "none"
auth_unix_ro = "none"
END

virtlogd > "$folder/virtlogd.log" 2>&1 &
libvirtd > "$folder/libvirtd.log" 2>&1 &
tries=0
until virsh --connect qemu:///system version > /dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 150 ]; then
    echo "libvirtd does not answer after 30 s:" >&2
    tail -n 20 "$folder/libvirtd.log" >&2
    exit 4
  fi
  sleep 0.2
done
"$@"
