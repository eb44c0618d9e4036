import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MERGE_GAP_MS, outagesOf, type SeriesSample } from './series.ts';

/** "+" good, "-" failed, " " no sample: one place each 100 ms. */
function series(picture: string): SeriesSample[] {
  return Array.from(picture).flatMap((mark, index) =>
    mark === ' ' ? [] : [sample(index * 100, mark === '+', mark === '-' ? 1000 : 5)],
  );
}

function sample(atMs: number, ok: boolean, durationMs = 5): SeriesSample {
  return ok ? { atMs, ok, durationMs } : { atMs, ok, durationMs, failure: 'timeout' };
}

const unmerged = { mergeGapMs: 0 };

describe('outages', () => {
  test.each([
    ['', []],
    ['++++', []],
    ['++--++', [{ startMs: 200, lastFailedMs: 300, endMs: 400, lowerMs: 100, upperMs: 300, open: 'no' }]],
    ['+-+', [{ startMs: 100, lowerMs: 0, upperMs: 200, failures: 1 }]],
    ['--++', [{ startMs: 0, lowerMs: 100, upperMs: undefined, open: 'before', lastGoodMs: undefined }]],
    ['++--', [{ startMs: 200, lowerMs: 100, upperMs: undefined, open: 'after', endMs: undefined }]],
    ['---', [{ lowerMs: 200, upperMs: undefined, open: 'both' }]],
    ['+-+-+', [{ startMs: 100 }, { startMs: 300 }]],
    ['+  --  +', [{ lowerMs: 100, upperMs: 700 }]],
  ])('of "%s"', (picture, expected) => {
    const outages = outagesOf(series(picture), unmerged);
    expect(outages).toHaveLength(expected.length);
    expect(outages).toMatchObject(expected);
  });

  test('that a short good stretch parts are one, from the first failed sample to the last', () => {
    const picture = `+--${'+'.repeat(9)}--+`;
    expect(outagesOf(series(picture), { mergeGapMs: 1000 })).toMatchObject([
      { startMs: 100, lastFailedMs: 1300, failures: 4, lowerMs: 1200, upperMs: 1400 },
    ]);
  });

  test('that a second of service parts are two', () => {
    const picture = `+--${'+'.repeat(10)}--+`;
    expect(outagesOf(series(picture), { mergeGapMs: MERGE_GAP_MS })).toHaveLength(2);
  });

  test('count their kinds of failure, also across a merge', () => {
    const samples: SeriesSample[] = [
      sample(0, true),
      { ...sample(100, false), failure: 'refused' },
      sample(200, true),
      sample(300, false),
      { atMs: 400, ok: false, durationMs: 5 },
    ];
    const [outage] = outagesOf(samples, { mergeGapMs: 1000 });
    expect(outage?.failureKinds).toEqual(
      new Map([
        ['refused', 1],
        ['timeout', 1],
        ['other', 1],
      ]),
    );
  });
});

/** A service that is down from `fromMs` for `lengthMs`, asked at a cadence with lateness, answers in any order. */
const observed = fc
  .record({
    intervalMs: fc.integer({ min: 5, max: 500 }),
    phaseMs: fc.integer({ min: 0, max: 500 }),
    fromMs: fc.double({ min: 600, max: 3000, noNaN: true }),
    lengthMs: fc.double({ min: 0.001, max: 4000, noNaN: true }),
    lateMs: fc.infiniteStream(fc.double({ min: 0, max: 3, noNaN: true })),
    order: fc.infiniteStream(fc.integer()),
  })
  .map(({ intervalMs, phaseMs, fromMs, lengthMs, lateMs, order }) => {
    const number = Math.ceil((fromMs + lengthMs + 1500) / intervalMs);
    const samples = Array.from({ length: number }, (_, index) => {
      const atMs = (phaseMs % intervalMs) + index * intervalMs + next(lateMs);
      return sample(atMs, atMs < fromMs || atMs >= fromMs + lengthMs);
    });
    const shuffled = samples
      .map((one) => ({ one, key: next(order) }))
      .toSorted((left, right) => left.key - right.key)
      .map(({ one }) => one);
    return { samples, shuffled, intervalMs, lengthMs };
  });

describe('for any outage and cadence', () => {
  test('the true length lies within the bounds, which are no wider than two intervals and the lateness', () => {
    fc.assert(
      fc.property(observed, ({ shuffled, intervalMs, lengthMs }) => {
        const outages = outagesOf(shuffled, unmerged);
        if (lengthMs > intervalMs + 3) expect(outages).toHaveLength(1);
        expect(outages.length).toBeLessThanOrEqual(1);
        for (const { lowerMs, upperMs = NaN } of outages) {
          expect(lowerMs).toBeLessThanOrEqual(lengthMs);
          expect(upperMs).toBeGreaterThanOrEqual(lengthMs);
          expect(upperMs - lowerMs).toBeLessThanOrEqual(2 * (intervalMs + 3));
        }
      }),
    );
  });

  test('the order in which answers come in changes nothing', () => {
    fc.assert(
      fc.property(observed, ({ samples, shuffled }) => {
        expect(outagesOf(shuffled, unmerged)).toEqual(outagesOf(samples, unmerged));
      }),
    );
  });

  test('lost samples only widen the bounds', () => {
    fc.assert(
      fc.property(observed, fc.integer({ min: 2, max: 9 }), ({ samples }, nth) => {
        const [whole] = outagesOf(samples, unmerged);
        const [thinned] = outagesOf(
          samples.filter((_, index) => index % nth !== 0),
          unmerged,
        );
        if (!whole || !thinned) return;
        expect(thinned.lowerMs).toBeLessThanOrEqual(whole.lowerMs);
        expect(thinned.upperMs ?? Infinity).toBeGreaterThanOrEqual(whole.upperMs ?? Infinity);
      }),
    );
  });
});

describe('for any series', () => {
  const marks = fc.array(fc.constantFrom('+', '-'), { minLength: 1, maxLength: 80 });
  const gaps = fc.integer({ min: 0, max: 2000 });

  test('every failed sample lies in exactly one outage, however outages are merged', () => {
    fc.assert(
      fc.property(marks, gaps, (picture, mergeGapMs) => {
        const outages = outagesOf(series(picture.join('')), { mergeGapMs });
        const failures = outages.reduce((sum, outage) => sum + outage.failures, 0);
        expect(failures).toBe(picture.filter((mark) => mark === '-').length);
        outages.slice(1).forEach((outage, index) => {
          expect(outage.startMs - (outages[index]?.endMs ?? NaN)).toBeGreaterThanOrEqual(mergeGapMs);
        });
      }),
    );
  });

  test('one more failure never shortens the longest outage', () => {
    fc.assert(
      fc.property(marks, gaps, fc.nat(), (picture, mergeGapMs, nth) => {
        const worse = picture.with(nth % picture.length, '-');
        const longest = (of: string[]): number =>
          Math.max(-1, ...outagesOf(series(of.join('')), { mergeGapMs }).map(({ lowerMs }) => lowerMs));
        expect(longest(worse)).toBeGreaterThanOrEqual(longest(picture));
      }),
    );
  });
});

function next(stream: Iterator<number>): number {
  return stream.next().value as number;
}
