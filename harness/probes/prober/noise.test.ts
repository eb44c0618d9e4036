// The prober's account of the wall clock against the monotonic one. Arithmetic only.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wallClockStepMs } from './noise.ts';

const reading = fc.record({
  wallMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  monotonicMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

it('a wall clock that was set by more than it can show is seen so, forwards and backwards', () => {
  fc.assert(
    fc.property(
      reading,
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      fc.integer({ min: -4_000_000, max: 4_000_000 }).filter((stepMs) => Math.abs(stepMs) > 2),
      (from, windowMs, stepMs) => {
        const to = {
          wallMs: Math.floor(from.wallMs + windowMs + stepMs),
          monotonicMs: from.monotonicMs + windowMs,
        };
        expect(Math.abs(wallClockStepMs(from, to) - stepMs)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

it('a wall clock that nobody set has no step, whenever within its millisecond it is read', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      (startMs, windowMs) => {
        const at = (ms: number) => ({ wallMs: Math.floor(1_700_000_000_000 + ms), monotonicMs: ms });
        expect(wallClockStepMs(at(startMs), at(startMs + windowMs))).toBe(0);
      },
    ),
  );
});
