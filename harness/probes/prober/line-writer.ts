// Lines to a file descriptor, a few times a second and never in the way of the event loop: process.stdout writes to
// pipes synchronously, so a reader that stands still would stop the cadence.
import { createWriteStream } from 'node:fs';

const FLUSH_INTERVAL_MS = 250;

export class LineWriter {
  readonly #stream;
  readonly #timer = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS);
  #pending = '';

  /** @param onError the reader is gone: there is nobody left to write for */
  constructor(fileDescriptor: number, onError: (error: Error) => void) {
    this.#stream = createWriteStream('', { fd: fileDescriptor, autoClose: false });
    this.#stream.on('error', onError);
  }

  write(line: object): void {
    this.#pending += `${JSON.stringify(line)}\n`;
  }

  /** Resolves when all is written, or the stream has failed. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end(() => resolve());
    });
  }

  #flush(): void {
    if (this.#pending === '') return;
    this.#stream.write(this.#pending);
    this.#pending = '';
  }
}
