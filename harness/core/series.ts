// One series of samples as outages and availability. Pure arithmetic; samples may come in any order.
//
// A sample stands for "a request begun at this moment": the series is down from the first moment at which a request
// begun then fails. Sampling sees that only from both sides, so every outage is a pair of bounds.
import type { FailureKind, Sample } from './record.ts';

export type SeriesSample = Pick<Sample, 'atMs' | 'uncertaintyMs' | 'ok' | 'durationMs' | 'failure'>;

export interface Outage {
  /** Start of the first failed sample. */
  readonly startMs: number;
  /** Start of the last failed sample. */
  readonly lastFailedMs: number;
  /** Start of the last good sample before; undefined when there is none. */
  readonly lastGoodMs: number | undefined;
  /** Start of the first good sample after; undefined when the series never came back within the record. */
  readonly endMs: number | undefined;
  readonly failures: number;
  /** It lasted at least from the first failed sample to the last. */
  readonly lowerMs: number;
  /** It lasted at most from the last good sample to the next; undefined when either is missing. */
  readonly upperMs: number | undefined;
  /** Which good sample is missing, where the upper bound is. */
  readonly open: 'no' | 'before' | 'after' | 'both';
  readonly failureKinds: ReadonlyMap<FailureKind, number>;
  /**
   * Its moments may have been so much sooner or later for any other clock than the sampler's. Its bounds are durations on
   * that one clock, and as they are. Absent: not at all.
   */
  readonly uncertaintyMs?: number;
}

export interface OutageOptions {
  /**
   * Two outages are one when the service was back for less than this: from the first good sample between them to the
   * next failed one. 0 merges nothing.
   */
  readonly mergeGapMs: number;
}

/**
 * What holdfast reports and judges by: a client is served again when it has been served for a second. Otherwise one
 * lucky sample would make two short outages of a long one.
 */
export const MERGE_GAP_MS = 1000;

/** The outages of one series, in order. */
export function outagesOf(samples: readonly SeriesSample[], { mergeGapMs }: OutageOptions): Outage[] {
  const outages: Outage[] = [];
  let lastGood: SeriesSample | undefined;
  let failed: SeriesSample[] = [];
  const close = (end: SeriesSample | undefined): void => {
    if (failed.length > 0) outages.push(outageFrom(failed, lastGood, end));
    failed = [];
  };
  for (const sample of inOrder(samples)) {
    if (sample.ok) {
      close(sample);
      lastGood = sample;
    } else failed.push(sample);
  }
  close(undefined);
  return merged(outages, mergeGapMs);
}

function merged(outages: readonly Outage[], mergeGapMs: number): Outage[] {
  const kept: Outage[] = [];
  for (const next of outages) {
    const previous = kept.at(-1);
    const gapMs = previous?.endMs === undefined ? Infinity : next.startMs - previous.endMs;
    if (previous && gapMs < mergeGapMs) kept[kept.length - 1] = joined(previous, next);
    else kept.push(next);
  }
  return kept;
}

function outageFrom(
  failed: readonly SeriesSample[],
  lastGood: SeriesSample | undefined,
  end: SeriesSample | undefined,
): Outage {
  const failureKinds = new Map<FailureKind, number>();
  for (const { failure = 'other' } of failed) failureKinds.set(failure, (failureKinds.get(failure) ?? 0) + 1);
  const startMs = failed[0]?.atMs ?? NaN;
  const lastFailedMs = failed.at(-1)?.atMs ?? NaN;
  const [lastGoodMs, endMs] = [lastGood?.atMs, end?.atMs];
  const seen = { startMs, lastFailedMs, lastGoodMs, endMs, failures: failed.length, failureKinds };
  return withBounds({ ...seen, ...clockDoubt([lastGood, ...failed, end]) });
}

function clockDoubt(stamps: readonly (SeriesSample | Outage | undefined)[]): Pick<Outage, 'uncertaintyMs'> {
  const uncertaintyMs = stamps.reduce((most, stamp) => Math.max(most, stamp?.uncertaintyMs ?? 0), 0);
  return uncertaintyMs > 0 ? { uncertaintyMs } : {};
}

function joined(one: Outage, next: Outage): Outage {
  const failureKinds = new Map(one.failureKinds);
  for (const [kind, count] of next.failureKinds)
    failureKinds.set(kind, (failureKinds.get(kind) ?? 0) + count);
  const { lastFailedMs, endMs } = next;
  const failures = one.failures + next.failures;
  return withBounds({ ...one, lastFailedMs, endMs, failures, failureKinds, ...clockDoubt([one, next]) });
}

function withBounds(seen: Omit<Outage, 'lowerMs' | 'upperMs' | 'open'>): Outage {
  const { startMs, lastFailedMs, lastGoodMs, endMs } = seen;
  const after = endMs === undefined ? 'after' : 'no';
  const before = endMs === undefined ? 'both' : 'before';
  return {
    ...seen,
    lowerMs: lastFailedMs - startMs,
    upperMs: lastGoodMs === undefined || endMs === undefined ? undefined : endMs - lastGoodMs,
    open: lastGoodMs === undefined ? before : after,
  };
}

/** Samples by start, as late answers (timeouts) are written down late. */
export function inOrder<T extends { readonly atMs: number }>(samples: readonly T[]): readonly T[] {
  // Most are in order already, and to see that costs a tenth of sorting them.
  if (samples.every(({ atMs }, index) => index === 0 || atMs >= (samples[index - 1]?.atMs ?? atMs)))
    return samples;
  return samples.toSorted((one, other) => one.atMs - other.atMs);
}

/** A share of time, between two bounds; from 0 to 1. */
export interface ShareBounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The share of the time watched (from the first sample's start to the last's) in which the series was up: all but its
 * outages, as long as their lower and upper bounds. What is open is bounded by the time watched. Where every outage and
 * every recovery outlasts the gaps between samples, the true share lies within; what is shorter can be missed.
 * @returns undefined when no time was watched: no sample, or one
 */
export function availabilityBounds(
  samples: readonly SeriesSample[],
  options: OutageOptions,
): ShareBounds | undefined {
  const times = samples.map(({ atMs }) => atMs);
  const firstMs = times.reduce((least, atMs) => Math.min(least, atMs), Infinity);
  const lastMs = times.reduce((most, atMs) => Math.max(most, atMs), -Infinity);
  const watchedMs = lastMs - firstMs;
  if (!(watchedMs > 0)) return undefined;
  const outages = outagesOf(samples, options);
  const certainlyDownMs = outages.reduce((sum, { lowerMs }) => sum + lowerMs, 0);
  const possiblyDownMs = outages.reduce(
    (sum, { lastGoodMs = firstMs, endMs = lastMs }) => sum + endMs - lastGoodMs,
    0,
  );
  return { lower: Math.max(0, 1 - possiblyDownMs / watchedMs), upper: 1 - certainlyDownMs / watchedMs };
}
