#!/bin/bash
# Makes a Vagrant box for libvirt of Debian's packages alone: vagrant/box/build.sh OUTPUT.box
# Root on Debian, with mmdebstrap, e2fsprogs, fdisk, grub-pc-bin, qemu-utils and vagrant (for its public key). Mounts nothing and
# needs no loop device. Takes about a minute and a half.
set -euo pipefail

output=$(realpath -m "${1:?usage: build.sh OUTPUT.box}")
here=$(dirname "$(realpath "$0")")
suite=bookworm
disk_mib=3072
# The first partition begins here; before it lie the boot sector and GRUB.
offset_mib=1

work=$(mktemp -d --tmpdir holdfast-box.XXXXXX)
trap 'rm -rf "$work"' EXIT

packages=$(sed 's/#.*//' "$here/packages" | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
key=$(dpkg -L vagrant | grep '/keys/vagrant\.pub$')

mmdebstrap --quiet --variant=minbase --include="$packages" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook="mkdir -p \"\$1/etc/initramfs-tools\" && cp -R '$here/initramfs-tools/.' \"\$1/etc/initramfs-tools/\"" \
  --customize-hook="cp -R '$here/root/.' \"\$1/\"" \
  --customize-hook="install -D -m 0644 '$key' \"\$1/run/vagrant.pub\"" \
  --customize-hook="cp '$here/configure.sh' \"\$1/run/configure.sh\"" \
  --customize-hook='chroot "$1" sh /run/configure.sh' \
  --customize-hook='rm "$1/run/configure.sh" "$1/run/vagrant.pub"' \
  "$suite" "$work/root"

# An MBR with one partition, GRUB's first stage before its table, and the rest of GRUB in the gap behind it.
truncate --size "${disk_mib}M" "$work/disk.raw"
echo "start=${offset_mib}MiB, type=83, bootable" | sfdisk --quiet "$work/disk.raw"
mkfs.ext4 -q -L root -O ^metadata_csum_seed,^orphan_file -d "$work/root" -E "offset=$((offset_mib * 1024 * 1024))" \
  "$work/disk.raw" "$((disk_mib - offset_mib))M" 2> "$work/mkfs.log" || { cat "$work/mkfs.log" >&2; exit 1; }
grub-mkimage --format i386-pc --prefix '(hd0,msdos1)/boot/grub' --config "$here/grub.cfg" --output "$work/core.img" \
  biosdisk part_msdos ext2 linux
dd if=/usr/lib/grub/i386-pc/boot.img of="$work/disk.raw" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$work/disk.raw" bs=512 seek=1 conv=notrunc status=none

qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/box.img"
echo "{\"provider\": \"libvirt\", \"format\": \"qcow2\", \"virtual_size\": $((disk_mib / 1024))}" > "$work/metadata.json"
: > "$work/Vagrantfile"
mkdir -p "$(dirname "$output")"
tar -C "$work" -czf "$output.new" metadata.json Vagrantfile box.img
mv "$output.new" "$output"
