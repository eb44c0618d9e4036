// Whom the observer would send to when it writes to the VIP: its own ARP entry, told by its kernel, never polled.
// The kernel tells of every change of an entry's link address and of its end (net/core/neighbour.c, __neigh_update),
// some 50 µs after the gratuitous ARP that caused it; only a new entry is silent until it is resolved.
import type { HostClock, HostClocks, RunClock } from '../core/clock.ts';
import type { Host, StreamEnd } from '../core/host.ts';
import type { Recorder } from '../core/record.ts';
import { ArpView } from './arp-lines.ts';
import { KernelStamps } from './kernel-stamps.ts';
import { monitorCommand } from './monitor-lines.ts';
import { describeEnd, startStreamWatch, type StreamReader, type StreamWatch } from './stream-watch.ts';

const WHAT = 'ARP monitor';

export interface ArpWatchOptions {
  /** Whose entry it is. */
  readonly host: Host;
  /** Without prefix length. */
  readonly vip: string;
  /** Host → link-layer address, lower case with colons. */
  readonly linkAddresses: Readonly<Record<string, string>>;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly clocks: HostClocks;
}

/**
 * Resolves when the first snapshot is written down.
 * @throws HoldfastError when there is none, with what the host answered last
 */
export async function startArpWatch(options: ArpWatchOptions): Promise<StreamWatch> {
  const { host, vip } = options;
  const argv = monitorCommand({ object: 'neigh', snapshot: ['-o', '-4', 'neigh', 'show', 'to', vip] });
  const open = async (): Promise<StreamReader> => new ArpReader(options, await options.clocks.of(host));
  return startStreamWatch(`first snapshot of the ARP entry of ${host.name}`, [
    { host, what: WHAT, argv, open },
  ]);
}

class ArpReader implements StreamReader {
  readonly #options: ArpWatchOptions;
  readonly #stamps: KernelStamps;
  readonly #view: ArpView;
  readonly #hostOfLink: ReadonlyMap<string, string>;

  constructor(options: ArpWatchOptions, hostClock: HostClock) {
    this.#options = options;
    this.#stamps = new KernelStamps(hostClock);
    this.#view = new ArpView(options.vip);
    this.#hostOfLink = new Map(Object.entries(options.linkAddresses).map(([name, link]) => [link, name]));
  }

  get hasBegun(): boolean {
    return this.#view.hasSnapshot;
  }

  read(line: string): void {
    const { recorder } = this.#options;
    for (const { epochMs, ...change } of this.#view.read(line)) {
      const host = this.#hostOfLink.get(change.linkAddress ?? '');
      const stamp = this.#stamps.stamp(epochMs);
      recorder.append({ type: 'arp.entry', ...stamp, ...change, ...(host !== undefined && { host }) });
    }
  }

  finish(endedNs: bigint, end: StreamEnd | undefined): void {
    const { recorder, clock, host } = this.#options;
    const atMs = clock.fromMonotonicNs(endedNs);
    recorder.append({ type: 'arp.entry', atMs, source: 'lost' });
    if (end) recorder.append({ type: 'note', atMs, text: describeEnd(host, WHAT, end) });
  }
}
