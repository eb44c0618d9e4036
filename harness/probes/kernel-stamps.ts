// The stamps of one stream of kernel events on the run's axis.
import type { HostClock, Stamp } from '../core/clock.ts';

/**
 * A wall clock that is read in whole milliseconds puts a stamp up to one too late, and two events that follow each other
 * sooner may change places.
 */
const WALL_CLOCK_RESOLUTION_MS = 1;

/** Keeps events in the order in which the kernel told them. Its stamps are wall-clock time. */
export class KernelStamps {
  readonly #clock: HostClock;
  #lastMs = -Infinity;

  constructor(clock: HostClock) {
    this.#clock = clock;
  }

  /** On the run's axis. A step of the wall clock is no question of order: such a stamp is left as it is. */
  stamp(epochMs: number): Stamp {
    const told = this.#clock.fromEpochMs(epochMs);
    const { atMs, uncertaintyMs = 0 } = told;
    // An offset that was measured anew in between may put the next event before the last.
    const isOvertaken =
      atMs < this.#lastMs && this.#lastMs - atMs <= WALL_CLOCK_RESOLUTION_MS + uncertaintyMs;
    this.#lastMs = isOvertaken ? this.#lastMs : atMs;
    return { ...told, atMs: this.#lastMs };
  }
}
