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
  const intervalMs = options.intervalMs ?? 200;
  let lastError = new Error('no answer yet');
  const ask = async (signal: AbortSignal): Promise<T> => {
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
  const timing = {
    retries: Number.POSITIVE_INFINITY,
    factor: 1,
    minTimeout: intervalMs,
    maxTimeout: intervalMs,
  };
  try {
    // An attempt that never ends is given up like one that is never satisfied.
    return await withLimit(options.timeoutMs, options.signal, (signal) => {
      const givenUp = whenAborted(signal).then(() => {
        throw asError(signal.reason);
      });
      return Promise.race([pRetry(() => ask(signal), { ...timing, signal }), givenUp]);
    });
  } catch {
    options.signal?.throwIfAborted();
    throw new WaitTimeoutError(`${what} not reached after ${options.timeoutMs} ms: ${lastError.message}`, {
      ...(!(lastError instanceof NotYet) && { cause: lastError }),
    });
  }
}

/**
 * Does work with a signal that is aborted after a time, or with another one. AbortSignal.any of AbortSignal.timeout would not
 * do: nothing holds the timer's signal, and when it is collected as garbage it never fires (nodejs/node#57736).
 * @returns what the work does; whether it heeds the signal is its own affair
 */
export async function withLimit<T>(
  timeoutMs: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abortWithParent = (): void => own.abort(parent?.reason);
  if (parent?.aborted) abortWithParent();
  parent?.addEventListener('abort', abortWithParent);
  const timer = setTimeout(() => own.abort(new LimitReached(timeoutMs)), timeoutMs);
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener('abort', abortWithParent);
  }
}

/** The reason of a signal that was aborted because its time was over. */
export class LimitReached extends Error {
  constructor(timeoutMs: number) {
    super(`no end within ${timeoutMs} ms`);
  }
}

/** Resolves when the signal is aborted; never settles otherwise. */
export function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const tell = (): void => resolve(undefined);
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell, { once: true });
  });
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
