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
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) {
      try {
        await withTimeout(undo.name, undo.timeoutMs, undo.undo());
      } catch (thrown) {
        errors.push(new Error(`${undo.name} failed`, { cause: asError(thrown) }));
      }
    }
    return errors;
  }
}
