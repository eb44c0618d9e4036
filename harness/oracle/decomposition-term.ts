// One term of a failover: when it came about, and what it may take. Interval arithmetic; no journal here.
import type { Stamp } from '../core/clock.ts';
import type { Decomposition } from '../core/result.ts';

export type DecomposedTerm = Decomposition['terms'][number];

/** Somewhere between the two; without `toMs`: not before the first, and nothing bounds it from above. */
export type Moment = NonNullable<DecomposedTerm['moment']>;

type Span = NonNullable<DecomposedTerm['sincePrevious']>;

export interface Term {
  readonly name: string;
  /** undefined: it was not seen, and the detail says why. */
  readonly moment: Moment | undefined;
  /** Whose clock told it, and how far that may be off; between two moments of one clock it does not count. Absent: exact. */
  readonly stamped?: Stamped | undefined;
  readonly detail: string;
  /** What it may take after the term before it. */
  readonly allowedMs?: number | undefined;
  /** When it is due at the latest, on the run's axis, where that does not hang on the term before it. */
  readonly dueMs?: number | undefined;
  /** Of a first term that precedes the fault: by how much it may. */
  readonly leadMs?: number | undefined;
}

interface Stamped {
  /** A host's name. */
  readonly by: string;
  readonly uncertaintyMs: number;
}

/** The clock of a term that a host's event told. */
export function stampedBy(by: string, { uncertaintyMs }: Pick<Stamp, 'uncertaintyMs'>): Stamped | undefined {
  return uncertaintyMs === undefined || uncertaintyMs === 0 ? undefined : { by, uncertaintyMs };
}

/** As far as any other clock can tell. */
export function widened({ fromMs, toMs }: Moment, uncertaintyMs = 0): Moment {
  return { fromMs: fromMs - uncertaintyMs, ...(toMs !== undefined && { toMs: toMs + uncertaintyMs }) };
}

export function exactly(atMs: number): Moment {
  return { fromMs: atMs, toMs: atMs };
}

export function notSeen(name: string, why: string, allowedMs?: number): Term {
  return { name, moment: undefined, detail: `not seen: ${why}`, allowedMs };
}

/**
 * From one moment to a later one: at least from the end of the first to the beginning of the second, at most from
 * beginning to end; never below 0.
 */
export function span(from: Moment, to: Moment): Span {
  const lowerMs = from.toMs === undefined ? 0 : Math.max(0, to.fromMs - from.toMs);
  return to.toMs === undefined ? { lowerMs } : { lowerMs, upperMs: Math.max(0, to.toMs - from.fromMs) };
}

/**
 * Terms in their order, each measured from the last one before it that was seen. One has overrun when even its lower
 * bound exceeds what is allowed; the one that did so by most is named. A term that was not seen adds what it may take to
 * the next; what comes after one that never came is not judged, as it waited for that.
 * @param deed when the fault struck
 */
export function chain(terms: readonly Term[], deed: Moment): Decomposition {
  const decomposed: DecomposedTerm[] = [];
  let previous: Seen | undefined;
  let skippedMs = 0;
  let isStuck = false;
  let worst = { excessMs: 0, name: undefined as string | undefined };
  for (const term of terms) {
    const { name, detail, stamped } = term;
    if (!term.moment) {
      decomposed.push({ name, overran: false, detail });
      skippedMs += term.allowedMs ?? 0;
      continue;
    }
    const seen: Seen = { told: term.moment, stamped, moment: widened(term.moment, stamped?.uncertaintyMs) };
    const { moment } = seen;
    const { allowedMs, excessMs } = isStuck ? NOT_JUDGED : judge(term, seen, { previous, deed, skippedMs });
    if (excessMs > worst.excessMs) worst = { excessMs, name };
    decomposed.push({
      name,
      moment,
      ...(previous && { sincePrevious: spanBetween(previous, seen) }),
      sinceFault: span(deed, moment),
      ...(allowedMs !== undefined && { allowedMs }),
      overran: excessMs > 0,
      detail,
    });
    skippedMs = 0;
    if (moment.toMs === undefined) isStuck = true;
    else previous = seen;
  }
  return { terms: decomposed, ...(worst.name !== undefined && { overrun: worst.name }) };
}

interface Seen {
  /** By the clock that told it. */
  readonly told: Moment;
  readonly stamped: Stamped | undefined;
  /** By any other. */
  readonly moment: Moment;
}

function spanBetween(from: Seen, to: Seen): Span {
  const isOneClock = from.stamped !== undefined && from.stamped.by === to.stamped?.by;
  return isOneClock ? span(from.told, to.told) : span(from.moment, to.moment);
}

interface Judged {
  readonly allowedMs: number | undefined;
  /** By how much even the lower bound exceeds that; not above 0 when it need not. */
  readonly excessMs: number;
}

const NOT_JUDGED: Judged = { allowedMs: undefined, excessMs: 0 };

function judge(
  { allowedMs, dueMs, leadMs }: Term,
  seen: Seen,
  since: { readonly previous: Seen | undefined; readonly deed: Moment; readonly skippedMs: number },
): Judged {
  const { previous, deed, skippedMs } = since;
  const { moment } = seen;
  if (leadMs !== undefined) return { allowedMs: leadMs, excessMs: span(moment, deed).lowerMs - leadMs };
  const from = previous?.moment ?? deed;
  if (dueMs !== undefined) {
    const dueAfterMs = Math.max(0, dueMs - (from.toMs ?? from.fromMs));
    return { allowedMs: dueAfterMs, excessMs: span(from, moment).lowerMs - dueAfterMs };
  }
  if (allowedMs === undefined) return NOT_JUDGED;
  const limitMs = allowedMs + skippedMs;
  const tookMs = (previous ? spanBetween(previous, seen) : span(deed, moment)).lowerMs;
  return { allowedMs: limitMs, excessMs: tookMs - limitMs };
}
