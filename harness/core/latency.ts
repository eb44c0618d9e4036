// Latency percentiles from a histogram: constant memory, and two histograms add up to one.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { LatencySummary } from './result.ts';

const MICROSECONDS_PER_MS = 1000;
/** What is longer than an hour counts as an hour: no sample waits that long. */
const LONGEST_MICROSECONDS = 3_600 * 1_000_000;
const SIGNIFICANT_FIGURES = 3;

/**
 * Durations in a high dynamic range histogram (HDR, microseconds, three significant figures). A percentile is by
 * nearest rank: the smallest recorded duration that at least this share of all durations do not exceed, told with an
 * error of at most 0.1 % or a microsecond, and never more than the longest duration recorded.
 */
export class LatencyHistogram {
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: LONGEST_MICROSECONDS,
    figures: SIGNIFICANT_FIGURES,
  });
  #longestMs = 0;

  /** @throws RangeError on a negative duration or one that is not a number */
  record(durationMs: number): void {
    if (!(durationMs >= 0)) throw new RangeError(`no duration: ${durationMs} ms`);
    const microseconds = Math.round(durationMs * MICROSECONDS_PER_MS);
    this.#histogram.record(Math.min(Math.max(1, microseconds), LONGEST_MICROSECONDS));
    this.#longestMs = Math.max(this.#longestMs, durationMs);
  }

  /** Afterwards as if the other's durations had been recorded here too. */
  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#longestMs = Math.max(this.#longestMs, other.#longestMs);
  }

  get count(): number {
    return this.#histogram.count;
  }

  /**
   * @param share from 0 (the shortest) to 1 (the longest)
   * @throws RangeError when nothing was recorded
   */
  percentileMs(share: number): number {
    const { count } = this;
    if (count === 0) throw new RangeError(`no ${share} percentile of no durations`);
    const rank = Math.min(count, Math.max(1, Math.ceil(share * count)));
    if (rank === count) return this.#longestMs;
    // HDR implementations round a percentile to a rank in different ways; a quarter below the rank means it in all.
    const microseconds = this.#histogram.percentile((100 * (rank - 0.25)) / count);
    return Math.min(microseconds / MICROSECONDS_PER_MS, this.#longestMs);
  }

  /** undefined when nothing was recorded */
  summary(): LatencySummary | undefined {
    if (this.count === 0) return undefined;
    return {
      p50: this.percentileMs(0.5),
      p95: this.percentileMs(0.95),
      p99: this.percentileMs(0.99),
      max: this.percentileMs(1),
    };
  }
}

/** undefined for no durations */
export function latencyOf(durationsMs: Iterable<number>): LatencySummary | undefined {
  const histogram = new LatencyHistogram();
  for (const durationMs of durationsMs) histogram.record(durationMs);
  return histogram.summary();
}
