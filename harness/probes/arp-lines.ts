// A host's ARP entry for one address, from the lines of `ip monitor neigh` and of a snapshot taken beside it. Pure.
import { MonitorLines, type Told } from './monitor-lines.ts';

export interface ArpChange {
  readonly epochMs: number;
  /** Absent while there is none, or none that is resolved. */
  readonly linkAddress?: string;
  /** Absent: no entry. */
  readonly state?: string;
  readonly source: 'snapshot' | 'event';
}

type Entry = Omit<ArpChange, 'epochMs' | 'source'>;

// iproute2 6.1, ipneigh.c: "10.10.102.21 dev eth0 lladdr 02:42:0a:0a:66:5b STALE", "Deleted 10.10.102.21 dev eth0 FAILED".
const ENTRY =
  /^(Deleted )?(\S+) dev \S+ .*?(?:lladdr ([0-9a-f:]{17}) .*?)?\b(NONE|INCOMPLETE|REACHABLE|STALE|DELAY|PROBE|FAILED|NOARP|PERMANENT)\b/;
/** The kernel has no link address that it would send to (NUD_VALID in neighbour.h is all the others). */
const UNRESOLVED: readonly string[] = ['NONE', 'INCOMPLETE', 'FAILED'];

export class ArpView {
  readonly #address: string;
  readonly #lines = new MonitorLines();
  #entry: Entry | undefined;

  constructor(address: string) {
    this.#address = address;
  }

  get hasSnapshot(): boolean {
    return this.#lines.hasSnapshot;
  }

  /** The changes that this line completes. Every change of the link address is one; so is every change of state. */
  read(line: string): readonly ArpChange[] {
    return this.#lines.read(line).flatMap((told) => this.#changes(told));
  }

  #changes(told: Told): readonly ArpChange[] {
    const isSnapshot = 'entries' in told;
    const lines = isSnapshot ? told.entries : [told.event];
    const entry = lines.flatMap((line) => this.#parse(line) ?? []).at(-1) ?? (isSnapshot ? {} : undefined);
    const isKnown = entry?.linkAddress === this.#entry?.linkAddress && entry?.state === this.#entry?.state;
    if (!entry || (isKnown && !isSnapshot)) return [];
    this.#entry = entry;
    return [{ epochMs: told.epochMs, ...entry, source: isSnapshot ? 'snapshot' : 'event' }];
  }

  #parse(line: string): Entry | undefined {
    const [, deleted, address, linkAddress, state] = ENTRY.exec(line) ?? [];
    if (state === undefined || address !== this.#address) return undefined;
    if (deleted !== undefined) return {};
    return { state, ...(linkAddress !== undefined && !UNRESOLVED.includes(state) && { linkAddress }) };
  }
}
