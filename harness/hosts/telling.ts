// A host whose long-lived commands say what a test says, and end when it says so.
import { PassThrough } from 'node:stream';
import type { HostStream, StreamEnd, StreamOptions } from '../core/host.ts';
import { FakeHost } from './fake.ts';
import { readLines } from './lines.ts';

export class TellingHost extends FakeHost {
  /** Commands that were begun, one after the other. */
  attempts = 0;
  isOff = false;
  /** Said at the beginning of each command. */
  opening: () => readonly string[] = () => [];
  /** What the command says, and that it ends, once it reads a line. Absent: it does not read. */
  lastWords: readonly string[] | undefined;
  #output = new PassThrough();
  #end: (end: StreamEnd) => void = () => undefined;

  override stream(_argv: readonly string[], { signal }: StreamOptions = {}): Promise<HostStream> {
    this.attempts += 1;
    if (this.isOff) return Promise.reject(new Error(`${this.name}: host powered off`));
    this.#output = new PassThrough();
    for (const line of this.opening()) this.say(line);
    const done = new Promise<StreamEnd>((resolve) => (this.#end = resolve));
    const close = (): Promise<void> => {
      this.ends({ exitCode: undefined, stderr: '', reason: 'closed' });
      return Promise.resolve();
    };
    signal?.addEventListener('abort', () => void close(), { once: true });
    return Promise.resolve({ lines: readLines(this.#output), done, write: () => this.#hear(), close });
  }

  say(line: string): void {
    if (this.#output.writable) this.#output.write(`${line}\n`);
  }

  ends(end: StreamEnd): void {
    this.#output.end();
    this.#end(end);
  }

  powersOff(): void {
    this.isOff = true;
    this.ends({ exitCode: undefined, stderr: '', reason: 'host powered off' });
  }

  #hear(): void {
    if (!this.lastWords) return;
    this.lastWords.forEach((line) => this.say(line));
    this.ends({ exitCode: 0, stderr: '' });
  }
}
