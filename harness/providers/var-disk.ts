// A disk of its own for each host: an ext4 file system in a file on the host's volume, through a loop device. /var stands
// on it for three reasons: containerd's overlayfs cannot stand on the container's own overlayfs; it can be full, or
// slow, without the machine's disk being so for everybody; and its name in the kernel is the host's alone.
//
// The device goes when the last mount of it goes (LO_FLAGS_AUTOCLEAR), which is when the container's processes have ended,
// however they did. What is removed with the container's volume leaves nothing behind.

/** Where the container has its volume. */
export const VOLUME = '/holdfast';
/** Sparse: it takes what is written to it. */
const SIZE = '8G';
/** More than the hosts of all labs that fit on one machine. A container has no udev that would make their nodes. */
const LOOP_DEVICES = 64;
const GONE_WITHIN_S = 30;

/**
 * Shell with `set -e`: mounts /var, with what the image has there. The copy is made here: an engine that fills a volume
 * flushes the whole disk at each creation, which takes seconds. Where the machine has no loop devices, or the image no
 * mkfs, /var is a folder of the volume.
 *
 * No journal: whatever ends the host, it is the kernel that unmounts. A host that is back at once waits for that: the same
 * file behind two devices would be the end of both file systems. No barriers either: what the host has written outlives it in
 * the machine's memory, as in a disk with a battery. With them, each fsync of etcd also waits until all that pods have written
 * to the file is on the machine's disk.
 */
export const VAR_ON_VOLUME = `[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237 || true
for number in $(seq 0 ${LOOP_DEVICES - 1}); do [ -e /dev/loop$number ] || mknod /dev/loop$number b 7 $number || true; done
if [ ! -e ${VOLUME}/var ] && [ ! -e ${VOLUME}/var.img ]; then
  if losetup --find > /dev/null 2>&1 && truncate -s ${SIZE} ${VOLUME}/new.img &&
    mkfs.ext4 -q -F -m 0 -O ^has_journal -E nodiscard,lazy_itable_init=1 ${VOLUME}/new.img; then
    mount -o loop ${VOLUME}/new.img /mnt
    cp -a /var/. /mnt/
    umount /mnt
    mv ${VOLUME}/new.img ${VOLUME}/var.img
  else
    rm -f ${VOLUME}/new.img
    cp -a /var ${VOLUME}/new
    mv ${VOLUME}/new ${VOLUME}/var
  fi
fi
if [ -e ${VOLUME}/var.img ]; then
  for tenth in $(seq ${GONE_WITHIN_S}0); do losetup -j ${VOLUME}/var.img | grep -q . || break; sleep 0.1; done
  mount -o loop,barrier=0 ${VOLUME}/var.img /var
else
  mount --bind ${VOLUME}/var /var
fi`;
