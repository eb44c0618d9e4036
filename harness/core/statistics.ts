// What a few measurements allow to say, whatever their distribution: order statistics and ranks. Pure arithmetic.

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** The probability with which an interval made so holds the median. */
  readonly confidence: number;
}

/**
 * Between which of the values the median of what they were drawn from lies: the number of values below it is binomial
 * with p = ½ (David and Nagaraja, Order Statistics, 7.1).
 * @returns undefined when there are too few values: 6 are needed for 95 %
 */
export function medianInterval(values: readonly number[], confidence: number): Interval | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const n = sorted.length;
  let found: Interval | undefined;
  // From the outermost pair inwards, as long as the pair still covers enough.
  for (let low = 0; low < n / 2; low += 1) {
    const covered = 1 - 2 * binomialBelow(n, low);
    const [lower, upper] = [sorted[low], sorted[n - 1 - low]];
    if (covered < confidence || lower === undefined || upper === undefined) break;
    found = { lower, upper, confidence: covered };
  }
  return found;
}

/** P(X ≤ most) of X ~ Binomial(n, ½). */
function binomialBelow(n: number, most: number): number {
  let [term, sum] = [0.5 ** n, 0];
  for (let k = 0; k <= most; k += 1) {
    sum += term;
    term *= (n - k) / (k + 1);
  }
  return sum;
}

/**
 * The exact one-sided rank-sum test (Wilcoxon, Mann and Whitney): how probable it is, if both were drawn from the same,
 * that the fresh values rank as high among all as they do, or higher. Equal values share their ranks.
 * @returns 1 when either is empty
 */
export function rankSumP(past: readonly number[], fresh: readonly number[]): number {
  if (past.length === 0 || fresh.length === 0) return 1;
  const ranks = doubledRanks([...past, ...fresh]);
  const observed = ranks.slice(past.length).reduce((sum, rank) => sum + rank, 0);
  const ways = waysToSum(ranks, fresh.length);
  const [asHigh, all] = ways.reduce(
    ([high, total], count, sum) => [sum >= observed ? high + count : high, total + count],
    [0, 0],
  );
  return asHigh / all;
}

/** The least value that rankSumP can have for so many values: what it takes to show anything at all. */
export function leastP(past: number, fresh: number): number {
  if (past === 0 || fresh === 0) return 1;
  let p = 1;
  for (let k = 1; k <= fresh; k += 1) p *= k / (past + k);
  return p;
}

/** Twice the rank of each value, so that shared ranks are whole numbers too. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = values.toSorted((one, other) => one - other);
  return values.map((value) => sorted.indexOf(value) + sorted.lastIndexOf(value) + 2);
}

/** How many choices of so many ranks have each sum; the index is the sum. */
function waysToSum(ranks: readonly number[], chosen: number): number[] {
  const most = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: chosen + 1 }, () => new Array<number>(most + 1).fill(0));
  (ways[0] ?? [])[0] = 1;
  for (const rank of ranks) {
    for (let number = chosen; number >= 1; number -= 1) {
      const [into = [], from = []] = [ways[number], ways[number - 1]];
      for (let sum = most; sum >= rank; sum -= 1) into[sum] = (into[sum] ?? 0) + (from[sum - rank] ?? 0);
    }
  }
  return ways[chosen] ?? [];
}
