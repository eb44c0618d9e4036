// A queueing discipline of a fault, at the root of its host's interface. It is known by its handle, so that it is only ever
// its own that a fault takes away.
import { digestOf } from './network-rules.ts';

/** Shell; needs $device. Fails where another fault's stands already. */
export function layQueue(id: string, discipline: string): string {
  return `tc qdisc add dev "$device" root handle ${handleOf(id)}: ${discipline} ||
  { echo "$device has the queueing discipline of another fault" >&2; exit 1; }`;
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
  return `tc -s qdisc show dev "$device" | grep -A 3 ' ${handleOf(id)}: ' || true`;
}

/** 1 to 7ffe: the kernel gives handles from 8000 on by itself, and 0 and ffff mean other things. */
function handleOf(id: string): string {
  return (1 + (parseInt(digestOf(id, 6), 16) % 0x7ffe)).toString(16);
}
