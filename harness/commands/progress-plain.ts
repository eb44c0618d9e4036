// Progress as plain lines, for logs and CI: each task's start, end and duration, and now and then its newest output.
import { spoken } from '../core/text.ts';
import { failureText, type PhaseView } from './phase-view.ts';

/** A chatty build must not fill the log: at most one line of output per task in this time. */
const OUTPUT_INTERVAL_MS = 10_000;

export function plainView(title: string, writeLine: (text: string) => void): PhaseView {
  const startedAtMs = performance.now();
  const lastShownAtMs = new Map<string, number>();
  writeLine(`${title} …`);
  return {
    started: (task) => {
      lastShownAtMs.set(task, performance.now());
      writeLine(`${task}: started`);
    },
    output: (task, line) => {
      const now = performance.now();
      if (now - (lastShownAtMs.get(task) ?? 0) < OUTPUT_INTERVAL_MS) return;
      lastShownAtMs.set(task, now);
      writeLine(`${task}: ${line.trimEnd()}`);
    },
    finished: (task, durationMs, detail) => {
      writeLine(`${task}: done in ${spoken(durationMs)}${detail ? ` (${detail})` : ''}`);
    },
    failed: (task, durationMs, error) => {
      writeLine(`${task}: ${failureText(durationMs, error)}`);
    },
    end: (error) => {
      const elapsed = spoken(performance.now() - startedAtMs);
      writeLine(error ? `${title}: failed after ${elapsed}` : `${title}: done in ${elapsed}`);
      return Promise.resolve();
    },
  };
}
