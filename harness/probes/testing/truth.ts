// What a series' samples say of its outages, held against what truly happened. Pure arithmetic, in milliseconds on one
// axis.
//
// Both sides are right in their own way: the server knows when it stopped answering, a sample says when a request was
// begun. Between the two lies the way of that request, its transit. A request begun just before an outage fails when it
// arrives in it; one begun just before the end is answered when it arrives after it. On a busy machine that way can be
// longer than a short outage: a request begun in it, even before others that fail, may outlast it and be answered.
import type { ProberNoise, Sample } from '../../core/record.ts';
import { inOrder, type Outage, outagesOf } from '../../core/series.ts';
import type { OutageKind } from './reference-server-lines.ts';

/** Something happened between these two. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TrueOutage {
  readonly series: string;
  readonly kind: OutageKind;
  readonly plannedMs: number;
  /** Not later than begin: what arrived from here on was struck. */
  readonly lookedMs: number;
  readonly begin: Moment;
  readonly end: Moment;
}

export type WatchedSample = Pick<
  Sample,
  'atMs' | 'ok' | 'durationMs' | 'failure' | 'lateMs' | 'connectMs' | 'tlsMs'
>;

export interface TruthOptions {
  readonly intervalMs: number;
  readonly mergeGapMs: number;
  /**
   * Samples share a connection, and one that waits behind another fails with it (prober/connections.ts): the series is
   * down until the last request of the outage is given up.
   */
  readonly kept: boolean;
  /**
   * The prober's account of its stalls: a request that timed out has a way that nobody measured, and may have stood still
   * on it for as long as the prober did.
   */
  readonly noise?: readonly Stalls[];
}

/** One window of the prober's account of itself; `atMs` is its end. */
export type Stalls = Pick<ProberNoise, 'atMs' | 'windowMs' | 'eventLoopStallMsMax'>;

/** One true outage that was reported. */
export interface SeenOutage {
  readonly truth: TrueOutage;
  readonly reported: Outage;
  /** The true length lies inside the reported bounds. */
  readonly isInsideStrictly: boolean;
  /** True begin, end and length lie inside the reported bounds, each wider by the transit of its own request. */
  readonly isInside: boolean;
  /** It is so only because a request may have stood still for as long as the prober says that it did itself. */
  readonly neededStall: boolean;
  /** What was allowed at the begin and at the end. */
  readonly transitMs: number;
  /** Upper minus lower bound; undefined when there is no upper one. */
  readonly widthMs: number | undefined;
  /** How late the samples at both edges were by the samples' own account, lost ones before them included. */
  readonly latenessMs: number;
  /** How far the middle of the bounds lies from the true length; undefined when there is no upper bound. */
  readonly errorMs: number | undefined;
}

export interface TruthJudgement {
  readonly seen: readonly SeenOutage[];
  readonly missed: readonly TrueOutage[];
  /** Reported where nothing happened, or once more for the same outage. */
  readonly invented: readonly Outage[];
}

/** Half of the shortest time between two outages of a script must exceed it. */
export const MATCH_SLACK_MS = 400;
/** The record's times are rounded to microseconds. */
const ROUNDING_MS = 0.01;

/** @param truths of this series, in order and further apart than the merge gap */
export function judgeOutages(
  samples: readonly WatchedSample[],
  truths: readonly TrueOutage[],
  options: TruthOptions,
): TruthJudgement {
  const ordered = inOrder(samples);
  const unclaimed = new Set(outagesOf(ordered, { mergeGapMs: options.mergeGapMs }));
  const seen: SeenOutage[] = [];
  const missed: TrueOutage[] = [];
  for (const truth of truths) {
    const latestEndMs = options.kept ? lastGivenUpMs(ordered, truth) : truth.end.toMs;
    const reported = [...unclaimed].find((one) => isAbout(one, truth, latestEndMs));
    if (reported) {
      unclaimed.delete(reported);
      for (const rest of [...unclaimed]) {
        const { startMs, lastFailedMs, lastGoodMs } = rest;
        const isWithin = startMs <= latestEndMs && lastFailedMs >= truth.begin.fromMs;
        if (isWithin && hasOutlasted(sampleAt(ordered, lastGoodMs), truth)) unclaimed.delete(rest);
      }
      seen.push(compare({ truth, latestEndMs, reported, ordered, options }));
    } else missed.push(truth);
  }
  return { seen, missed, invented: [...unclaimed] };
}

/** When the last request that failed in the outage was given up, or its end if that is later. */
function lastGivenUpMs(samples: readonly WatchedSample[], { lookedMs, end }: TrueOutage): number {
  const within = samples.filter(
    ({ ok, atMs, durationMs }) => !ok && atMs <= end.toMs && atMs + durationMs >= lookedMs,
  );
  return Math.max(end.toMs, ...within.map(({ atMs, durationMs }) => atMs + durationMs));
}

/** Whether it was answered, and may have met the server only after the outage. */
function hasOutlasted(sample: WatchedSample | undefined, { end }: TrueOutage): boolean {
  return sample?.ok === true && sample.atMs <= end.toMs && sample.atMs + sample.durationMs >= end.fromMs;
}

function sampleAt(ordered: readonly WatchedSample[], atMs: number | undefined): WatchedSample | undefined {
  return ordered.find((one) => one.atMs === atMs);
}

function isAbout({ startMs, lastFailedMs }: Outage, { begin }: TrueOutage, latestEndMs: number): boolean {
  return lastFailedMs >= begin.fromMs - MATCH_SLACK_MS && startMs <= latestEndMs + MATCH_SLACK_MS;
}

interface Comparison {
  readonly truth: TrueOutage;
  readonly latestEndMs: number;
  readonly reported: Outage;
  readonly ordered: readonly WatchedSample[];
  readonly options: TruthOptions;
}

function compare({ truth, latestEndMs, reported, ordered, options }: Comparison): SeenOutage {
  const { lastGoodMs, startMs, lastFailedMs, endMs, lowerMs, upperMs } = reported;
  const { intervalMs, noise = [] } = options;
  const { begin, end, lookedMs } = truth;
  const [lastGood, firstFailed, firstGood] = [lastGoodMs, startMs, endMs].map((at) => sampleAt(ordered, at));
  const endTransitMs = firstGood?.durationMs ?? 0;
  const measuredMs = Math.max(ownTransitMs(firstFailed), lastGood?.durationMs ?? 0, endTransitMs);
  const stallMs = firstFailed?.failure === 'timeout' ? stallAround(startMs, noise) : 0;
  const longestMs = latestEndMs - begin.fromMs;
  const shortestMs = end.fromMs - begin.toMs;
  const fits = (allowedMs: number): boolean =>
    upperMs !== undefined &&
    lowerMs - allowedMs <= longestMs + ROUNDING_MS &&
    upperMs + allowedMs >= shortestMs - ROUNDING_MS;
  const isBeginInside = (beginTransitMs: number): boolean =>
    lastGoodMs !== undefined &&
    (lastGoodMs <= begin.toMs + ROUNDING_MS || hasOutlasted(lastGood, truth)) &&
    lookedMs <= startMs + beginTransitMs + ROUNDING_MS;
  const isEndInside =
    endMs !== undefined &&
    lastFailedMs <= latestEndMs + ROUNDING_MS &&
    end.fromMs <= endMs + endTransitMs + ROUNDING_MS;
  const isInsideWith = (transitMs: number): boolean =>
    isBeginInside(transitMs) && isEndInside && fits(Math.max(transitMs, endTransitMs));
  const isInsideUnstalled = isInsideWith(measuredMs);
  const isInside = isInsideUnstalled || isInsideWith(measuredMs + stallMs);
  return {
    truth,
    reported,
    isInsideStrictly: fits(0),
    isInside,
    neededStall: isInside && !isInsideUnstalled,
    transitMs: measuredMs + endTransitMs,
    widthMs: upperMs === undefined ? undefined : upperMs - lowerMs,
    latenessMs: latenessMs(ordered, firstFailed, intervalMs) + latenessMs(ordered, firstGood, intervalMs),
    errorMs: upperMs === undefined ? undefined : distance((lowerMs + upperMs) / 2, shortestMs, longestMs),
  };
}

/** Of a value from a range; positive when it lies above. */
function distance(value: number, least: number, most: number): number {
  return value - Math.min(Math.max(value, least), most);
}

/** How long the request that failed first was on its way, as far as it was measured. */
function ownTransitMs(sample: WatchedSample | undefined): number {
  if (!sample) return 0;
  // One that timed out spent most of its time in the outage; only its way there counts.
  if (sample.failure === 'timeout') return (sample.connectMs ?? 0) + (sample.tlsMs ?? 0);
  return sample.durationMs;
}

/** The longest that the prober told of for the window in which a sample began, or the next. */
function stallAround(atMs: number, noise: readonly Stalls[]): number {
  const touching = noise.filter((one) => one.atMs >= atMs && one.atMs - 2 * one.windowMs <= atMs);
  return Math.max(0, ...touching.map(({ eventLoopStallMsMax }) => eventLoopStallMsMax));
}

/** By how much a sample came later than one interval after the one before it was due. */
function latenessMs(
  ordered: readonly WatchedSample[],
  sample: WatchedSample | undefined,
  intervalMs: number,
): number {
  const before = sample && ordered[ordered.indexOf(sample) - 1];
  if (!before) return 0;
  const dueAfterMs = sample.atMs - sample.lateMs - (before.atMs - before.lateMs);
  const lost = Math.max(0, Math.round(dueAfterMs / intervalMs) - 1);
  return lost * intervalMs + sample.lateMs;
}
