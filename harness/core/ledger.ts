// The account of the ledger: what the writer was told of each record against what was read back afterwards. Pure.
import type { LedgerRead, Sample, ScenarioRecord } from './record.ts';
import type { WritesResult } from './result.ts';
import { eventsOfType } from './scenario-view.ts';

export type LedgerEntry = LedgerRead['entries'][number];

/** One append as its writer saw it. */
export interface Append extends NonNullable<Sample['append']> {
  /** It was sent no earlier than this … */
  readonly beganMs: number;
  /** … and its outcome was known no later than this. */
  readonly endedMs: number;
  /** The server's answer, where it refused. */
  readonly status?: number | undefined;
}

/** Records are named as a reader finds them again: "record 17 (k1)". */
export interface LedgerAccount {
  readonly acknowledged: readonly Append[];
  readonly refused: readonly Append[];
  readonly indeterminate: readonly Append[];
  /** Indeterminate, and there when it was read back. */
  readonly indeterminateKept: number;
  /** Acknowledged before the reading began, and not there. */
  readonly lost: readonly string[];
  /** There more than once: a request was carried out twice. */
  readonly duplicated: readonly string[];
  /** Not after what had been acknowledged before it began, or at another revision than was acknowledged. */
  readonly reordered: readonly string[];
  /** The server answered that it would not write them, and wrote them. */
  readonly refusedKept: readonly string[];
  /** There, although the writer says that it never sent them: its own account is wrong. */
  readonly unsentKept: readonly string[];
  /** Numbers that the writer must have given away and whose outcome the record does not hold, there or not. */
  readonly unaccounted: readonly string[];
  /** Numbers that were given away more than once: two writers in one ledger. */
  readonly repeated: readonly string[];
}

/** Every append of a scenario, by its number. */
export function appendsOf({ events }: ScenarioRecord): Append[] {
  return eventsOfType(events, 'sample')
    .flatMap(({ append, atMs, durationMs, failure, status }): Append[] =>
      append
        ? [
            {
              ...append,
              beganMs: atMs,
              endedMs: atMs + durationMs,
              ...(failure === 'status' && { status }),
            },
          ]
        : [],
    )
    .toSorted((one, other) => one.record - other.record);
}

/** The last reading of a scenario's ledger: only what is there in the end has been kept. */
export function ledgerReadOf({ events }: ScenarioRecord): LedgerRead | undefined {
  return eventsOfType(events, 'ledger.read').at(-1);
}

/** The ledger in result.json; undefined when nothing was appended or nothing was read back. */
export function writesOf(record: ScenarioRecord): WritesResult | undefined {
  const appends = appendsOf(record);
  const read = ledgerReadOf(record);
  if (appends.length === 0 || !read) return undefined;
  const account = accountOf(appends, read);
  return {
    acknowledged: account.acknowledged.length,
    refused: account.refused.length,
    indeterminate: account.indeterminate.length,
    indeterminateKept: account.indeterminateKept,
    lost: account.lost,
    duplicated: account.duplicated,
    reordered: account.reordered,
  };
}

/** @param appends by number */
export function accountOf(
  appends: readonly Append[],
  { entries, atMs }: Pick<LedgerRead, 'entries' | 'atMs'>,
): LedgerAccount {
  const kept = new Map<string, number[]>();
  for (const entry of entries) kept.set(nameOf(entry), [...(kept.get(nameOf(entry)) ?? []), entry.revision]);
  const isKept = (one: LedgerEntry | Append): boolean => kept.has(nameOf(one));
  const withOutcome = (outcome: Append['outcome']): Append[] =>
    appends.filter((one) => one.outcome === outcome);
  const acknowledged = withOutcome('acknowledged');
  const refused = withOutcome('refused');
  const indeterminate = withOutcome('indeterminate');
  const refusedKept = refused.filter(isKept);
  return {
    acknowledged,
    refused,
    indeterminate,
    indeterminateKept: indeterminate.filter(isKept).length,
    lost: acknowledged.filter((one) => one.endedMs < atMs && !isKept(one)).map(nameOf),
    duplicated: [...kept].filter(([, revisions]) => revisions.length > 1).map(([name]) => name),
    reordered: [...movedRecords(acknowledged, kept), ...overtakenRecords(appends, kept)],
    refusedKept: refusedKept.filter(({ status }) => status !== undefined).map(nameOf),
    unsentKept: refusedKept.filter(({ status }) => status === undefined).map(nameOf),
    ...numberingOf(appends, entries),
  };
}

function nameOf({ record, key }: Pick<LedgerEntry, 'record' | 'key'>): string {
  return `record ${record} (${key})`;
}

/** Acknowledged at one revision, read back at another: not the object that was acknowledged. */
function movedRecords(
  acknowledged: readonly Append[],
  kept: ReadonlyMap<string, readonly number[]>,
): string[] {
  return acknowledged.flatMap((append) => {
    const { revision } = append;
    const found = kept.get(nameOf(append));
    if (revision === undefined || !found || found.includes(revision)) return [];
    return [`${nameOf(append)} acknowledged at revision ${revision}, found at ${found.join(', ')}`];
  });
}

interface Placed {
  readonly append: Append;
  readonly revision: number;
}

/**
 * Real-time order for each key (linearizability, as far as a client can see it): what began after another record had been
 * acknowledged has the higher revision. Records that were under way at once may stand in either order.
 */
function overtakenRecords(
  appends: readonly Append[],
  kept: ReadonlyMap<string, readonly number[]>,
): string[] {
  const byKey = new Map<string, Placed[]>();
  for (const append of appends) {
    const [found] = kept.get(nameOf(append)) ?? [];
    const revision = append.revision ?? found;
    if (revision === undefined) continue;
    const ofKey = byKey.get(append.key);
    if (ofKey) ofKey.push({ append, revision });
    else byKey.set(append.key, [{ append, revision }]);
  }
  return [...byKey.values()].flatMap(overtakenOfKey);
}

function overtakenOfKey(placed: readonly Placed[]): string[] {
  const byStart = placed.toSorted((one, other) => one.append.beganMs - other.append.beganMs);
  const byEnd = placed
    .filter(({ append }) => append.outcome === 'acknowledged')
    .toSorted((one, other) => one.append.endedMs - other.append.endedMs);
  const findings: string[] = [];
  let newest: Placed | undefined;
  let next = 0;
  for (const later of byStart) {
    for (
      let earlier = byEnd[next];
      earlier && earlier.append.endedMs < later.append.beganMs;
      earlier = byEnd[++next]
    ) {
      if (!newest || earlier.revision > newest.revision) newest = earlier;
    }
    if (newest && newest.revision >= later.revision) {
      findings.push(
        `${nameOf(later.append)} at revision ${later.revision}, not after ${nameOf(newest.append)} at ${newest.revision}`,
      );
    }
  }
  return findings;
}

/** The writer numbers its records from 1 without a gap, so a gap is a sample that the record does not hold. */
function numberingOf(
  appends: readonly Append[],
  entries: readonly LedgerEntry[],
): Pick<LedgerAccount, 'unaccounted' | 'repeated'> {
  const appended = new Map<number, number>();
  for (const { record } of appends) appended.set(record, (appended.get(record) ?? 0) + 1);
  const highest = appends.at(-1)?.record ?? 0;
  const missing = Array.from({ length: highest }, (_, index) => index + 1).filter(
    (number) => !appended.has(number),
  );
  const unheardOf = entries.map(({ record }) => record).filter((number) => number > highest);
  const name = (number: number): string => `record ${number}`;
  return {
    unaccounted: [...missing, ...unheardOf].map(name),
    repeated: [...appended].filter(([, times]) => times > 1).map(([number]) => name(number)),
  };
}
