import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, moment, moved, ticks, zoomed, type View } from './view.ts';

const whole: View = { fromMs: -10_000, toMs: 60_000 };
const moments = fc.double({ min: whole.fromMs, max: whole.toMs, noNaN: true });

function expectWithin({ fromMs, toMs }: View): void {
  expect(fromMs).toBeGreaterThanOrEqual(whole.fromMs - 1e-6);
  expect(toMs).toBeLessThanOrEqual(whole.toMs + 1e-6);
  expect(toMs - fromMs).toBeGreaterThan(199);
}

describe('a view', () => {
  test('stays within the whole, however it is zoomed and moved', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('zoom', 'move'), fc.double({ min: -4, max: 4, noNaN: true })),
    );
    fc.assert(
      fc.property(steps, moments, (all, aroundMs) => {
        let view = whole;
        for (const [what, by] of all) {
          view = what === 'zoom' ? zoomed(view, whole, 2 ** by, aroundMs) : moved(view, whole, by);
          expectWithin(view);
        }
      }),
    );
  });

  test('between two moments holds both, in either order', () => {
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        const view = between(one, other, whole);
        expectWithin(view);
        expect(view.fromMs).toBeLessThanOrEqual(Math.min(one, other) + 1e-6);
        expect(view.toMs).toBeGreaterThanOrEqual(Math.max(one, other) - 1e-6);
      }),
    );
  });

  test('that is zoomed in and out again is the same', () => {
    const view = { fromMs: 10_000, toMs: 20_000 };
    expect(zoomed(zoomed(view, whole, 0.5), whole, 2)).toEqual(view);
  });
});

test('ticks are round, within the view, and no more than asked for', () => {
  expect(ticks({ fromMs: -1_200, toMs: 5_300 }, 8)).toEqual([-1000, 0, 1000, 2000, 3000, 4000, 5000]);
  expect(ticks({ fromMs: 3_000, toMs: 3_400 }, 5)).toEqual([3000, 3100, 3200, 3300, 3400]);
});

test('a moment is told since the fault', () => {
  expect([moment(3480), moment(-12_000, 0)]).toEqual(['+3.48 s', '−12 s']);
});
