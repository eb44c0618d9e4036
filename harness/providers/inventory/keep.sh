# Keeps what this host is before a cluster is made on it. Idempotent: what was kept first is what was there.
# Told before: written units settings vip pod_network service_network etcd_data
set -e
[ ! -e /var/lib/holdfast/before ] || exit 0
new=/var/lib/holdfast/before.new
rm -rf $new
mkdir -p $new
chmod 700 $new

# Kernel settings that kubelet and kube-proxy change, as far as there are such here.
for setting in $settings; do
  value=$(cat "/proc/sys/$setting" 2> /dev/null) || continue
  echo "$setting $value"
done > $new/settings
for unit in $units; do
  echo "$unit $(systemctl is-enabled $unit 2> /dev/null) $(systemctl is-active $unit 2> /dev/null)"
done > $new/units
for path in $written $etcd_data; do echo "$path"; done > $new/written
kept=
for path in $written $etcd_data; do [ ! -e "$path" ] || kept="$kept .$path"; done
tar -C / --sparse --xattrs -cf $new/files.tar --files-from /dev/null $kept
printf 'vip=%s\npod_network=%s\nservice_network=%s\n' "$vip" "$pod_network" "$service_network" > $new/plan
mv $new /var/lib/holdfast/before
