import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chain, exactly, notSeen, span, type Moment, type Term } from './decomposition-term.ts';

const deed = { fromMs: 1000, toMs: 1040 };

function term(name: string, fromMs: number, toMs: number | undefined, allowedMs?: number): Term {
  const moment: Moment = toMs === undefined ? { fromMs } : { fromMs, toMs };
  return { name, moment, detail: '', allowedMs };
}

describe('the span between two moments', () => {
  const anyMoment = fc
    .tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 500 }), fc.nat(1000))
    .map(([fromMs, widthMs, share]) => ({
      moment: { fromMs, toMs: fromMs + widthMs },
      truthMs: fromMs + (widthMs * share) / 1000,
    }));

  test('holds the true time between them, wherever in their bounds they were', () => {
    fc.assert(
      fc.property(anyMoment, anyMoment, (one, other) => {
        const { lowerMs, upperMs = NaN } = span(one.moment, other.moment);
        const truthMs = Math.max(0, other.truthMs - one.truthMs);
        expect(lowerMs).toBeLessThanOrEqual(truthMs);
        expect(upperMs).toBeGreaterThanOrEqual(truthMs);
      }),
    );
  });

  test('has no upper bound when the second never came, and no lower one after a first that never did', () => {
    expect(span(exactly(100), { fromMs: 900 })).toEqual({ lowerMs: 800 });
    expect(span({ fromMs: 100 }, exactly(900))).toEqual({ lowerMs: 0, upperMs: 800 });
  });
});

describe('a chain of terms', () => {
  test('measures each from the one before it and from the fault', () => {
    const { terms, overrun } = chain([term('a', 1200, 1210), term('b', 1300, 1350)], deed);
    expect(terms).toMatchObject([
      { name: 'a', sinceFault: { lowerMs: 160, upperMs: 210 }, overran: false },
      { name: 'b', sincePrevious: { lowerMs: 90, upperMs: 150 }, sinceFault: { lowerMs: 260, upperMs: 350 } },
    ]);
    expect(terms[0]).not.toHaveProperty('sincePrevious');
    expect(overrun).toBeUndefined();
  });

  test('says overrun only when the lower bound exceeds what is allowed, and names the worst', () => {
    const { terms, overrun } = chain(
      [
        term('straddles', 1290, 1500, 300),
        term('much', 2900, 2910, 300),
        term('little', 3300, 3310, 300),
        term('in time', 3400, 3410, 300),
      ],
      deed,
    );
    expect(terms.map(({ overran }) => overran)).toEqual([false, true, true, false]);
    expect(overrun).toBe('much');
  });

  test('gives the next term the time of those that nobody saw', () => {
    const terms = [term('a', 1100, 1100, 200), notSeen('b', 'no capture', 300), term('c', 1550, 1550, 200)];
    expect(chain(terms, deed).terms.at(-1)).toMatchObject({
      sincePrevious: { lowerMs: 450, upperMs: 450 },
      allowedMs: 500,
      overran: false,
    });
    expect(chain(terms.with(1, notSeen('b', 'no capture')), deed).overrun).toBe('c');
  });

  test('does not judge what waited for a term that never came', () => {
    const { terms, overrun } = chain(
      [term('a', 1100, 1100, 200), term('never', 9000, undefined, 200), term('waits', 9900, undefined, 200)],
      deed,
    );
    expect(overrun).toBe('never');
    expect(terms.at(-1)).toMatchObject({ overran: false, sincePrevious: { lowerMs: 8800 } });
    expect(terms.at(-1)).not.toHaveProperty('allowedMs');
  });

  test('holds a term to its due moment, whatever came between', () => {
    const due = (atMs: number): Term => ({ ...term('due', atMs, atMs), dueMs: 5000 });
    const late = term('late', 4000, 4000, 200);
    expect(chain([late, due(4900)], deed).terms[1]).toMatchObject({ allowedMs: 1000, overran: false });
    expect(chain([late, due(5100)], deed).terms[1]).toMatchObject({ allowedMs: 1000, overran: true });
  });

  test('lets a first term precede the fault by what it may, and no more', () => {
    const lead = (atMs: number): Term => ({ ...term('lead', atMs, atMs), leadMs: 500 });
    expect(chain([lead(600)], deed)).toMatchObject({ terms: [{ allowedMs: 500, overran: false }] });
    expect(chain([lead(400)], deed).overrun).toBe('lead');
  });

  test('overruns by interval arithmetic alone, for any terms', () => {
    const anyTerm = fc
      .tuple(fc.nat(9000), fc.option(fc.nat(500), { nil: undefined }), fc.nat(2000))
      .map(([fromMs, width, allowedMs]) =>
        term('t', fromMs, width === undefined ? undefined : fromMs + width, allowedMs),
      );
    fc.assert(
      fc.property(fc.array(anyTerm, { maxLength: 8 }), (terms) => {
        const decomposed = chain(terms, deed);
        expect(decomposed.terms).toHaveLength(terms.length);
        for (const { overran, allowedMs, sincePrevious, sinceFault } of decomposed.terms) {
          const lowerMs = (sincePrevious ?? sinceFault)?.lowerMs ?? NaN;
          expect(overran).toBe(allowedMs !== undefined && lowerMs > allowedMs);
        }
        expect(decomposed.overrun !== undefined).toBe(decomposed.terms.some(({ overran }) => overran));
      }),
    );
  });
});
