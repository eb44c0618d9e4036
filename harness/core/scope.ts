// A stack of undos. Push the undo before the deed; close undoes in reverse order, whatever happened.
import { asError } from './errors.ts';
import { withTimeout } from './wait.ts';

export interface Undo {
  readonly name: string;
  readonly timeoutMs: number;
  undo(): Promise<void>;
}

export class Scope {
  readonly #undos: Undo[] = [];

  push(undo: Undo): void {
    this.#undos.push(undo);
  }

  /** Undoes everything, last first, each within its own limit. Errors are collected, never in each other's way. */
  async close(): Promise<readonly Error[]> {
    const errors: Error[] = [];
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) errors.push(...(await attempt(undo)));
    return errors;
  }

  /** The same at once, for undos that do not need each other. */
  async closeTogether(): Promise<readonly Error[]> {
    return (await Promise.all(this.#undos.splice(0).map(attempt))).flat();
  }
}

async function attempt(undo: Undo): Promise<readonly Error[]> {
  try {
    await withTimeout(undo.name, undo.timeoutMs, undo.undo());
    return [];
  } catch (thrown) {
    return [new Error(`${undo.name} failed`, { cause: asError(thrown) })];
  }
}
