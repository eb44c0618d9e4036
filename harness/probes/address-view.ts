// One host's account of one address, from the lines of `ip monitor address` and of a snapshot taken beside it. Pure.
import { MonitorLines, type Told } from './monitor-lines.ts';

export interface AddressChange {
  readonly epochMs: number;
  readonly present: boolean;
  readonly source: 'snapshot' | 'event';
}

// "Deleted 3: eth0    inet 10.10.102.21/24 scope global eth0\ …"
const ENTRY = /^(Deleted )?(\d+: \S+ +inet (\S+))/;

export class AddressView {
  readonly #address: string;
  readonly #lines = new MonitorLines();
  /** Interface and address: the same address may stand on two, or with two prefix lengths. */
  readonly #places = new Set<string>();
  #present: boolean | undefined;

  /** @param address without prefix length */
  constructor(address: string) {
    this.#address = address;
  }

  get hasSnapshot(): boolean {
    return this.#lines.hasSnapshot;
  }

  /** The changes that this line completes; an address that is added where it stands already is none. */
  read(line: string): readonly AddressChange[] {
    return this.#lines.read(line).flatMap((told) => this.#changes(told));
  }

  #changes(told: Told): readonly AddressChange[] {
    const isSnapshot = 'entries' in told;
    for (const entry of isSnapshot ? told.entries : [told.event]) this.#apply(entry);
    const present = this.#places.size > 0;
    if (present === this.#present) return [];
    this.#present = present;
    return [{ epochMs: told.epochMs, present, source: isSnapshot ? 'snapshot' : 'event' }];
  }

  #apply(entry: string): void {
    const [, deleted, place, address] = ENTRY.exec(entry) ?? [];
    if (place === undefined || address?.split('/')[0] !== this.#address) return;
    if (deleted === undefined) this.#places.add(place);
    else this.#places.delete(place);
  }
}
