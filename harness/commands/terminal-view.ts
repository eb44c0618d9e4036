// How a run is shown on stderr while it goes: phases as task lists, scenarios as a story told from the journal.
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import type { RunClock } from '../core/clock.ts';
import { asError, explainError } from '../core/errors.ts';
import { followJournal } from '../core/journal.ts';
import { serveRun } from '../live.ts';
import { Narrator } from '../narrator.ts';
import type { Phase, RunView } from '../run.ts';
import type { RunFolder } from '../run/folder.ts';
import type { Served } from '../serve.ts';
import { LiveLanes } from './live-lanes.ts';

import type { Progress } from './progress.ts';

/** For the last lines of the journal to be told before the next thing is. */
const LAST_LINES_MS = 150;
const REDRAW_MS = 250;

export class TerminalView implements RunView {
  readonly #progress: Progress;
  readonly #seed: number;
  readonly #ui: boolean;
  #clock: RunClock | undefined;
  #served: Promise<Served | undefined> = Promise.resolve(undefined);

  /** @param ui whether the report is served while the run goes */
  constructor(progress: Progress, seed: number, ui: boolean) {
    this.#progress = progress;
    this.#seed = seed;
    this.#ui = ui;
  }

  begins(folder: RunFolder, clock: RunClock): void {
    this.#clock = clock;
    this.#progress.note(`run ${folder.id}, seed ${this.#seed}, recorded in ${folder.path}`);
    if (this.#ui) this.#served = this.#serve(folder);
  }

  async end(): Promise<void> {
    await (await this.#served)?.close();
  }

  /** The run goes on without it. */
  async #serve(folder: RunFolder): Promise<Served | undefined> {
    try {
      const served = await serveRun(folder, 0);
      this.#progress.note(`live report: ${served.url}`);
      return served;
    } catch (thrown) {
      this.#progress.note(`no live report: ${explainError(asError(thrown))}`);
      return undefined;
    }
  }

  readonly phase: Phase = (title, work) => this.#progress.phase(title, work);

  warn(text: string): void {
    this.#progress.note(text);
  }

  async scenario<T>(title: string, journal: string, work: () => Promise<T>): Promise<T> {
    this.#progress.note(`scenario ${title}`);
    const following = new AbortController();
    const told = this.#tell(journal, statSync(journal).size, following.signal);
    try {
      return await work();
    } finally {
      await sleep(LAST_LINES_MS);
      following.abort();
      await told;
    }
  }

  async #tell(journal: string, fromByte: number, signal: AbortSignal): Promise<void> {
    const narrator = new Narrator();
    const block = this.#liveBlock();
    for await (const event of followJournal(journal, { signal, fromByte })) {
      block?.lanes.see(event);
      const line = narrator.tell(event);
      if (line !== undefined) {
        block?.clear();
        this.#progress.note(`  ${line}`);
        block?.draw();
      }
    }
    block?.end();
  }

  /** Lanes below the story that move as it goes; undefined where nothing can be drawn again. */
  #liveBlock(): LiveBlock | undefined {
    const [terminal, clock] = [this.#progress.terminal, this.#clock];
    return terminal && clock && new LiveBlock(terminal, clock);
  }
}

class LiveBlock {
  readonly lanes = new LiveLanes();
  readonly #terminal: NodeJS.WriteStream;
  readonly #clock: RunClock;
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;

  constructor(terminal: NodeJS.WriteStream, clock: RunClock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#update = createLogUpdate(terminal);
    this.#timer = setInterval(() => this.draw(), REDRAW_MS);
  }

  draw(): void {
    this.#update(this.lanes.render(this.#clock.now(), this.#terminal.columns - 1).join('\n'));
  }

  clear(): void {
    this.#update.clear();
  }

  /** What was drawn last goes: the story above it stays. */
  end(): void {
    clearInterval(this.#timer);
    this.#update.clear();
    this.#update.done();
  }
}
