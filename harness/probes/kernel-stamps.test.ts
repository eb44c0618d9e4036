import { expect, test } from 'vitest';
import type { HostClock } from '../core/clock.ts';
import { KernelStamps } from './kernel-stamps.ts';

/** A clock that is off by what the test says, call by call. */
function clockOff(...offsMs: readonly number[]): HostClock {
  const left = [...offsMs];
  const cannot = (): never => {
    throw new Error('no test needs this');
  };
  return {
    fromMonotonicNs: cannot,
    fromEpochMs: (epochMs) => ({ atMs: epochMs + (left.shift() ?? 0) }),
  };
}

test('events that follow each other within the resolution of the wall clock keep their order', () => {
  const stamps = new KernelStamps(clockOff(0.9, 0.1, 0.5));
  expect([stamps.stamp(100).atMs, stamps.stamp(100.04).atMs, stamps.stamp(102).atMs]).toEqual([
    100.9, 100.9, 102.5,
  ]);
});

test('a stamp from long before stays where it is: the clock was set, or it belongs to a snapshot', () => {
  const stamps = new KernelStamps(clockOff());
  expect([stamps.stamp(5000).atMs, stamps.stamp(2000).atMs, stamps.stamp(2001).atMs]).toEqual([
    5000, 2000, 2001,
  ]);
});
