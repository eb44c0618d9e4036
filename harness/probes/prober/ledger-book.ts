// What the ledger's writer and its watch know together: when each record began, was acknowledged, and was delivered.

/** For how long a record is remembered after its begin; what is asked about it is asked within seconds. */
const MEMORY_NS = 60_000_000_000n;

interface Page {
  readonly record: number;
  readonly beganNs: bigint;
  acknowledgedNs?: bigint;
  deliveredNs?: bigint;
}

export class LedgerBook {
  /** Consecutive numbers. */
  readonly #pages: Page[] = [];
  #last = 0;

  /** @returns the record's number: from 1, without a gap */
  begin(atNs: bigint): number {
    const oldest = this.#pages[0];
    if (oldest && atNs - oldest.beganNs > MEMORY_NS) this.#pages.shift();
    this.#last += 1;
    this.#pages.push({ record: this.#last, beganNs: atNs });
    return this.#last;
  }

  acknowledge(record: number, atNs: bigint): void {
    const page = this.#page(record);
    if (page) page.acknowledgedNs = atNs;
  }

  /** @returns when the record began; undefined when it was delivered before, or is none of this book */
  deliver(record: number, atNs: bigint): bigint | undefined {
    const page = this.#page(record);
    if (!page || page.deliveredNs !== undefined) return undefined;
    page.deliveredNs = atNs;
    return page.beganNs;
  }

  /** The numbers of the records that began at this moment or later, and of those that are acknowledged. */
  since(atNs: bigint): { readonly begun: readonly number[]; readonly acknowledged: readonly number[] } {
    const from = this.#pages.findLastIndex(({ beganNs }) => beganNs < atNs) + 1;
    const pages = this.#pages.slice(from);
    const acknowledged = pages.filter(({ acknowledgedNs }) => acknowledgedNs !== undefined);
    return {
      begun: pages.map(({ record }) => record),
      acknowledged: acknowledged.map(({ record }) => record),
    };
  }

  /** A record that was acknowledged in this time, from the first moment to before the second, and is not delivered. */
  overdue(fromNs: bigint, toNs: bigint): number | undefined {
    return this.#pages.find(
      ({ acknowledgedNs, deliveredNs }) =>
        deliveredNs === undefined &&
        acknowledgedNs !== undefined &&
        acknowledgedNs >= fromNs &&
        acknowledgedNs < toNs,
    )?.record;
  }

  #page(record: number): Page | undefined {
    return this.#pages[record - (this.#pages[0]?.record ?? 0)];
  }
}
