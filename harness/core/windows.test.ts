import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeriesSample } from './series.ts';
import { summarizeSamples, windowsOf } from './windows.ts';

function sample(atMs: number, ok = true, durationMs = 5): SeriesSample {
  return { atMs, ok, durationMs };
}

describe('a summary', () => {
  test('without samples claims nothing', () => {
    expect(summarizeSamples([])).toEqual({
      samples: 0,
      failures: 0,
      availability: undefined,
      latencyMs: undefined,
    });
  });

  test('counts the latency of good samples only', () => {
    const samples = [sample(0), sample(100, false, 1000), sample(200, false, 1000), sample(300)];
    expect(summarizeSamples(samples)).toMatchObject({
      samples: 4,
      failures: 2,
      availability: 0.5,
      latencyMs: { p50: 5, max: 5 },
    });
    expect(summarizeSamples([sample(0, false)]).latencyMs).toBeUndefined();
  });
});

describe('the windows of a series', () => {
  const samples = [sample(0), sample(100), sample(200, false), sample(300, true, 50), sample(400)];

  test('are parted by the beginning of each sample, not by its answer', () => {
    const windows = windowsOf([sample(99, false, 1000), ...samples], { fromMs: 100, toMs: 400 });
    expect(windows.before).toMatchObject({ samples: 2, failures: 1 });
    expect(windows.during).toMatchObject({ samples: 3, failures: 1, latencyMs: { max: 50 } });
    expect(windows.after).toMatchObject({ samples: 1, failures: 0, availability: 1 });
  });

  test('without a fault are one: before', () => {
    expect(windowsOf(samples, undefined)).toEqual({ before: summarizeSamples(samples) });
  });

  test('of a fault that nobody healed have no after', () => {
    expect(Object.keys(windowsOf(samples, { fromMs: 100, toMs: undefined }))).toEqual(['before', 'during']);
  });

  test('say so where one has no samples', () => {
    const { during } = windowsOf([sample(0), sample(900)], { fromMs: 100, toMs: 800 });
    expect(during).toEqual({ samples: 0, failures: 0, availability: undefined, latencyMs: undefined });
  });

  test('hold every sample exactly once, whatever the fault', () => {
    const anySamples = fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 1000 }),
        ok: fc.boolean(),
        durationMs: fc.constant(1),
      }),
    );
    const anyFault = fc.option(
      fc.record({
        fromMs: fc.integer({ min: -100, max: 1100 }),
        forMs: fc.option(fc.integer({ min: 0, max: 1100 }), { nil: undefined }),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(anySamples, anyFault, (series, fault) => {
        const windows = windowsOf(
          series,
          fault && { ...fault, toMs: fault.forMs === undefined ? undefined : fault.fromMs + fault.forMs },
        );
        const sum = (of: 'samples' | 'failures'): number =>
          Object.values(windows).reduce((total, window) => total + (window?.[of] ?? 0), 0);
        expect(sum('samples')).toBe(series.length);
        expect(sum('failures')).toBe(series.filter(({ ok }) => !ok).length);
      }),
    );
  });

  test('have one more failure never raise an availability', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), fc.nat(), (oks, nth) => {
        const of = (marks: readonly boolean[]): number =>
          summarizeSamples(marks.map((ok, index) => sample(index, ok))).availability ?? NaN;
        expect(of(oks.with(nth % oks.length, false))).toBeLessThanOrEqual(of(oks));
      }),
    );
  });
});
