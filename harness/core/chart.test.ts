import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCells, encodeCells, type Cell } from './chart.ts';

const FAILURES = ['refused', 'timeout', 'reset', 'unreachable', 'tls', 'status', 'other'] as const;

const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant({ state: 'none' as const }),
  fc.record({
    state: fc.constantFrom('failed' as const, 'mixed' as const),
    failure: fc.constantFrom(...FAILURES),
  }),
  fc.record({
    state: fc.constant('good' as const),
    latencyMs: fc.double({ min: 0.05, max: 60_000, noNaN: true }),
  }),
);

describe('the cells of a series', () => {
  test('come back from their text, latencies within a thousandth', () => {
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        const text = encodeCells(cells);
        expect(text).toHaveLength(2 * cells.length);
        const back = decodeCells(text);
        expect(back.map(({ state }) => state)).toEqual(cells.map(({ state }) => state));
        for (const [index, one] of cells.entries()) {
          const other = back[index];
          if (one.state !== 'good' || other?.state !== 'good') expect(other).toEqual(one);
          else expect(Math.abs(other.latencyMs / one.latencyMs - 1)).toBeLessThan(0.001);
        }
      }),
    );
  });

  test('need no escape in JSON or HTML', () => {
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        const text = encodeCells(cells);
        expect(JSON.stringify(text)).toBe(`"${text}"`);
        expect(text).not.toMatch(/[<&'"]/);
      }),
    );
  });

  test('that are beyond the scale are at its ends', () => {
    const text = encodeCells([
      { state: 'good', latencyMs: 0 },
      { state: 'good', latencyMs: 1e9 },
    ]);
    expect(
      decodeCells(text).map((one) => (one.state === 'good' ? Math.round(one.latencyMs * 100) : 0)),
    ).toEqual([5, 6_000_000]);
  });

  test('of a text that is none are none', () => {
    expect(decodeCells('"<x')).toEqual([{ state: 'none' }]);
  });
});
