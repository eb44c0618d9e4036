// The interval against a truth that the test knows: ways there and back that are as unequal as can be, clocks that drift.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  begun,
  contradictionMs,
  followed,
  measureOf,
  middleOf,
  uncertaintyAt,
  uncertaintyOf,
  type ClockExchange,
  type ClockMeasure,
  type Resolution,
} from './clock-offset.ts';

const EXACT: Resolution = { monotonicNs: 1n, wallNs: 1n };

interface Ways {
  readonly thereNs: bigint;
  readonly atHostNs: bigint;
  readonly backNs: bigint;
}

const delayNs = fc.bigInt({ min: 0n, max: 300_000_000n });
const ways: fc.Arbitrary<Ways> = fc.record({ thereNs: delayNs, atHostNs: delayNs, backNs: delayNs });
/** Some months sooner or later booted. */
const anyOffsetNs = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n });

/** What the harness hears of a host whose clock is the harness's plus an offset, read in steps of the resolution. */
function exchange(
  askedNs: bigint,
  { thereNs, atHostNs, backNs }: Ways,
  offsetNs: bigint,
  resolution = EXACT,
): ClockExchange {
  const read = (ns: bigint): bigint => floored(ns + offsetNs, resolution.monotonicNs);
  const arrivedNs = askedNs + thereNs;
  return {
    askedNs,
    heardNs: arrivedNs + atHostNs + backNs,
    beforeNs: read(arrivedNs),
    afterNs: read(arrivedNs + atHostNs),
    wallNs: floored(arrivedNs + atHostNs / 2n + WALL_NS, resolution.wallNs),
  };
}

/** The harness's clock to the wall's. */
const WALL_NS = 1_795_000_000n * 1_000_000_000n;

function floored(ns: bigint, stepNs: bigint): bigint {
  const rest = ((ns % stepNs) + stepNs) % stepNs;
  return ns - rest;
}

describe('one measure', () => {
  const resolutions = fc.constantFrom<Resolution>(
    EXACT,
    { monotonicNs: 1_000n, wallNs: 1_000n },
    { monotonicNs: 10_000_000n, wallNs: 1n },
    { monotonicNs: 1n, wallNs: 1_000_000n },
  );

  test('certainly holds the offset, however unequal the ways there and back are', () => {
    fc.assert(
      fc.property(
        fc.array(ways, { minLength: 1, maxLength: 8 }),
        anyOffsetNs,
        resolutions,
        (delays, offsetNs, resolution) => {
          const exchanges = delays.map((one, index) =>
            exchange(BigInt(index) * 1_000_000_000n, one, offsetNs, resolution),
          );
          const measure = measureOf(exchanges, resolution);
          expect(measure.leastNs).toBeLessThanOrEqual(offsetNs);
          expect(measure.mostNs).toBeGreaterThanOrEqual(offsetNs);
          const offMs = Math.abs(Number(offsetNs - middleOf(measure))) / 1e6;
          expect(offMs).toBeLessThanOrEqual(uncertaintyOf(measure) + 1e-6);
        },
      ),
    );
  });

  test('knows how far the wall clock is ahead to within what it says', () => {
    fc.assert(
      fc.property(ways, anyOffsetNs, resolutions, (delays, offsetNs, resolution) => {
        const measure = measureOf([exchange(0n, delays, offsetNs, resolution)], resolution);
        const offNs = measure.wallAheadNs - (WALL_NS - offsetNs);
        expect(offNs < 0n ? -offNs : offNs).toBeLessThanOrEqual(measure.wallUncertaintyNs + 1n);
      }),
    );
  });

  test('is the exchange with the least way, whatever the host took to read its clocks', () => {
    const slow = exchange(0n, { thereNs: 40_000_000n, atHostNs: 0n, backNs: 0n }, 7n);
    const busy = exchange(10n ** 9n, { thereNs: 100_000n, atHostNs: 90_000_000n, backNs: 100_000n }, 7n);
    const measure = measureOf([slow, busy], EXACT);
    expect(measure.roundTripNs).toBe(200_000n);
    expect(uncertaintyOf(measure)).toBeCloseTo(0.1, 3);
  });

  test('needs an exchange', () => {
    expect(() => measureOf([], EXACT)).toThrow(RangeError);
  });
});

describe('one boot, measured again and again', () => {
  const SECOND_NS = 1_000_000_000n;

  test('follows a clock that drifts by up to 500 ppm: at no time is a stamp further off than it says', () => {
    const step = fc.record({ delays: ways, afterS: fc.integer({ min: 1, max: 30 }) });
    const ppm = fc.integer({ min: -499, max: 499 });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        ppm,
        anyOffsetNs,
        fc.integer({ min: 0, max: 20 }),
        (steps, rate, firstNs, laterS) => {
          const offsetAt = (ns: bigint): bigint => firstNs + (ns * BigInt(rate)) / 1_000_000n;
          let nowNs = 0n;
          let offset: ReturnType<typeof begun> | undefined;
          for (const { delays, afterS } of steps) {
            nowNs += BigInt(afterS) * SECOND_NS;
            // What the clock gains within one exchange is a microsecond at most, and no part of this.
            const short = { thereNs: delays.thereNs / 1000n, atHostNs: 0n, backNs: delays.backNs / 1000n };
            const measure = measureOf([exchange(nowNs, short, offsetAt(nowNs + short.thereNs))], EXACT);
            offset = offset ? followed(offset, measure) : begun(measure);
            expect(offset).toBeDefined();
          }
          if (!offset) throw new Error('never measured');
          const atNs = nowNs + BigInt(laterS) * SECOND_NS;
          const offMs = Math.abs(Number(offsetAt(atNs) - offset.offsetNs)) / 1e6;
          expect(offMs).toBeLessThanOrEqual(uncertaintyAt(offset, atNs) + 0.002);
        },
      ),
    );
  });

  test('keeps its offset for as long as that can be right, so that durations on it stay what they were', () => {
    const first = begun(measure(0n, 0n, 400_000n));
    const second = followed(first, measure(10n * SECOND_NS, 150_000n, 450_000n));
    expect(second?.offsetNs).toBe(200_000n);
    // Known better from below; from above the clocks may have drifted, and the new measure says by how much at most.
    expect(second && uncertaintyAt(second, second.atNs)).toBe(0.26);
    const third = followed(first, measure(10n * SECOND_NS, 300_000n, 450_000n));
    expect(third?.offsetNs).toBe(375_000n);
  });

  test('is not followed across a leap', () => {
    const first = begun(measure(0n, 0n, 400_000n));
    expect(followed(first, measure(SECOND_NS, 2_000_000n, 2_400_000n))).toBeUndefined();
  });

  test('is doubted the more the longer nobody has measured it', () => {
    const offset = begun(measure(0n, 0n, 2_000_000n));
    expect(uncertaintyAt(offset, 0n)).toBe(1.01);
    expect(uncertaintyAt(offset, 60n * SECOND_NS)).toBe(31.01);
    expect(uncertaintyAt(offset, -60n * SECOND_NS)).toBe(31.01);
  });
});

test('two measures contradict each other by what neither they nor drift explain', () => {
  const one = { atMs: 0, offsetMs: 100, uncertaintyMs: 2 };
  expect(contradictionMs(one, { atMs: 10_000, offsetMs: 108, uncertaintyMs: 2 })).toBe(0);
  expect(contradictionMs(one, { atMs: 10_000, offsetMs: 150, uncertaintyMs: 2 })).toBe(41);
  expect(contradictionMs(one, { atMs: 10_000, offsetMs: 50, uncertaintyMs: 2 })).toBe(41);
});

function measure(atNs: bigint, leastNs: bigint, mostNs: bigint): ClockMeasure {
  return { atNs, leastNs, mostNs, roundTripNs: mostNs - leastNs, wallAheadNs: 0n, wallUncertaintyNs: 0n };
}
