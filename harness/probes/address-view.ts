// One host's account of one address, from the lines of `ip monitor` and of a snapshot taken beside it. Pure.

export interface AddressChange {
  readonly epochMs: number;
  readonly present: boolean;
  readonly source: 'snapshot' | 'event';
}

interface AddressEvent {
  readonly epochMs: number;
  readonly deleted: boolean;
  /** Interface and address: the same address may stand on two, or with two prefix lengths. */
  readonly place: string;
}

// iproute2 6.1: "[2026-01-31T06:27:20.397236] Deleted 3: eth0    inet 10.10.102.21/24 scope global eth0\ …"
const EVENT = /^\[(\S+)\.(\d+)\] (Deleted )?(\d+: \S+ +inet \S+)/;
const SNAPSHOT_ENTRY = /^(\d+: \S+ +inet \S+)/;
const SNAPSHOT_START = /^snapshot (\d+\.\d+)$/;
const SNAPSHOT_END = 'snapshot end';

export class AddressView {
  readonly #address: string;
  readonly #places = new Set<string>();
  /** Read before the snapshot was complete. */
  #early: AddressEvent[] = [];
  #snapshotPlaces: string[] = [];
  #snapshotEpochMs = 0;
  #present: boolean | undefined;
  #hasSnapshot = false;

  /** @param address without prefix length */
  constructor(address: string) {
    this.#address = address;
  }

  get hasSnapshot(): boolean {
    return this.#hasSnapshot;
  }

  /** The changes that this line completes; an address that is added where it stands already is none. */
  read(line: string): readonly AddressChange[] {
    const event = this.#parseEvent(line);
    if (event) {
      if (this.#hasSnapshot) return this.#apply(event);
      this.#early.push(event);
      return [];
    }
    const start = SNAPSHOT_START.exec(line);
    const place = SNAPSHOT_ENTRY.exec(line)?.[1];
    if (start) this.#snapshotEpochMs = Number(start[1]) * 1000;
    else if (place !== undefined && this.#isOurs(place)) this.#snapshotPlaces.push(place);
    else if (line === SNAPSHOT_END) return this.#begin();
    return [];
  }

  /**
   * What was stamped before the snapshot began is in the snapshot. What came after may or may not be: applied again
   * it does no harm, since each event says how things stand and not how they changed.
   */
  #begin(): readonly AddressChange[] {
    this.#hasSnapshot = true;
    this.#snapshotPlaces.forEach((place) => this.#places.add(place));
    this.#present = this.#places.size > 0;
    const snapshot = { epochMs: this.#snapshotEpochMs, present: this.#present, source: 'snapshot' } as const;
    const since = this.#early.filter(({ epochMs }) => epochMs >= this.#snapshotEpochMs);
    return [snapshot, ...since.flatMap((event) => this.#apply(event))];
  }

  #apply({ epochMs, deleted, place }: AddressEvent): readonly AddressChange[] {
    if (deleted) this.#places.delete(place);
    else this.#places.add(place);
    const present = this.#places.size > 0;
    if (present === this.#present) return [];
    this.#present = present;
    return [{ epochMs, present, source: 'event' }];
  }

  #parseEvent(line: string): AddressEvent | undefined {
    const [, time, fraction, deleted, place] = EVENT.exec(line) ?? [];
    if (place === undefined || !this.#isOurs(place)) return undefined;
    const epochMs = Date.parse(`${time}Z`) + Number(`0.${fraction}`) * 1000;
    return { epochMs, deleted: deleted !== undefined, place };
  }

  #isOurs(place: string): boolean {
    return place.replace(/^.* inet /, '').split('/')[0] === this.#address;
  }
}
