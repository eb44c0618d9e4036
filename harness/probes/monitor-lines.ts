// What a kernel tells of its own tables: `ip monitor` beside a snapshot that is taken while it listens. Pure but for the
// script, which runs on the host.

/** What to watch, in iproute2's words. */
export interface Monitored {
  /** As in `ip monitor <object>`. */
  readonly object: 'address' | 'neigh';
  /** Arguments of the `ip` that prints how things stand; its lines are the monitor's without stamps. */
  readonly snapshot: readonly string[];
}

/** The multicast group of each object as a bit in /proc/net/netlink (RTMGRP_IPV4_IFADDR, RTMGRP_NEIGH; rtnetlink(7)). */
const GROUP_BITS = { address: '10', neigh: '4' } as const;

/**
 * The monitor first, then the snapshot, so that no change can fall between them. The kernel lists the monitor's socket
 * in /proc/net/netlink under its process number with its group once it listens. The monitor takes over the shell's
 * process, so that ending the command leaves nothing behind. It also ends with its standard input, as nobody else would
 * end it when the harness was killed: it writes too seldom to notice that nobody reads.
 */
export function monitorCommand({ object, snapshot }: Monitored): readonly string[] {
  const script = `
( tries=0
  until grep -Eq "^[0-9a-f]+ +0 +$$ +0*${GROUP_BITS[object]} " /proc/net/netlink || [ "$tries" -ge 250 ]; do
    tries=$((tries + 1)); sleep 0.02
  done
  echo "snapshot $(date +%s.%N)"; ip "$@"; echo 'snapshot end' ) &
exec 3<&0
( read -r _ <&3; [ "$(cat /proc/$$/comm)" = ip ] && kill $$ ) >/dev/null 2>&1 &
TZ=UTC exec ip -o -ts -4 monitor ${object} </dev/null 3<&-
`;
  return ['sh', '-c', script, 'sh', ...snapshot];
}

/** How things stood when the snapshot was taken, or one change after it. */
export type Told =
  | { readonly epochMs: number; readonly entries: readonly string[] }
  | { readonly epochMs: number; readonly event: string };

// iproute2 6.1: "[2026-01-31T06:27:20.397236] Deleted 3: eth0    inet 10.10.102.21/24 scope global eth0\ …"
const EVENT = /^\[(\S+)\.(\d+)\] (.*)$/;
const SNAPSHOT_START = /^snapshot (\d+\.\d+)$/;
const SNAPSHOT_END = 'snapshot end';

/** The lines of a monitor and of its snapshot, which come through one pipe in any order, as one story. */
export class MonitorLines {
  /** Read before the snapshot was complete. */
  #early: { epochMs: number; event: string }[] = [];
  #entries: string[] = [];
  #startEpochMs = 0;
  #hasSnapshot = false;

  get hasSnapshot(): boolean {
    return this.#hasSnapshot;
  }

  /** What this line completes: first of all the snapshot, then events. */
  read(line: string): readonly Told[] {
    const event = parseEvent(line);
    if (event) {
      if (this.#hasSnapshot) return [event];
      this.#early.push(event);
      return [];
    }
    const start = SNAPSHOT_START.exec(line);
    if (start) this.#startEpochMs = Number(start[1]) * 1000;
    else if (line === SNAPSHOT_END) return this.#begin();
    else this.#entries.push(line);
    return [];
  }

  /**
   * What was stamped before the snapshot began is in the snapshot. What came after may or may not be: applied again
   * it does no harm, since each event says how things stand and not how they changed.
   */
  #begin(): readonly Told[] {
    this.#hasSnapshot = true;
    const since = this.#early.filter(({ epochMs }) => epochMs >= this.#startEpochMs);
    return [{ epochMs: this.#startEpochMs, entries: this.#entries }, ...since];
  }
}

function parseEvent(line: string): { epochMs: number; event: string } | undefined {
  const [, time, fraction, event] = EVENT.exec(line) ?? [];
  if (event === undefined) return undefined;
  return { epochMs: Date.parse(`${time}Z`) + Number(`0.${fraction}`) * 1000, event };
}
