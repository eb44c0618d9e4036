// Which series failed last, beside writing their samples down.
import type { JournalEvent, Recorder } from '../core/record.ts';

export class SeriesView implements Recorder {
  readonly #recorder: Recorder;
  readonly #failing = new Set<string>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  append(event: JournalEvent): void {
    if (event.type === 'sample') {
      if (event.ok) this.#failing.delete(event.probe);
      else this.#failing.add(event.probe);
    }
    this.#recorder.append(event);
  }

  /** Names of the series whose last answer was a failure. */
  get failing(): readonly string[] {
    return [...this.#failing];
  }
}
