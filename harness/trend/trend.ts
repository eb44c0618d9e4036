// Whether the newest nights are worse than those before them: per scenario and measure, without assuming any distribution.
import { leastP, median, medianInterval, rankSumP, type Interval } from '../core/statistics.ts';
import { MEASURES, type Measure, type Night } from './measures.ts';

/** A row is called worse by chance once in twenty; most of those are then worse by too little to count. */
export const ALPHA = 0.05;
/** What is shown, not what is judged by. */
const CONFIDENCE = 0.95;
/** Worse by less than this is not worth a red night, however certain it is: two samples, or a fifth. */
const LEAST_MS = 200;
const LEAST_SHARE = 0.2;

/** worse: certainly, and by enough. steady: not certainly worse. */
export type TrendState = 'worse' | 'steady' | 'not enough data';

export interface TrendRow {
  readonly scenario: string;
  readonly measure: Measure;
  /** Of the nights before, the oldest night first. */
  readonly past: readonly number[];
  /** Of the newest nights; one night has several where the scenario was repeated. */
  readonly fresh: readonly number[];
  readonly pastMedian: number;
  /** Where the median of the past lies; absent where there are too few nights. */
  readonly pastInterval: Interval | undefined;
  readonly freshMedian: number;
  /** How probable it is that the fresh values rank as high by chance. */
  readonly p: number;
  readonly state: TrendState;
}

export interface Trend {
  readonly fresh: readonly Night[];
  readonly past: readonly Night[];
  readonly rows: readonly TrendRow[];
  readonly flaky: readonly Flake[];
}

/** A scenario whose verdict is not the same every night. */
export interface Flake {
  readonly scenario: string;
  /** Of the nights, the oldest first. */
  readonly verdicts: readonly Night['verdict'][];
  readonly retries: number;
}

export interface TrendOptions {
  /** So many nights before the newest at most. */
  readonly last: number;
  /** How many of the newest nights are judged together: three need only three others to be told from chance. */
  readonly newest: number;
  /** The id of the one run that is compared with, instead of those before. */
  readonly against?: string | undefined;
}

/**
 * @param nights in any order; only those like the newest count
 * @returns undefined when there is no night
 */
export function trendOf(
  nights: readonly Night[],
  { last, newest, against }: TrendOptions,
): Trend | undefined {
  const ordered = nights.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
  const latest = ordered.at(-1);
  if (!latest) return undefined;
  const alike = ordered.filter((one) => isLike(one, latest));
  const fresh = alike.slice(-newest);
  const before = alike.slice(0, alike.length - fresh.length).slice(-last);
  const past = against === undefined ? before : ordered.filter(({ id }) => id === against);
  const scenarios = [...new Set(fresh.flatMap((night) => night.scenarios.map(({ name }) => name)))];
  const values = (of: readonly Night[], scenario: string, measure: Measure): number[] =>
    of.flatMap((night) => valuesIn(night, scenario, measure));
  return {
    fresh,
    past,
    rows: scenarios.flatMap((scenario) =>
      MEASURES.flatMap((measure) => {
        const now = values(fresh, scenario, measure);
        return now.length === 0 ? [] : [rowOf(scenario, measure, values(past, scenario, measure), now)];
      }),
    ),
    flaky: scenarios.flatMap((scenario) => flakeOf(scenario, [...past, ...fresh]) ?? []),
  };
}

function isLike(one: Night, other: Night): boolean {
  return one.topology === other.topology && one.profile === other.profile && one.provider === other.provider;
}

/** A scenario of which nothing could be learned has no say. */
function valuesIn({ scenarios }: Night, scenario: string, measure: Measure): number[] {
  return scenarios
    .filter(({ name, verdict }) => name === scenario && (verdict === 'pass' || verdict === 'fail'))
    .flatMap(({ measures }) => measures[measure] ?? []);
}

function rowOf(
  scenario: string,
  measure: Measure,
  past: readonly number[],
  fresh: readonly number[],
): TrendRow {
  const [pastMedian, freshMedian] = [median(past), median(fresh)];
  const p = rankSumP(past, fresh);
  const isWorse = p <= ALPHA && freshMedian > pastMedian + Math.max(LEAST_MS, LEAST_SHARE * pastMedian);
  return {
    scenario,
    measure,
    past,
    fresh,
    pastMedian,
    pastInterval: medianInterval(past, CONFIDENCE),
    freshMedian,
    p,
    state: leastP(past.length, fresh.length) > ALPHA ? 'not enough data' : isWorse ? 'worse' : 'steady',
  };
}

function flakeOf(scenario: string, nights: readonly Night[]): Flake | undefined {
  const seen = nights.flatMap(({ scenarios }) => scenarios.filter(({ name }) => name === scenario));
  const verdicts = seen.map(({ verdict }) => verdict);
  const retries = seen.filter(({ retried }) => retried).length;
  return new Set(verdicts).size > 1 || retries > 0 ? { scenario, verdicts, retries } : undefined;
}

/** How many nights before it takes until so many that are worse can be told from chance. */
export function nightsNeeded(fresh: number): number {
  for (let past = 1; ; past += 1) if (leastP(past, fresh) <= ALPHA) return past;
}
