// What a scenario demands in its course beside its checks, recorded with what was found; and the workload's usual state.
import type { RunClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import type { Recorder } from '../core/record.ts';
import { waitFor, type Attempt } from '../core/wait.ts';
import { LOGAPI_AS_DEPLOYED, missingOf, type Logapi } from '../workload/logapi.ts';
import type { Stage } from './definition.ts';

const INTERVAL_MS = 250;

/** Stage.demand, into a journal. */
export function demanding(recorder: Recorder, clock: RunClock, signal: AbortSignal): Stage['demand'] {
  return async (what, timeoutMs, missing) => {
    const fromMs = clock.now();
    let found = 'nothing was asked in time';
    const ask = async (): Promise<boolean> => {
      const answer = await missing().catch((thrown: unknown) => asError(thrown).message);
      found = answer ?? 'so it is';
      return answer === undefined;
    };
    const kept = timeoutMs === 0 ? await ask() : await within(what, timeoutMs, signal, ask);
    const limit = timeoutMs === 0 ? {} : { limitMs: timeoutMs };
    recorder.append({ type: 'demand', atMs: clock.now(), fromMs, what, kept, found, ...limit });
    return kept;
  };
}

async function within(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  ask: () => Promise<boolean>,
): Promise<boolean> {
  const limit = { timeoutMs, intervalMs: INTERVAL_MS, signal };
  try {
    await waitFor(what, limit, async () => ((await ask()) ? { done: undefined } : { missing: 'not yet' }));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** For waitFor: puts the workload back, and says what is still missing of its usual state. */
export async function attemptWorkloadAsDeployed(logapi: Logapi): Promise<Attempt<undefined>> {
  await logapi.restore();
  const missing = missingOf(await logapi.state(), LOGAPI_AS_DEPLOYED);
  return missing === undefined ? { done: undefined } : { missing };
}
