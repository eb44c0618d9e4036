// Time on a run's axis: milliseconds since the run began, on the harness's monotonic clock (CLOCK_MONOTONIC). All processes
// and containers of one machine share it; what another machine stamped is translated by that machine's offset, and is then
// known only so well as the offset is.
import type { Host } from './host.ts';

export interface RunClock {
  /** Milliseconds since the run began, with fractions. */
  now(): number;
  /** A CLOCK_MONOTONIC reading in nanoseconds, as process.hrtime.bigint() gives it, on the run's axis. */
  fromMonotonicNs(ns: bigint): number;
  /** Wall-clock milliseconds since 1970 on the run's axis. Exact only while the wall clock is not stepped. */
  fromEpochMs(epochMs: number): number;
}

export interface ClockOrigin {
  /** process.hrtime.bigint() at the start of the run, as a decimal string (JSON has no bigint). */
  readonly monotonicNs: string;
  /** Wall clock at the same moment. */
  readonly epochMs: number;
}

export function clockOriginNow(): ClockOrigin {
  const before = process.hrtime.bigint();
  const epochMs = performance.timeOrigin + performance.now();
  const after = process.hrtime.bigint();
  return { monotonicNs: String((before + after) / 2n), epochMs };
}

/** A moment on the run's axis. */
export interface Stamp {
  readonly atMs: number;
  /** By how much it may have been sooner or later. Absent: not at all, the clock that stamped it is the harness's own. */
  readonly uncertaintyMs?: number;
}

/** What a host stamps between one boot and the next, on the run's axis. */
export interface HostClock {
  /** Of the host's CLOCK_MONOTONIC, in nanoseconds. */
  fromMonotonicNs(ns: bigint): Stamp;
  /** Of the host's wall clock. */
  fromEpochMs(epochMs: number): Stamp;
}

export interface HostClocks {
  /**
   * The host's clock as it goes now, measured anew: to be asked for again when the host may have booted.
   * @throws EnvironmentError when the host has no way to tell its clock; whatever the host throws when it does not answer
   */
  of(host: Host): Promise<HostClock>;
}

/** The clock of a host that runs on the harness's own kernel. */
export function sharedClock(clock: RunClock): HostClock {
  return {
    fromMonotonicNs: (ns) => ({ atMs: clock.fromMonotonicNs(ns) }),
    fromEpochMs: (epochMs) => ({ atMs: clock.fromEpochMs(epochMs) }),
  };
}

/** Where all hosts are known to run on the harness's own kernel. */
export function sharedClocks(clock: RunClock): HostClocks {
  return { of: () => Promise.resolve(sharedClock(clock)) };
}

export function runClock(origin: ClockOrigin): RunClock {
  const startNs = BigInt(origin.monotonicNs);
  const fromMonotonicNs = (ns: bigint): number => Number(ns - startNs) / 1e6;
  return {
    fromMonotonicNs,
    now: () => fromMonotonicNs(process.hrtime.bigint()),
    fromEpochMs: (epochMs) => {
      // Translated through "now", so that a wall clock that drifted since the start does no harm.
      const nowEpochMs = Date.now();
      return fromMonotonicNs(process.hrtime.bigint()) - (nowEpochMs - epochMs);
    },
  };
}
