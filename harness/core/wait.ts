// Every wait names what it waits for, its limit and its interval.
import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { asError, WaitTimeoutError } from './errors.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Pause between two attempts; default 200. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/** A probe for `waitFor` answers with a value when satisfied, or says in words what is still missing. */
export type Attempt<T> = { readonly done: T } | { readonly missing: string };

/** What an attempt answered when it was not satisfied. */
class NotYet extends Error {}

/**
 * Asks until the answer is `done`. An attempt that throws counts as missing, with its message.
 * @param what a subject with its state, as in "etcd on 10-10-103-96.node healthy"
 * @throws WaitTimeoutError "<what> not reached after <limit> ms: <last answer>", or the signal's reason
 */
export async function waitFor<T>(
  what: string,
  options: WaitOptions,
  attempt: (signal: AbortSignal) => Promise<Attempt<T>>,
): Promise<T> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const intervalMs = options.intervalMs ?? 200;
  let lastError = new Error('no answer yet');
  const ask = async (): Promise<T> => {
    try {
      const answer = await attempt(signal);
      if ('done' in answer) return answer.done;
      throw new NotYet(answer.missing);
    } catch (thrown) {
      lastError = asError(thrown);
      // p-retry takes a TypeError for a bug; here any failure may be a host that is not up yet.
      throw new NotYet(lastError.message, { cause: lastError });
    }
  };
  try {
    return await pRetry(ask, {
      retries: Number.POSITIVE_INFINITY,
      factor: 1,
      minTimeout: intervalMs,
      maxTimeout: intervalMs,
      signal,
    });
  } catch {
    options.signal?.throwIfAborted();
    throw new WaitTimeoutError(`${what} not reached after ${options.timeoutMs} ms: ${lastError.message}`, {
      ...(!(lastError instanceof NotYet) && { cause: lastError }),
    });
  }
}

/** Lets time pass on purpose: observation windows, not waiting for a state. Rejects when aborted. */
export async function letTimePass(durationMs: number, signal?: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, signal ? { signal } : {});
}

/** Rejects with a WaitTimeoutError when the work does not settle in time. The work itself is not stopped. */
export async function withTimeout<T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const limit = sleep(timeoutMs, undefined, { signal: done.signal, ref: false }).then(
    () => {
      throw new WaitTimeoutError(`${what} not finished after ${timeoutMs} ms`);
    },
    () => undefined as never,
  );
  try {
    return await Promise.race([work, limit]);
  } finally {
    done.abort();
  }
}
