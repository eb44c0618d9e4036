import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyHistogram, latencyOf } from './latency.ts';

const durationMs = fc.integer({ min: 0, max: 60_000_000 }).map((microseconds) => microseconds / 1000);
const durationsMs = fc.array(durationMs, { minLength: 1, maxLength: 300 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Nearest rank, by sorting: what the histogram is to agree with. */
function nearestRank(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? NaN;
}

describe('a percentile', () => {
  test('is the nearest rank, at most 0.1 % or a microsecond off', () => {
    fc.assert(
      fc.property(durationsMs, shares, (values, share) => {
        const exactMs = nearestRank(values, share);
        const told = histogramOf(values).percentileMs(share);
        expect(Math.abs(told - exactMs)).toBeLessThanOrEqual(Math.max(0.001, exactMs / 1000) + 1e-9);
      }),
    );
  });

  test('rises with its share and ends at the longest duration itself', () => {
    fc.assert(
      fc.property(durationsMs, shares, shares, (values, one, other) => {
        const histogram = histogramOf(values);
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(histogram.percentileMs(low)).toBeLessThanOrEqual(histogram.percentileMs(high));
        expect(histogram.percentileMs(1)).toBe(Math.max(...values));
      }),
    );
  });

  test('of nothing is an error, and so is a duration that is none', () => {
    expect(() => new LatencyHistogram().percentileMs(0.5)).toThrow(RangeError);
    expect(() => histogramOf([-1])).toThrow(RangeError);
    expect(() => histogramOf([NaN])).toThrow(RangeError);
  });
});

describe('two histograms', () => {
  test('added say what one of all durations says', () => {
    fc.assert(
      fc.property(durationsMs, durationsMs, (one, other) => {
        const sum = histogramOf(one);
        sum.add(histogramOf(other));
        expect(sum.count).toBe(one.length + other.length);
        expect(sum.summary()).toEqual(histogramOf([...one, ...other]).summary());
      }),
    );
  });
});

describe('a summary of latency', () => {
  test('names the percentiles, and claims nothing without durations', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    const { p50 = NaN, p95 = NaN, p99 = NaN, max = NaN } = latencyOf(hundred) ?? {};
    expect([p50, p95, p99, max].map(Math.round)).toEqual([50, 95, 99, 100]);
    expect(latencyOf([])).toBeUndefined();
  });

  test('takes an hour for what is longer', () => {
    expect(latencyOf([1, 2, 7_200_000])).toMatchObject({ max: 7_200_000 });
    expect(latencyOf([7_200_000, 7_200_000, 7_300_000])?.p50).toBeCloseTo(3_600_000, -4);
  });
});
