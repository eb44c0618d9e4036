// How long work goes is told on stderr: a live task list on a terminal, plain lines with the elapsed time elsewhere.
// stdout stays free for results. Whatever a view does wrong never costs the work.
import { asError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { PhaseView } from './phase-view.ts';
import { plainView } from './progress-plain.ts';
import { terminalView } from './progress-terminal.ts';

export interface ProgressOptions {
  /** Plain lines even on a terminal: --json, or a log that is read later. */
  readonly plain?: boolean;
  /** Default process.stderr. */
  readonly stream?: NodeJS.WriteStream;
}

/** Below this a live list wraps into noise; a terminal that does not know its width says 0. */
const NARROWEST_COLUMNS = 40;

export class Progress {
  readonly #open: (title: string) => PhaseView;
  readonly #note: (text: string) => void;
  /** The terminal on which lines can be drawn again; absent where plain lines are wanted. */
  readonly terminal: NodeJS.WriteStream | undefined;

  constructor(options: ProgressOptions = {}) {
    const stream = options.stream ?? process.stderr;
    const startedAtMs = performance.now();
    const isWide = stream.isTTY && stream.columns >= NARROWEST_COLUMNS;
    const isLive = isWide && options.plain !== true && process.env.CI === undefined;
    const writeLine = (text: string): void => {
      const elapsedS = ((performance.now() - startedAtMs) / 1000).toFixed(1);
      stream.write(`[${elapsedS.padStart(6)}s] ${text}\n`);
    };
    this.terminal = isLive ? stream : undefined;
    this.#open = (title) => (isLive ? terminalView(title, stream) : plainView(title, writeLine));
    this.#note = isLive ? (text) => stream.write(`${text}\n`) : writeLine;
  }

  /** One line between phases, such as a warning. */
  note(text: string): void {
    attempt(() => this.#note(text));
  }

  /** Shows the tasks that the work reports until it settles, and settles as the work does. */
  async phase<T>(title: string, work: (listener: ProgressListener) => Promise<T>): Promise<T> {
    const view = attempt(() => this.#open(title));
    const end = async (error?: Error): Promise<void> => {
      await view?.end(error).catch(() => undefined);
    };
    try {
      const value = await work(guarded(view));
      await end();
      return value;
    } catch (thrown) {
      await end(asError(thrown));
      throw thrown;
    }
  }
}

function guarded(view: PhaseView | undefined): ProgressListener {
  return {
    started: (task) => attempt(() => view?.started(task)),
    output: (task, line) => attempt(() => view?.output(task, line)),
    finished: (task, durationMs, detail) => attempt(() => view?.finished(task, durationMs, detail)),
    failed: (task, durationMs, error) => attempt(() => view?.failed(task, durationMs, error)),
  };
}

/** A display that fails is a display that is not there. */
function attempt<T>(show: () => T): T | undefined {
  try {
    return show();
  } catch {
    return undefined;
  }
}
