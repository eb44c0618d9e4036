import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { availabilityBounds, type SeriesSample } from './series.ts';

const unmerged = { mergeGapMs: 0 };

/** "+" good, "-" failed: one each 100 ms. */
function series(picture: string): SeriesSample[] {
  return Array.from(picture, (mark, index) => ({ atMs: index * 100, ok: mark === '+', durationMs: 5 }));
}

/**
 * A server that goes down and comes back at will, each state longer than the gap between two samples, asked at a
 * cadence with lateness, from any phase.
 */
const watched = fc
  .record({
    intervalMs: fc.integer({ min: 5, max: 500 }),
    phase: fc.double({ min: 0, max: 0.999, noNaN: true }),
    startsUp: fc.boolean(),
    stateMs: fc.array(fc.double({ min: 1010, max: 6000, noNaN: true }), { minLength: 1, maxLength: 8 }),
    lateMs: fc.infiniteStream(fc.double({ min: 0, max: 4, noNaN: true })),
    order: fc.infiniteStream(fc.integer()),
  })
  .map(({ intervalMs, phase, startsUp, stateMs, lateMs, order }) => {
    const ends = stateMs.map((_, index) => stateMs.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
    const isUp = (atMs: number): boolean => {
      const state = ends.findIndex((endMs) => atMs < endMs);
      return (state === -1 ? ends.length : state) % 2 === (startsUp ? 0 : 1);
    };
    const number = Math.ceil((ends.at(-1) ?? 0) / intervalMs);
    const samples = Array.from({ length: number }, (_, index): SeriesSample => {
      const atMs = (index + phase) * intervalMs + next(lateMs);
      return { atMs, ok: isUp(atMs), durationMs: 5 };
    });
    const shuffled = samples
      .map((one) => ({ one, key: next(order) }))
      .toSorted((left, right) => left.key - right.key)
      .map(({ one }) => one);
    return { samples, shuffled, truth: shareUp(samples, ends, startsUp) };
  });

/** The share of the time from the first sample to the last in which the server was up. */
function shareUp(samples: readonly SeriesSample[], ends: readonly number[], startsUp: boolean): number {
  const [fromMs, toMs] = [samples[0]?.atMs ?? NaN, samples.at(-1)?.atMs ?? NaN];
  const upMs = ends.reduce((sum, endMs, index) => {
    const isUp = index % 2 === (startsUp ? 0 : 1);
    const overlapMs = Math.min(endMs, toMs) - Math.max(ends[index - 1] ?? 0, fromMs);
    return isUp ? sum + Math.max(0, overlapMs) : sum;
  }, 0);
  return upMs / (toMs - fromMs);
}

describe('the availability over the time watched', () => {
  test.each([
    ['++++++', { lower: 1, upper: 1 }],
    ['------', { lower: 0, upper: 0 }],
    ['++--++++++', { lower: 1 - 300 / 900, upper: 1 - 100 / 900 }],
    ['--+++++++++', { lower: 0.8, upper: 0.9 }],
    ['+++++++++--', { lower: 0.8, upper: 0.9 }],
    ['+-', { lower: 0, upper: 1 }],
  ])('of "%s"', (picture, expected) => {
    const bounds = availabilityBounds(series(picture), unmerged);
    expect(bounds?.lower).toBeCloseTo(expected.lower, 9);
    expect(bounds?.upper).toBeCloseTo(expected.upper, 9);
  });

  test('is not known where no time was watched', () => {
    expect(availabilityBounds([], unmerged)).toBeUndefined();
    expect(availabilityBounds(series('+'), unmerged)).toBeUndefined();
    expect(availabilityBounds(series('-'), unmerged)).toBeUndefined();
  });

  test('counts a service that was back for a moment only as down', () => {
    const picture = '+'.repeat(5) + '-----+-----' + '+'.repeat(5);
    const merged = availabilityBounds(series(picture), { mergeGapMs: 1000 });
    expect(merged?.upper).toBeCloseTo(1 - 1000 / 2000, 9);
    expect(availabilityBounds(series(picture), unmerged)?.upper).toBeCloseTo(1 - 800 / 2000, 9);
  });

  test('has the true share within its bounds, for any outages, cadence, lateness and order of answers', () => {
    fc.assert(
      fc.property(watched, ({ samples, shuffled, truth }) => {
        fc.pre(samples.length > 1);
        const bounds = availabilityBounds(shuffled, unmerged);
        expect(bounds).toEqual(availabilityBounds(samples, unmerged));
        expect(bounds?.lower).toBeLessThanOrEqual(truth + 1e-9);
        expect(bounds?.upper).toBeGreaterThanOrEqual(truth - 1e-9);
      }),
    );
  });

  test('never lies outside 0 and 1, nor its lower bound above its upper', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('+', '-'), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 0, max: 2000 }),
        (marks, mergeGapMs) => {
          const { lower = NaN, upper = NaN } =
            availabilityBounds(series(marks.join('')), { mergeGapMs }) ?? {};
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(lower).toBeLessThanOrEqual(upper);
          expect(upper).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

function next(stream: Iterator<number>): number {
  return stream.next().value as number;
}
