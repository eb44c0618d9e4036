import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { perSecond } from './per-second.ts';
import type { SeriesSample } from './series.ts';

/** "+" good, "-" failed, " " no sample: one place each second. */
function seconds(picture: string, startMs = 340): SeriesSample[] {
  return Array.from(picture).flatMap((mark, index) =>
    mark === ' ' ? [] : [{ atMs: startMs + index * 1000, ok: mark === '+', durationMs: 5 }],
  );
}

describe('the per-second view', () => {
  test.each([
    ['++++', { disruptions: 0, disruptedS: 0 }],
    ['+-++', { disruptions: 1, disruptedS: 1 }],
    ['+---+', { disruptions: 1, disruptedS: 3 }],
    ['+-+--+', { disruptions: 2, disruptedS: 3 }],
    ['--+', { disruptions: 1, disruptedS: 2 }],
    ['++--', { disruptions: 1, disruptedS: 2 }],
    ['-', { disruptions: 1, disruptedS: 1 }],
    ['+-  -+', { disruptions: 1, disruptedS: 4 }],
    ['+-  +', { disruptions: 1, disruptedS: 3 }],
  ])('of one sample a second, "%s"', (picture, expected) => {
    expect(perSecond(seconds(picture))).toEqual(expected);
  });

  test('claims nothing without samples', () => {
    expect(perSecond([])).toBeUndefined();
  });

  test('takes of a finer series the first sample of each second, whatever the others say', () => {
    const fine = seconds('++++').flatMap((sample) => [
      { ...sample, atMs: sample.atMs + 500, ok: false },
      sample,
    ]);
    expect(perSecond(fine)).toEqual({ disruptions: 0, disruptedS: 0 });
  });

  test('is at most a second and the lateness from the true length of one outage, in whole seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 2000, max: 4000, noNaN: true }),
        fc.double({ min: 1, max: 9000, noNaN: true }),
        fc.infiniteStream(fc.double({ min: 0, max: 3, noNaN: true })),
        (intervalMs, phase, downMs, lengthMs, late) => {
          const number = Math.ceil((downMs + lengthMs + 3000) / intervalMs);
          const samples = Array.from({ length: number }, (_, index): SeriesSample => {
            const atMs = (index + phase) * intervalMs + (late.next().value as number);
            return { atMs, ok: atMs < downMs || atMs >= downMs + lengthMs, durationMs: 5 };
          });
          const { disruptions = NaN, disruptedS = NaN } = perSecond(samples) ?? {};
          // The sample that stands for a second may come up to an interval, and late, into it.
          const slackMs = intervalMs + 3;
          expect(Number.isInteger(disruptedS)).toBe(true);
          expect(disruptions).toBeLessThanOrEqual(1);
          expect(disruptedS).toBeGreaterThanOrEqual(disruptions);
          expect(disruptedS).toBeGreaterThanOrEqual(Math.floor((lengthMs - slackMs) / 1000));
          expect(disruptedS).toBeLessThanOrEqual(Math.floor((lengthMs + slackMs) / 1000) + 1);
        },
      ),
    );
  });

  test('never disrupts more seconds than were watched, nor fewer than it has disruptions', () => {
    const marks = fc.array(fc.constantFrom('+', '-', ' '), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(marks, (picture) => {
        const seen = perSecond(seconds(picture.join('')));
        const { disruptions = 0, disruptedS = 0 } = seen ?? {};
        expect(disruptedS).toBeGreaterThanOrEqual(disruptions);
        expect(disruptedS).toBeLessThanOrEqual(picture.length);
        expect(disruptions > 0).toBe(picture.includes('-'));
      }),
    );
  });
});
