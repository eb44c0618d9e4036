// How far a host's monotonic clock is ahead of the harness's, as an interval that certainly holds it. Pure arithmetic.
//
// One exchange bounds it (Cristian 1989; NTP's on-wire protocol, RFC 5905 section 8): the host read its clock after it was
// asked and before it was heard. The exchange with the least round trip bounds it best (the clock filter's minimum delay,
// RFC 5905 section 10), however unequal the ways there and back are.

/** Nanoseconds. `asked` and `heard` are the harness's CLOCK_MONOTONIC. */
export interface ClockExchange {
  readonly askedNs: bigint;
  readonly heardNs: bigint;
  /** The host's CLOCK_MONOTONIC before it read its wall clock, and after. */
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
  /** The host's wall clock, since 1970. */
  readonly wallNs: bigint;
}

/** What a way of reading clocks leaves out: a reading is the time rounded down to this. */
export interface Resolution {
  readonly monotonicNs: bigint;
  readonly wallNs: bigint;
}

/** The host's CLOCK_MONOTONIC minus the harness's lies between the two, both included. */
export interface OffsetInterval {
  readonly leastNs: bigint;
  readonly mostNs: bigint;
  /** The harness's CLOCK_MONOTONIC at which that is so; before and after it the clocks may drift apart. */
  readonly atNs: bigint;
}

export interface ClockMeasure extends OffsetInterval {
  readonly roundTripNs: bigint;
  /** The host's wall clock minus its CLOCK_MONOTONIC: constant, unless somebody sets the wall clock. */
  readonly wallAheadNs: bigint;
  readonly wallUncertaintyNs: bigint;
}

/**
 * Two clocks do not drift apart faster: what the kernel lets a clock be slewed by (adjtimex(2): 500 ppm), far more than
 * crystals differ. Each measure says whether it was so since the one before.
 */
const DRIFT_PPM = 500;

/** @throws RangeError without any exchange */
export function measureOf(exchanges: readonly ClockExchange[], resolution: Resolution): ClockMeasure {
  const [best] = exchanges.toSorted((one, other) => Number(roundTripNs(one) - roundTripNs(other)));
  if (!best) throw new RangeError('no exchange');
  const { askedNs, heardNs, beforeNs, afterNs, wallNs } = best;
  return {
    leastNs: afterNs - heardNs,
    mostNs: beforeNs + resolution.monotonicNs - askedNs,
    atNs: (askedNs + heardNs) / 2n,
    roundTripNs: roundTripNs(best),
    wallAheadNs: wallNs - (beforeNs + afterNs) / 2n,
    wallUncertaintyNs: (afterNs - beforeNs + 1n) / 2n + resolution.monotonicNs + resolution.wallNs,
  };
}

/** What the way took, without what the host took to read its clocks. */
function roundTripNs({ askedNs, heardNs, beforeNs, afterNs }: ClockExchange): bigint {
  return heardNs - askedNs - (afterNs - beforeNs);
}

export function middleOf({ leastNs, mostNs }: OffsetInterval): bigint {
  return (leastNs + mostNs) / 2n;
}

/** Half the interval's width, in ms. */
export function uncertaintyOf({ leastNs, mostNs }: OffsetInterval): number {
  return Number(mostNs - leastNs) / 2e6;
}

/** An offset to translate by: one value of all that it can be. */
export interface ClockOffset extends OffsetInterval {
  readonly offsetNs: bigint;
}

/**
 * The offset after another measure of the same boot. It stays what it was for as long as it can be right, so that what is
 * told by this one clock is not shifted against itself.
 * @returns undefined when both cannot be true: one of the clocks was stopped, or slewed faster than clocks are
 */
export function followed(previous: ClockOffset, next: OffsetInterval): ClockOffset | undefined {
  const slackNs = driftNs(previous, next.atNs);
  const leastNs = larger(previous.leastNs - slackNs, next.leastNs);
  const mostNs = -larger(-previous.mostNs - slackNs, -next.mostNs);
  if (leastNs > mostNs) return undefined;
  const interval = { leastNs, mostNs, atNs: next.atNs };
  const isStillRight = leastNs <= previous.offsetNs && previous.offsetNs <= mostNs;
  return { ...interval, offsetNs: isStillRight ? previous.offsetNs : middleOf(interval) };
}

export function begun(measure: OffsetInterval): ClockOffset {
  const { leastNs, mostNs, atNs } = measure;
  return { leastNs, mostNs, atNs, offsetNs: middleOf(measure) };
}

/** By how much a translation by this offset may be off, for a stamp of this moment of the harness's clock; ms, rounded up. */
export function uncertaintyAt(offset: ClockOffset, atNs: bigint): number {
  const { leastNs, mostNs, offsetNs } = offset;
  const offNs = larger(mostNs - offsetNs, offsetNs - leastNs) + driftNs(offset, atNs);
  // Hundredths of a millisecond: finer would only make the record longer.
  return Math.ceil(Number(offNs) / 1e4) / 100;
}

/** By how much two measures of one boot contradict each other; ms, 0 when both can be true. */
export function contradictionMs(
  one: { readonly atMs: number; readonly offsetMs: number; readonly uncertaintyMs: number },
  other: { readonly atMs: number; readonly offsetMs: number; readonly uncertaintyMs: number },
): number {
  const allowedMs =
    one.uncertaintyMs + other.uncertaintyMs + (Math.abs(other.atMs - one.atMs) * DRIFT_PPM) / 1e6;
  return Math.max(0, Math.abs(other.offsetMs - one.offsetMs) - allowedMs);
}

function driftNs({ atNs }: OffsetInterval, otherNs: bigint): bigint {
  const awayNs = otherNs > atNs ? otherNs - atNs : atNs - otherNs;
  return (awayNs * BigInt(DRIFT_PPM)) / 1_000_000n + 1n;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
