// Follows what is written down while a scenario runs, and breaks it off when a safety condition is met.
import type { RunClock } from '../core/clock.ts';
import { HoldfastError } from '../core/errors.ts';
import type { JournalEvent, Recorder } from '../core/record.ts';
import { AbortConditions, parseAbortCondition } from '../safety/abort-when.ts';

const LOOK_EVERY_MS = 50;

export class AbortWatch implements Recorder {
  readonly #next: Recorder;
  readonly #clock: RunClock;
  readonly #conditions: AbortConditions;
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param conditions texts that parseAbortCondition takes */
  constructor(next: Recorder, clock: RunClock, parent: AbortSignal, conditions: readonly string[]) {
    this.#next = next;
    this.#clock = clock;
    this.#parent = parent;
    this.#conditions = new AbortConditions(conditions.map(parseAbortCondition));
    if (parent.aborted) this.#followParent();
    parent.addEventListener('abort', this.#followParent);
    if (conditions.length > 0) this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  append(event: JournalEvent): void {
    this.#next.append(event);
    this.#conditions.see(event);
  }

  /** Aborted with whatever it follows, and when a condition is met; the reason says which. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @throws HoldfastError when a condition could never be seen with what is watched */
  requireSight(): void {
    const { blind } = this.#conditions;
    if (blind.length === 0) return;
    const list = blind.map((text) => `"${text}"`).join(', ');
    throw new HoldfastError(`--abort-when ${list} cannot be seen: no series of this scenario tells of it`);
  }

  /** From now on nothing is broken off any more. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#parent.removeEventListener('abort', this.#followParent);
  }

  readonly #followParent = (): void => this.#controller.abort(this.#parent.reason);

  #look(): void {
    const atMs = this.#clock.now();
    const met = this.#conditions.met(atMs);
    if (!met) return;
    this.close();
    this.append({ type: 'safety.abort', atMs, ...met });
    this.#controller.abort(new HoldfastError(`stopped by --abort-when "${met.condition}": ${met.detail}`));
  }
}
