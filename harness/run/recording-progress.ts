// Progress that is also written to the journal, so that the report knows what the time was spent on.
import type { RunClock } from '../core/clock.ts';
import { explainError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { Recorder } from '../core/record.ts';

export function recordingProgress(
  next: ProgressListener,
  phase: string,
  recorder: Recorder,
  clock: RunClock,
): ProgressListener {
  return {
    started: (step) => {
      recorder.append({ type: 'step.started', atMs: clock.now(), phase, step });
      next.started(step);
    },
    output: (step, line) => next.output(step, line),
    finished: (step, durationMs, detail) => {
      recorder.append({ type: 'step.finished', atMs: clock.now(), phase, step, durationMs });
      next.finished(step, durationMs, detail);
    },
    failed: (step, durationMs, error) => {
      recorder.append({
        type: 'step.failed',
        atMs: clock.now(),
        phase,
        step,
        durationMs,
        error: explainError(error),
      });
      next.failed(step, durationMs, error);
    },
  };
}
