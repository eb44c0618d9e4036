// Progress as a live list (listr2): what is under way with its elapsed time and last output line, and what is done.
// listr2 only displays: tasks appear as they are reported, and the work itself never runs inside it.
import {
  Listr,
  ListrLogger,
  type ListrDefaultRendererLogLevels,
  ListrTaskState,
  ProcessOutput,
} from 'listr2';
import { spoken } from '../core/text.ts';
import { failureText, type PhaseView } from './phase-view.ts';

interface ShownTask {
  readonly row: Listr['tasks'][number];
  readonly startedAtMs: number;
}

export function terminalView(title: string, stream: NodeJS.WriteStream): PhaseView {
  const startedAtMs = performance.now();
  const running = new Map<string, ShownTask>();
  let settle: (error?: Error) => void = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  const over = settled.catch(() => undefined);
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
    processOutput: new ProcessOutput(stream, stream),
  });
  // Ctrl-C belongs to the command, which heals and tears down first; listr2 would exit.
  const tasks = new Listr([{ task: () => settled }], { concurrent: true, registerSignalListeners: false });
  const phase = new Listr([{ title, task: () => tasks }], {
    registerSignalListeners: false,
    // listr2 looks whether stdout is a terminal; here stderr is one, and stdout may well be a file.
    fallbackRenderer: 'default',
    rendererOptions: { logger },
    fallbackRendererOptions: { logger },
  });
  const shown = phase.run().catch(() => undefined);
  const elapsedTimer = setInterval(() => {
    for (const [name, { row, startedAtMs: since }] of running) row.title$ = `${name} (${elapsed(since)})`;
  }, 1000);

  const close = (name: string, state: ListrTaskState, text: string): void => {
    const task = running.get(name);
    if (!task) return;
    running.delete(name);
    task.row.title$ = `${name} ${text}`;
    task.row.state$ = state;
  };
  return {
    started: (name) => {
      // Rows reported before the list has begun are run by it too, so each waits for the phase's end.
      tasks.add({ title: name, task: () => over });
      const row = tasks.tasks.at(-1);
      if (!row) return;
      void row.check({});
      row.state$ = ListrTaskState.STARTED;
      running.set(name, { row, startedAtMs: performance.now() });
    },
    output: (name, line) => {
      const task = running.get(name);
      if (task) task.row.output$ = line.trimEnd();
    },
    finished: (name, durationMs, detail) => {
      const text = `(${[spoken(durationMs), detail].filter(Boolean).join(', ')})`;
      close(name, ListrTaskState.COMPLETED, text);
    },
    failed: (name, durationMs, error) => close(name, ListrTaskState.FAILED, failureText(durationMs, error)),
    end: async (error) => {
      clearInterval(elapsedTimer);
      for (const name of running.keys()) close(name, ListrTaskState.FAILED, 'stopped');
      const [row] = phase.tasks;
      if (row) row.title$ = `${title} (${elapsed(startedAtMs)})`;
      settle(error);
      await shown;
    },
  };
}

function elapsed(sinceMs: number): string {
  return spoken(performance.now() - sinceMs);
}
