// Time on a run's axis: milliseconds since the run began, on the machine's monotonic clock (CLOCK_MONOTONIC),
// which all processes and containers of one machine share, so that no event needs to be translated.

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
