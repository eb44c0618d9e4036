// Who is told how long work goes. Renderers live in harness/commands; tests and libraries pass `silent`.

export interface ProgressListener {
  started(task: string): void;
  /** The newest line of output of a task that is under way. */
  output(task: string, line: string): void;
  finished(task: string, durationMs: number, detail?: string): void;
  failed(task: string, durationMs: number, error: Error): void;
}

export const silentProgress: ProgressListener = {
  started: () => undefined,
  output: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
};
