// Who holds the VIP: every master's own account of its addresses, streamed from its kernel, never polled.
// A host that goes away is lost and is watched again, from a new snapshot, as soon as it answers.
import type { HostClock, HostClocks, RunClock } from '../core/clock.ts';
import type { Host, StreamEnd } from '../core/host.ts';
import type { Recorder } from '../core/record.ts';
import { AddressView } from './address-view.ts';
import { KernelStamps } from './kernel-stamps.ts';
import { monitorCommand } from './monitor-lines.ts';
import { describeEnd, startStreamWatch, type StreamReader, type StreamWatch } from './stream-watch.ts';

const WHAT = 'address monitor';

export interface VipWatchOptions {
  /** The hosts that may hold the VIP. */
  readonly hosts: readonly Host[];
  /** Without prefix length. */
  readonly vip: string;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly clocks: HostClocks;
}

export type VipWatch = StreamWatch;

/**
 * Resolves when every host's first snapshot is written down.
 * @throws HoldfastError when a host gives none, with what it answered last
 */
export async function startVipWatch(options: VipWatchOptions): Promise<VipWatch> {
  const argv = monitorCommand({ object: 'address', snapshot: ['-o', '-4', 'address', 'show'] });
  return startStreamWatch(
    `first snapshot of the addresses of ${options.hosts.map(({ name }) => name).join(', ')}`,
    options.hosts.map((host) => ({
      host,
      what: WHAT,
      argv,
      open: async () => new AddressReader(host, options, await options.clocks.of(host)),
    })),
  );
}

class AddressReader implements StreamReader {
  readonly #host: Host;
  readonly #options: VipWatchOptions;
  readonly #stamps: KernelStamps;
  readonly #view: AddressView;

  constructor(host: Host, options: VipWatchOptions, hostClock: HostClock) {
    this.#host = host;
    this.#options = options;
    this.#stamps = new KernelStamps(hostClock);
    this.#view = new AddressView(options.vip);
  }

  get hasBegun(): boolean {
    return this.#view.hasSnapshot;
  }

  read(line: string): void {
    const { recorder } = this.#options;
    for (const { epochMs, ...change } of this.#view.read(line)) {
      const stamp = this.#stamps.stamp(epochMs);
      recorder.append({ type: 'vip.address', ...stamp, host: this.#host.name, ...change });
    }
  }

  finish(endedNs: bigint, end: StreamEnd | undefined): void {
    if (!end) return;
    const { recorder, clock } = this.#options;
    const [atMs, host] = [clock.fromMonotonicNs(endedNs), this.#host];
    if (end.exitCode === undefined) {
      recorder.append({ type: 'vip.address', atMs, host: host.name, present: false, source: 'lost' });
    } else {
      // The host is still there and may well hold the VIP: the next snapshot tells.
      recorder.append({ type: 'note', atMs, text: describeEnd(host, WHAT, end) });
    }
  }
}
