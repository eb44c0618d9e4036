// Runs a plain list of named, limited steps: each starts when those it needs are done, or one after the other.
import { asError, HoldfastError } from './errors.ts';
import type { ProgressListener } from './progress.ts';
import type { StepTime } from './result.ts';
import { withLimit, withTimeout } from './wait.ts';

export interface Step<Context> {
  readonly name: string;
  /** Names of the steps that must be done before. */
  readonly needs: readonly string[];
  readonly timeoutMs: number;
  run(context: Context, signal: AbortSignal): Promise<void>;
}

export interface RunStepsOptions {
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
  readonly sequential?: boolean;
}

/** A step of a list failed. The cause names host, command and output. */
export class StepError extends HoldfastError {
  readonly step: string;

  constructor(step: string, cause: Error) {
    super(`step "${step}" failed`, { cause });
    this.step = step;
  }
}

/**
 * Runs every step once and returns how long each took. The first failure aborts the others through their signal;
 * all are awaited before it is thrown, so that nothing goes on behind the caller's back.
 */
export async function runSteps<Context>(
  steps: readonly Step<Context>[],
  context: Context,
  options: RunStepsOptions,
): Promise<readonly StepTime[]> {
  requireKnownNeeds(steps);
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const times: StepTime[] = [];
  const started = new Map<string, Promise<void>>();
  let previous: Promise<unknown> = Promise.resolve();

  for (const step of steps) {
    const needs = [
      ...step.needs.flatMap((name) => started.get(name) ?? []),
      ...(options.sequential ? [previous] : []),
    ];
    const work = Promise.all(needs).then(async () => {
      signal.throwIfAborted();
      times.push({ name: step.name, ms: await runStep(step, context, signal, options.progress) });
    });
    work.catch((thrown: unknown) => failure.abort(thrown));
    started.set(step.name, work);
    previous = work;
  }

  await Promise.allSettled(started.values());
  signal.throwIfAborted();
  return times;
}

async function runStep<Context>(
  step: Step<Context>,
  context: Context,
  signal: AbortSignal,
  progress: ProgressListener,
): Promise<number> {
  const startedAt = performance.now();
  progress.started(step.name);
  // The work is told to stop at the same limit at which we stop waiting for it.
  try {
    await withLimit(step.timeoutMs, signal, (limited) =>
      withTimeout(`step "${step.name}"`, step.timeoutMs + 1000, step.run(context, limited)),
    );
  } catch (thrown) {
    const error = asError(thrown);
    // Ended with the others: the failure is told where it happened.
    const failure = signal.aborted ? new Error('stopped') : error;
    progress.failed(step.name, performance.now() - startedAt, failure);
    throw signal.aborted ? error : new StepError(step.name, error);
  }
  const durationMs = performance.now() - startedAt;
  progress.finished(step.name, durationMs);
  return durationMs;
}

/** Needs must stand earlier in the list: so the list reads as a story and holds no cycle. */
function requireKnownNeeds<Context>(steps: readonly Step<Context>[]): void {
  const known = new Set<string>();
  for (const step of steps) {
    const unknown = step.needs.filter((name) => !known.has(name));
    if (unknown.length > 0)
      throw new Error(`step "${step.name}" needs ${unknown.join(', ')}, which stands not before it`);
    known.add(step.name);
  }
}
