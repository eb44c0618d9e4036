// The ledger against stores that keep their word and stores that do not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountOf, type Append, type LedgerEntry } from './ledger.ts';

interface Told {
  readonly gapMs: number;
  readonly tookMs: number;
  /** When in that time the store wrote it, as a share. */
  readonly moment: number;
  readonly outcome: Append['outcome'];
  /** Whether a write without a clear answer was carried out. */
  readonly carriedOut: boolean;
}

const told = fc.record<Told>({
  gapMs: fc.integer({ min: 1, max: 50 }),
  tookMs: fc.integer({ min: 1, max: 400 }),
  moment: fc.double({ min: 0, max: 1, noNaN: true }),
  outcome: fc.constantFrom('acknowledged', 'acknowledged', 'acknowledged', 'refused', 'indeterminate'),
  carriedOut: fc.boolean(),
});

/** A store that writes each record once, somewhere between its request and its answer, and counts its revisions up. */
function honestStore(story: readonly Told[]): { appends: Append[]; entries: LedgerEntry[]; atMs: number } {
  let beganMs = 0;
  const placed = story.map(({ gapMs, tookMs, moment, outcome, carriedOut }, index) => {
    beganMs += gapMs;
    const isWritten = outcome === 'acknowledged' || (outcome === 'indeterminate' && carriedOut);
    const endedMs = beganMs + tookMs;
    const record = index + 1;
    const append = { key: `k${record % 3}`, record, outcome, beganMs, endedMs };
    return { append, isWritten, writtenMs: beganMs + moment * tookMs };
  });
  const written = placed
    .filter(({ isWritten }) => isWritten)
    .toSorted((one, other) => one.writtenMs - other.writtenMs);
  const revisions = new Map(written.map(({ append }, index) => [append.record, 100 + 3 * index]));
  const appends = placed.map(({ append }): Append => {
    const revision = revisions.get(append.record);
    const isTold = append.outcome === 'acknowledged' && revision !== undefined;
    return isTold ? { ...append, revision } : append;
  });
  const entries = written.map(({ append: { key, record } }) => ({
    key,
    record,
    revision: revisions.get(record) ?? 0,
  }));
  return { appends, entries, atMs: Math.max(0, ...appends.map(({ endedMs }) => endedMs)) + 1 };
}

const CLEAN = {
  lost: [],
  duplicated: [],
  reordered: [],
  refusedKept: [],
  unsentKept: [],
  unaccounted: [],
  repeated: [],
};

describe('a ledger', () => {
  test('of a store that keeps its word has nothing against it, however its requests overlapped', () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 40 }), (story) => {
        const { appends, ...read } = honestStore(story);
        const account = accountOf(appends, read);
        expect(account).toMatchObject(CLEAN);
        const { acknowledged, refused, indeterminate, indeterminateKept } = account;
        expect(acknowledged.length + refused.length + indeterminate.length).toBe(story.length);
        expect(acknowledged.length + indeterminateKept).toBe(read.entries.length);
      }),
    );
  });

  test('names every acknowledged record that is gone, and no other', () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 40 }), fc.func(fc.boolean()), (story, isGone) => {
        const { appends, entries, atMs } = honestStore(story);
        const gone = new Set(entries.filter(({ record }) => isGone(record)).map(({ record }) => record));
        const left = entries.filter(({ record }) => !gone.has(record));
        const expected = appends.filter(
          ({ record, outcome }) => gone.has(record) && outcome === 'acknowledged',
        );
        const account = accountOf(appends, { entries: left, atMs });
        expect(account.lost).toEqual(expected.map(({ record, key }) => `record ${record} (${key})`));
        expect(account.reordered).toEqual([]);
      }),
    );
  });

  test('names a record that began after another of its key was acknowledged and stands before it', () => {
    fc.assert(
      fc.property(fc.array(told, { minLength: 2, maxLength: 30 }), (story) => {
        const { appends, entries, atMs } = honestStore(story);
        const pair = orderedPair(appends);
        fc.pre(pair !== undefined);
        const { earlier, later } = pair;
        const swapped = appends.map((one) => {
          if (one === earlier) return { ...one, revision: later.revision };
          return one === later ? { ...one, revision: earlier.revision } : one;
        });
        const revisions = new Map(swapped.map(({ record, revision }) => [record, revision]));
        const moved = entries.map((one) => ({ ...one, revision: revisions.get(one.record) ?? one.revision }));
        const { reordered } = accountOf(swapped, { entries: moved, atMs });
        expect(reordered.some((name) => name.startsWith(`record ${later.record} (`))).toBe(true);
      }),
    );
  });

  test('leaves the order of records open that were under way at once', () => {
    const overlapping = [append(1, 0, 50, { revision: 8 }), append(4, 49, 90, { revision: 7 })];
    expect(overtaken(overlapping)).toEqual([]);
    const apart = [append(1, 0, 50, { revision: 8 }), append(4, 51, 90, { revision: 7 })];
    expect(overtaken(apart)).toEqual(['record 4 (k1) at revision 7, not after record 1 (k1) at 8']);
  });

  test('compares a record without a clear answer with what was acknowledged before it, not with what followed', () => {
    const unclear = { outcome: 'indeterminate' } as const;
    const appends = [append(1, 0, 5, { revision: 8 }), append(4, 10, 90, unclear)];
    const found = (revision: number): readonly string[] =>
      accountOf(appends, { atMs: 1000, entries: [entry(1, 8), entry(4, revision)] }).reordered;
    expect(found(7)).toHaveLength(1);
    // It may have been carried out long after its writer gave up.
    expect(found(900)).toEqual([]);
    const followed = [append(1, 0, 5, unclear), append(4, 10, 90, { revision: 8 })];
    expect(accountOf(followed, { atMs: 1000, entries: [entry(1, 900), entry(4, 8)] }).reordered).toEqual([]);
  });

  test('tells a server that refused and wrote from a writer that is wrong about itself', () => {
    const appends = [
      append(1, 0, 5, { outcome: 'refused', status: 403 }),
      append(2, 10, 15, { outcome: 'refused' }),
    ];
    const account = accountOf(appends, { atMs: 1000, entries: [entry(1, 8), entry(2, 9)] });
    expect(account).toMatchObject({ refusedKept: ['record 1 (k1)'], unsentKept: ['record 2 (k2)'] });
  });

  test('knows a record by its number and its key', () => {
    const read = { atMs: 1000, entries: [{ record: 1, key: 'k2', revision: 8 }] };
    expect(accountOf([append(1, 0, 5, { revision: 8 })], read).lost).toEqual(['record 1 (k1)']);
  });

  test('counts no record as lost that was acknowledged when the reading had begun', () => {
    const read = { atMs: 5, entries: [] };
    expect(accountOf([append(1, 0, 5, { revision: 8 })], read).lost).toEqual([]);
  });

  test('of two writers that number alike is told by its numbers', () => {
    const appends = [append(1, 0, 5, { revision: 8 }), append(1, 10, 15, { revision: 9 })];
    expect(accountOf(appends, { atMs: 1000, entries: [] }).repeated).toEqual(['record 1']);
  });

  test('misses the numbers that have no outcome, also those above all that have one', () => {
    const appends = [append(1, 0, 5, { revision: 8 }), append(3, 10, 15, { revision: 9 })];
    const read = { atMs: 1000, entries: [entry(1, 8), entry(3, 9), entry(5, 10)] };
    expect(accountOf(appends, read).unaccounted).toEqual(['record 2', 'record 5']);
  });
});

function append(record: number, beganMs: number, endedMs: number, more: Partial<Append> = {}): Append {
  return { record, key: `k${record % 3}`, outcome: 'acknowledged', beganMs, endedMs, ...more };
}

function entry(record: number, revision: number): LedgerEntry {
  return { record, key: `k${record % 3}`, revision };
}

function overtaken(appends: readonly Append[]): readonly string[] {
  const entries = appends.map(({ key, record, revision = 0 }) => ({ key, record, revision }));
  return accountOf(appends, { entries, atMs: 1000 }).reordered;
}

/** Two acknowledged records of one key of which one was over before the other began. */
function orderedPair(
  appends: readonly Append[],
): { readonly earlier: Append; readonly later: Append } | undefined {
  const acknowledged = appends.filter(({ outcome }) => outcome === 'acknowledged');
  for (const earlier of acknowledged) {
    const later = acknowledged.find(({ key, beganMs }) => key === earlier.key && beganMs > earlier.endedMs);
    if (later) return { earlier, later };
  }
  return undefined;
}
