// What the VIP's hosts say on the wire: VRRP adverts and gratuitous ARP, captured on the observer's own interface and
// stamped by its kernel. That a thing was not seen means something only while the capture ran.
import type { HostClock, HostClocks, RunClock, Stamp } from '../core/clock.ts';
import type { Host, StreamEnd } from '../core/host.ts';
import type { GratuitousArp, Recorder, VrrpAdvert } from '../core/record.ts';
import { KernelStamps } from './kernel-stamps.ts';
import { describeEnd, startStreamWatch, type StreamReader, type StreamWatch } from './stream-watch.ts';
import { parseWireLine, wireFilter, type WireLine } from './wire-lines.ts';

const WHAT = 'capture';
/** Lines that say nothing of the VIP: tcpdump's complaints, kept for the case that it ends. */
const REMARKS_KEPT = 3;

/**
 * tcpdump says what it has dropped when it is told to end, so a reader beside it waits for that. It takes over the
 * shell's process; the reader makes sure that it is still tcpdump that it ends. Its standard error comes with its
 * output, which is the only way to hear that it listens. Without immediate mode the kernel keeps packets for a second.
 */
const CAPTURE_SCRIPT = `
device=$(ip -o route get "$1" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
exec 3<&0
( read -r _ <&3; [ "$(cat /proc/$$/comm)" = tcpdump ] && kill $$ ) >/dev/null 2>&1 &
exec tcpdump -n -l -e -tt --immediate-mode -s 256 -i "$device" "$2" 2>&1 </dev/null 3<&-
`;

export interface WireWatchOptions {
  /** Where the capture runs. */
  readonly host: Host;
  /** Without prefix length. */
  readonly vip: string;
  /** The hosts that adverts may come from. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Host → link-layer address, lower case with colons. */
  readonly linkAddresses: Readonly<Record<string, string>>;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly clocks: HostClocks;
}

/**
 * Resolves when the capture runs.
 * @throws HoldfastError when it does not, with what tcpdump said
 */
export async function startWireWatch(options: WireWatchOptions): Promise<StreamWatch> {
  const { host, vip } = options;
  const argv = ['sh', '-c', CAPTURE_SCRIPT, 'sh', vip, wireFilter(vip)];
  const open = async (): Promise<StreamReader> => new WireReader(options, await options.clocks.of(host));
  return startStreamWatch(`capture on ${host.name}`, [
    { host, what: WHAT, argv, open, hasLastWords: true, isHopeless: isForbidden },
  ]);
}

/** To a user without the right to capture, or where there is no tcpdump: both are so the next time too. */
function isForbidden({ message }: Error): boolean {
  return /operation not permitted|don't have permission|tcpdump: not found/i.test(message);
}

type Packet = Extract<WireLine, { readonly epochMs: number }>;

class WireReader implements StreamReader {
  readonly #options: WireWatchOptions;
  readonly #stamps: KernelStamps;
  readonly #hostOfAddress: ReadonlyMap<string, string>;
  readonly #hostOfLink: ReadonlyMap<string, string>;
  #remarks: string[] = [];
  #dropped: number | undefined;
  #hasBegun = false;

  constructor(options: WireWatchOptions, hostClock: HostClock) {
    this.#options = options;
    this.#stamps = new KernelStamps(hostClock);
    this.#hostOfAddress = new Map(options.hosts.map(({ name, address }) => [address, name]));
    this.#hostOfLink = new Map(Object.entries(options.linkAddresses).map(([name, link]) => [link, name]));
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  read(line: string): void {
    const { recorder, clock, vip } = this.#options;
    const parsed = parseWireLine(line, vip);
    if (!parsed) {
      this.#remarks = [...this.#remarks, line].slice(-REMARKS_KEPT);
    } else if (parsed.kind === 'dropped') {
      this.#dropped = parsed.packets;
    } else if (parsed.kind === 'listening') {
      this.#hasBegun = true;
      recorder.append({ type: 'capture', atMs: clock.now(), state: 'started' });
    } else {
      recorder.append(this.#toEvent(parsed, this.#stamps.stamp(parsed.epochMs)));
    }
  }

  #toEvent(line: Packet, stamp: Stamp): VrrpAdvert | GratuitousArp {
    if (line.kind === 'advert') {
      const host = this.#hostOfAddress.get(line.advert.source);
      return { type: 'vrrp.advert', ...stamp, ...line.advert, ...(host !== undefined && { host }) };
    }
    const { linkAddress } = line;
    const host = this.#hostOfLink.get(linkAddress);
    return { type: 'arp.gratuitous', ...stamp, linkAddress, ...(host !== undefined && { host }) };
  }

  finish(endedNs: bigint, end: StreamEnd | undefined): void {
    const { recorder, clock, host } = this.#options;
    recorder.append({
      type: 'capture',
      atMs: clock.fromMonotonicNs(endedNs),
      state: 'stopped',
      ...(this.#dropped !== undefined && { dropped: this.#dropped }),
      ...(end && { detail: [describeEnd(host, WHAT, end), ...this.#remarks].join('; ') }),
    });
  }
}
