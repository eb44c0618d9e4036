// How a run is shown on stderr while it goes: phases as task lists, scenarios as a story told from the journal.
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { followJournal } from '../core/journal.ts';
import type { Phase, RunView } from '../run.ts';
import type { RunFolder } from '../run/folder.ts';
import { Narrator } from './narrator.ts';
import type { Progress } from './progress.ts';

/** For the last lines of the journal to be told before the next thing is. */
const LAST_LINES_MS = 150;

export class TerminalView implements RunView {
  readonly #progress: Progress;
  readonly #seed: number;

  constructor(progress: Progress, seed: number) {
    this.#progress = progress;
    this.#seed = seed;
  }

  begins(folder: RunFolder): void {
    this.#progress.note(`run ${folder.id}, seed ${this.#seed}, recorded in ${folder.path}`);
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
    for await (const event of followJournal(journal, { signal, fromByte })) {
      const line = narrator.tell(event);
      if (line !== undefined) this.#progress.note(`  ${line}`);
    }
  }
}
