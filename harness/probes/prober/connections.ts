// How a series uses connections: a new one for each sample, or one that is kept.
import { type Connection, exchange, msSince, type Outcome, type Target } from './exchange.ts';

/**
 * Asks once; the limit runs from `startNs`, a CLOCK_MONOTONIC reading. Never rejects.
 * @param request instead of the target's own
 */
export type Ask = (startNs: bigint, request?: string) => Promise<Outcome>;

export function onNewConnections(target: Target): Ask {
  return (startNs, request) => exchange(target.open(), target, startNs, request);
}

interface Waiting {
  readonly startNs: bigint;
  readonly request: string | undefined;
  readonly resolve: (outcome: Outcome) => void;
}

const NO_TURN = 'waited its whole limit for its turn on the connection';

/**
 * One request at a time, as with any HTTP/1.1 client. Samples of the target's own request that come due meanwhile are all
 * answered by the next one: a server that answers, only slower than the cadence, must not fail samples by the line that
 * they stand in. A request that is a sample's own waits for its turn, at most for its limit.
 *
 * The limit of what waited begins when it is sent: the connection was alive until then. Whatever ends the connection ends
 * all that wait on it, so that the next one starts afresh with its whole limit. Handed on to the new connection, each
 * would have only a rest of its limit, and a recovery slower than that would never be seen.
 */
export function onOneConnection(target: Target): Ask {
  const queue: Waiting[] = [];
  let busy = false;
  let connection: Connection | undefined;

  const next = (): Waiting[] => (queue[0]?.request === undefined ? queue.splice(0) : queue.splice(0, 1));

  const work = async (): Promise<void> => {
    busy = true;
    for (let [head, ...others] = next(); head; [head, ...others] = next()) {
      if (head.request !== undefined && msSince(head.startNs) >= target.timeoutMs) {
        head.resolve({ durationMs: msSince(head.startNs), sent: false, failure: 'timeout', detail: NO_TURN });
        continue;
      }
      if (!connection?.socket.writable) connection = target.open();
      const outcome = await exchange(connection, target, process.hrtime.bigint(), head.request);
      for (const { startNs, resolve } of [head, ...others]) {
        resolve({ ...outcome, durationMs: msSince(startNs) });
      }
      const { failure } = outcome;
      if (failure === undefined || failure === 'status') continue;
      connection = undefined;
      const detail = 'waited on a connection that ended with an earlier request';
      for (const { startNs, resolve } of queue.splice(0)) {
        resolve({ durationMs: msSince(startNs), sent: false, failure, detail });
      }
    }
    busy = false;
  };

  return (startNs, request) =>
    new Promise((resolve) => {
      queue.push({ startNs, request, resolve });
      if (!busy) void work();
    });
}

/** In turn on several connections, each of which is kept: a request that is slow holds up one in so many. */
export function onSeveralConnections(target: Target, count: number): Ask {
  const asks = Array.from({ length: count }, () => onOneConnection(target));
  let turn = 0;
  return (startNs, request) => {
    const ask = asks[turn % count];
    turn += 1;
    if (!ask) throw new RangeError(`${count} connections are none`);
    return ask(startNs, request);
  };
}
