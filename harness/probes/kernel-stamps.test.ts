import { expect, test } from 'vitest';
import type { RunClock } from '../core/clock.ts';
import { KernelStamps } from './kernel-stamps.ts';

/** A clock that is off by what the test says, call by call. */
function clockOff(...offsMs: readonly number[]): RunClock {
  const left = [...offsMs];
  const cannot = (): never => {
    throw new Error('no test needs this');
  };
  return { now: cannot, fromMonotonicNs: cannot, fromEpochMs: (epochMs) => epochMs + (left.shift() ?? 0) };
}

test('events that follow each other within the resolution of the wall clock keep their order', () => {
  const stamps = new KernelStamps(clockOff(0.9, 0.1, 0.5));
  expect([stamps.atMs(100), stamps.atMs(100.04), stamps.atMs(102)]).toEqual([100.9, 100.9, 102.5]);
});

test('a stamp from long before stays where it is: the clock was set, or it belongs to a snapshot', () => {
  const stamps = new KernelStamps(clockOff());
  expect([stamps.atMs(5000), stamps.atMs(2000), stamps.atMs(2001)]).toEqual([5000, 2000, 2001]);
});
