// Asks a mirror again when it broke off, and not when it answered something that is wrong.
import pRetry, { AbortError } from 'p-retry';
import { asError, EnvironmentError, UsageError } from '../../core/errors.ts';

export interface Persistence {
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onFailure: (text: string) => void;
}

/** @param where what is asked for, for errors that do not say it themselves */
export async function persistently<T>(
  where: string,
  { retries, signal, onFailure }: Persistence,
  work: () => Promise<T>,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      // What is wrong with a file does not change by asking again.
      if (thrown instanceof UsageError) throw new AbortError(thrown);
      if (thrown instanceof EnvironmentError) throw thrown;
      // p-retry takes a TypeError for a bug.
      throw new EnvironmentError(`${where}: ${asError(thrown).message}`, { cause: asError(thrown) });
    }
  };
  return pRetry(attempt, {
    retries,
    minTimeout: 500,
    maxTimeout: 5000,
    signal,
    onFailedAttempt: ({ error }) => onFailure(`${error.message}; trying again`),
  });
}
