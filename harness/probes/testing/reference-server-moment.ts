// Waiting for a moment more finely than timers can, without being blind meanwhile.

/** Timers count in whole milliseconds and may be a little late; from here on the event loop turns without sleeping. */
const TURNING_MS = 3;
/** A connection takes one turn of the event loop to be accepted and another to be read from; one more to be sure. */
const TURNS_TO_BE_SERVED = 3;

/**
 * Resolves at the moment, or as soon after it as this program runs. What follows the `await` runs before anything that
 * arrives from then on is looked at.
 * @param dueNs on CLOCK_MONOTONIC
 * @returns a moment before which all that had arrived has been served
 */
export function moment(dueNs: bigint): Promise<bigint> {
  return new Promise((resolve) => {
    const turns: bigint[] = [];
    const turn = (): void => {
      const nowNs = process.hrtime.bigint();
      const lookedNs = turns.length >= TURNS_TO_BE_SERVED ? turns.shift() : undefined;
      if (nowNs >= dueNs && lookedNs !== undefined) {
        resolve(lookedNs);
        return;
      }
      turns.push(nowNs);
      setImmediate(turn);
    };
    const waitMs = Number(dueNs - process.hrtime.bigint()) / 1e6 - TURNING_MS;
    setTimeout(turn, Math.max(0, Math.floor(waitMs)));
  });
}
