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

/**
 * One request at a time: each waits behind the one before it, as with any HTTP/1.1 client. Whatever ends the connection
 * ends all that wait on it, so that the next one starts afresh with its whole limit. Handed on to the new connection,
 * each would have only a rest of its limit, and a recovery slower than that would never be seen.
 */
export function onOneConnection(target: Target): Ask {
  const queue: Waiting[] = [];
  let busy = false;
  let connection: Connection | undefined;

  const work = async (): Promise<void> => {
    busy = true;
    for (let head = queue.shift(); head; head = queue.shift()) {
      if (!connection?.socket.writable) connection = target.open();
      const outcome = await exchange(connection, target, head.startNs, head.request);
      head.resolve(outcome);
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
