import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastP, median, medianInterval, rankSumP } from './statistics.ts';

const values = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 12 });

test('the median is in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
});

describe('the interval of the median', () => {
  test('needs six values for 95 %, and is then all of them', () => {
    expect(medianInterval([1, 2, 3, 4, 5], 0.95)).toBeUndefined();
    expect(medianInterval([6, 1, 2, 3, 4, 5], 0.95)).toEqual({ lower: 1, upper: 6, confidence: 1 - 2 / 64 });
  });

  test('becomes narrower with more values, as the tables say', () => {
    const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
    // Order statistics 6 and 15 of 20: 95.86 %.
    expect(medianInterval(twenty, 0.95)).toMatchObject({ lower: 6, upper: 15 });
    expect(medianInterval(twenty, 0.95)?.confidence).toBeCloseTo(0.9586, 4);
  });

  test('holds the median of what is drawn as often as it says', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const tries = 2000;
    const held = Array.from({ length: tries }, () => {
      const drawn = Array.from({ length: 12 }, () => random() ** 3);
      const { lower = 1, upper = 0 } = medianInterval(drawn, 0.95) ?? {};
      return lower <= 0.125 && 0.125 <= upper;
    }).filter(Boolean).length;
    expect(held / tries).toBeGreaterThan(0.94);
  });
});

describe('the rank-sum test', () => {
  test('of one value above n others is 1 in n + 1', () => {
    expect(rankSumP([1, 2, 3, 4], [9])).toBeCloseTo(1 / 5, 12);
    expect(
      rankSumP(
        Array.from({ length: 19 }, (_, index) => index),
        [99],
      ),
    ).toBeCloseTo(0.05, 12);
  });

  test('has the exact values of the tables', () => {
    // 3 against 3, all higher: 1 in C(6, 3).
    expect(rankSumP([1, 2, 3], [4, 5, 6])).toBeCloseTo(1 / 20, 12);
    // U = 1 of 9: two of the twenty choices rank as high.
    expect(rankSumP([1, 2, 4], [3, 5, 6])).toBeCloseTo(2 / 20, 12);
  });

  test('is a probability, never below the least there can be, and 1 where all are equal', () => {
    fc.assert(
      fc.property(values, values, (past, fresh) => {
        const p = rankSumP(past, fresh);
        expect(p).toBeLessThanOrEqual(1 + 1e-9);
        expect(p).toBeGreaterThanOrEqual(leastP(past.length, fresh.length) - 1e-12);
      }),
    );
    expect(rankSumP([5, 5, 5], [5, 5])).toBe(1);
    expect(rankSumP([], [1])).toBe(1);
  });

  test('falls as the fresh values grow', () => {
    fc.assert(
      fc.property(values, values, (past, fresh) => {
        const grown = fresh.map((value) => value + 10_000);
        expect(rankSumP(past, grown)).toBeLessThanOrEqual(rankSumP(past, fresh) + 1e-12);
      }),
    );
  });
});
