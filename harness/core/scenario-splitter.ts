// A journal's events, put together scenario by scenario.
import type {
  JournalEvent,
  RunStarted,
  ScenarioFinished,
  ScenarioRecord,
  ScenarioStarted,
} from './record.ts';

/** Takes events in the order of the journal. A scenario that was cut off reaches to the next, or the end. */
export class ScenarioSplitter {
  readonly #run: RunStarted;
  #started: ScenarioStarted | undefined;
  #events: JournalEvent[] = [];

  constructor(run: RunStarted) {
    this.#run = run;
  }

  /** @returns the scenario that is complete with this event, if one is */
  add(event: JournalEvent): ScenarioRecord[] {
    if (event.type === 'scenario.finished') return this.#close(event);
    if (event.type === 'scenario.started') {
      const cutOff = this.#close(undefined);
      this.#started = event;
      return cutOff;
    }
    if (this.#started) this.#events.push(event);
    return [];
  }

  /** @returns the scenario that was under way */
  end(): ScenarioRecord[] {
    return this.#close(undefined);
  }

  #close(finished: ScenarioFinished | undefined): ScenarioRecord[] {
    const [started, events] = [this.#started, this.#events];
    this.#started = undefined;
    this.#events = [];
    return started ? [{ run: this.#run, started, events, finished }] : [];
  }
}

export function scenariosIn(run: RunStarted, events: readonly JournalEvent[]): ScenarioRecord[] {
  const splitter = new ScenarioSplitter(run);
  return [...events.flatMap((event) => splitter.add(event)), ...splitter.end()];
}
