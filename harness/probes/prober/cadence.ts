// Open-loop ticks on CLOCK_MONOTONIC: tick k is due at first + k × interval, whatever became of the ticks before it.

export interface Tick {
  readonly startNs: bigint;
  /** How long after it was due the tick came. */
  readonly lateMs: number;
  /** Ticks before this one that were due and never came, because the event loop stood still over them. */
  readonly lost: number;
}

/** Ticks until the returned function is called. */
export function startCadence(firstNs: bigint, intervalMs: number, onTick: (tick: Tick) => void): () => void {
  const intervalNs = BigInt(Math.round(intervalMs * 1e6));
  let next = 0n;
  const arm = (): NodeJS.Timeout => {
    const waitNs = firstNs + next * intervalNs - process.hrtime.bigint();
    return setTimeout(fire, Math.ceil(Number(waitNs) / 1e6));
  };
  const fire = (): void => {
    const startNs = process.hrtime.bigint();
    const newest = (startNs - firstNs) / intervalNs;
    // Timers count in whole milliseconds from a cached time and so may fire a little early.
    if (startNs < firstNs || newest < next) {
      timer = arm();
      return;
    }
    const lost = Number(newest - next);
    next = newest + 1n;
    timer = arm();
    onTick({ startNs, lateMs: Number(startNs - firstNs - newest * intervalNs) / 1e6, lost });
  };
  let timer = arm();
  return () => clearTimeout(timer);
}
