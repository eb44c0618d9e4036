// A queueing discipline of a fault, at the root of its host's interface. It is known by its handle, so that it is only ever
// its own that a fault takes away. Where SSH comes by that interface, it stands in a class beside the one for SSH.
import { digestOf } from './network-rules.ts';
import { spareInQueue, USE_MANAGEMENT_NETWORK, whereItGoes } from './own-connection.ts';

/** Faster than any interface: the class is to hold nothing back. The quantum is what may be sent in turn. */
const OPEN_CLASS = 'htb rate 100gbit quantum 60000';

/** Shell; needs $device and FIND_OWN_CONNECTION. Fails where another fault's stands already. */
export function layQueue(id: string, discipline: string): string {
  const handle = handleOf(id);
  const add = `tc qdisc add dev "$device" root handle ${handle}:`;
  const orSay = `||
  { echo "$device has the queueing discipline of another fault" >&2; exit 1; }`;
  return whereItGoes({
    shared: `${add} ${discipline} ${orSay}`,
    apart: `${add} htb default 2 ${orSay}\n${fillClasses(handle, discipline)}`,
  });
}

/** Shell. tc-htb(8) and tc-u32(8): other classful disciplines and filters are in fewer kernels. */
function fillClasses(handle: string, discipline: string): string {
  return `tc class add dev "$device" parent ${handle}: classid ${handle}:1 ${OPEN_CLASS}
${spareInQueue(handle, `${handle}:1`)}
tc class add dev "$device" parent ${handle}: classid ${handle}:2 ${OPEN_CLASS}
tc qdisc add dev "$device" parent ${handle}:2 ${discipline}`;
}

/**
 * Shell for `refusalOf`, to try whether a discipline can be laid, on an interface on which nothing is lost by it.
 * @param discipline as layQueue is given it
 */
export function queueRehearsal(discipline: string): string {
  const classes = ['tc qdisc add dev lo root handle 1: htb default 2', fillClasses('1', discipline)];
  return `tc qdisc add dev lo root ${discipline}
tc qdisc del dev lo root
${whereItGoes({
  shared: ':',
  apart: `why=$( { device=lo && ${classes.join('\n').replaceAll('\n', ' && ')}; } 2>&1) || {
  echo "SSH comes by $device and cannot be let through there ($why): ${USE_MANAGEMENT_NETWORK}"
  exit 1
}`,
})}`;
}

/** Shell, idempotent. */
export function clearQueue(id: string): string {
  return `queues=$(tc qdisc show)
for queued in $(printf '%s\\n' "$queues" | awk '$3 == "${handleOf(id)}:" && /root/ { print $5 }'); do
  tc qdisc del dev "$queued" root
done`;
}

/** Shell: the fault's discipline with what it did; nothing when it is not there. Needs $device. */
export function showQueue(id: string): string {
  const handle = handleOf(id);
  return `queues=$(tc -s qdisc show dev "$device")
echo "$queues" | grep -A 3 ' parent ${handle}:2 ' || echo "$queues" | grep -A 3 ' ${handle}: root' || true`;
}

/** 1 to 7ffe: the kernel gives handles from 8000 on by itself, and 0 and ffff mean other things. */
function handleOf(id: string): string {
  return (1 + (parseInt(digestOf(id, 6), 16) % 0x7ffe)).toString(16);
}
