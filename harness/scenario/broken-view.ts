// Whether anything has been broken yet, beside writing it down.
import type { JournalEvent, Recorder } from '../core/record.ts';

export class BrokenView implements Recorder {
  readonly #next: Recorder;
  #isBroken = false;

  constructor(next: Recorder) {
    this.#next = next;
  }

  append(event: JournalEvent): void {
    if (event.type === 'fault.prepared') this.#isBroken = true;
    this.#next.append(event);
  }

  /** A fault was on record, and may have been injected. */
  get isBroken(): boolean {
    return this.#isBroken;
  }
}
