// What displays one phase of work: plain lines (progress-plain.ts) or a live list (progress-terminal.ts).
import type { ProgressListener } from '../core/progress.ts';
import { spoken } from '../core/text.ts';

/** One phase on display. `end` leaves its last state on the screen. */
export interface PhaseView extends ProgressListener {
  end(error?: Error): Promise<void>;
}

/** The first line of the error: progress is no place for whole outputs, which follow when the command ends. */
export function failureText(durationMs: number, error: Error): string {
  return `failed after ${spoken(durationMs)}: ${error.message.split('\n', 1)[0] ?? ''}`;
}
