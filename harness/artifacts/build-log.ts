// What one image's build says: all of it to a file, the newest line to whoever watches, the last lines to the error.
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';

const LAST_LINES = 15;

export class BuildLog {
  readonly file: string;
  readonly #stream: WriteStream;
  readonly #onLine: (line: string) => void;
  readonly #lastLines: string[] = [];
  #step: string | undefined;
  #rest = '';

  constructor(file: string, onLine: (line: string) => void) {
    this.file = file;
    this.#stream = createWriteStream(file);
    this.#onLine = onLine;
  }

  /** Any piece of output; a line may be split between two pieces. */
  write(text: string): void {
    const lines = (this.#rest + stripVTControlCharacters(text)).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** The Dockerfile's step that the builder named last: "Step 3/7 : RUN …". */
  step(): string | undefined {
    return this.#step;
  }

  async close(): Promise<void> {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    this.#stream.end();
    await finished(this.#stream);
  }

  #line(line: string): void {
    this.#stream.write(`${line}\n`);
    if (line.trim() === '') return;
    if (/^Step \d+\/\d+ :/.test(line)) this.#step = line;
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    this.#onLine(line.trim());
  }
}
