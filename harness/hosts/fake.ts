// A host in memory, for unit tests: scripted answers, and a list of the commands that were asked of it.
import { Duplex, PassThrough } from 'node:stream';
import { CommandError } from '../core/errors.ts';
import {
  shellQuote,
  type Host,
  type HostStream,
  type RunOptions,
  type RunResult,
  type StreamEnd,
  type UploadOptions,
} from '../core/host.ts';
import { readLines } from './lines.ts';

export interface FakeAnswer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** The command never ends by itself: only a timeout, an abort or a close ends it. */
  readonly hangs?: boolean;
}

export interface FakeCommand {
  readonly argv: readonly string[];
  readonly stdin: string;
}

type Match = (argv: readonly string[]) => boolean;
type Script = FakeAnswer | ((command: FakeCommand) => FakeAnswer);

export class FakeHost implements Host {
  readonly name: string;
  readonly address: string;
  /** Every command, in the order in which they were asked, streams and dials included. */
  readonly commands: FakeCommand[] = [];
  readonly files = new Map<string, { readonly content: Buffer; readonly mode: number }>();
  readonly #answers: { readonly match: Match; readonly script: Script }[] = [];

  constructor(name = 'fake', address = '10.10.102.91') {
    this.name = name;
    this.address = address;
  }

  /** Answers commands that match: by a predicate, or by the beginning of their line. The newest answer wins. */
  when(match: Match | string, script: Script): this {
    const predicate =
      typeof match === 'string' ? (argv: readonly string[]) => shellQuote(argv).startsWith(match) : match;
    this.#answers.unshift({ match: predicate, script });
    return this;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const answer = this.#answer(argv, options.stdin);
    const { exitCode = 0, stdout = '', stderr = '' } = answer;
    const outputs = { stdout, stderr, durationMs: 0 };
    if (options.signal?.aborted) throw this.#failure(argv, { ...outputs, reason: 'aborted' });
    if (answer.hangs) {
      throw this.#failure(argv, { ...outputs, reason: await whyAHangingCommandEnds(options) });
    }
    if (!(options.acceptExitCodes ?? [0]).includes(exitCode)) {
      throw this.#failure(argv, { ...outputs, exitCode });
    }
    return { exitCode, ...outputs };
  }

  stream(argv: readonly string[]): Promise<HostStream> {
    const answer = this.#answer(argv, undefined);
    const output = new PassThrough();
    output.write(answer.stdout ?? '');
    const stderr = answer.stderr ?? '';
    let closed: (end: StreamEnd) => void = () => undefined;
    const done = new Promise<StreamEnd>((resolve) => {
      if (answer.hangs) closed = resolve;
      else resolve({ exitCode: answer.exitCode ?? 0, stderr });
    });
    if (!answer.hangs) output.end();
    return Promise.resolve({
      lines: readLines(output),
      done,
      // A hanging stream answers like cat: what is written comes back.
      write: (text) => void output.write(text),
      close: () => {
        output.end();
        closed({ exitCode: undefined, stderr, reason: 'closed' });
        return Promise.resolve();
      },
    });
  }

  upload(path: string, content: string | Buffer, options: UploadOptions = {}): Promise<void> {
    this.files.set(path, { content: Buffer.from(content), mode: options.mode ?? 0o644 });
    return Promise.resolve();
  }

  download(path: string): Promise<Buffer> {
    const file = this.files.get(path);
    if (file) return Promise.resolve(file.content);
    const stderr = `cat: ${path}: No such file or directory`;
    return Promise.reject(
      this.#failure(['cat', '--', path], { exitCode: 1, stdout: '', stderr, durationMs: 0 }),
    );
  }

  /** Scripted as the command `dial <address> <port>`: its stdout is what the other side says. */
  dial(address: string, port: number): Promise<Duplex> {
    const argv = ['dial', address, String(port)];
    const { exitCode = 0, stdout = '', stderr = '' } = this.#answer(argv, undefined);
    if (exitCode !== 0) {
      return Promise.reject(this.#failure(argv, { exitCode, stdout, stderr, durationMs: 0 }));
    }
    const incoming = new PassThrough();
    incoming.end(stdout);
    return Promise.resolve(Duplex.from({ readable: incoming, writable: new PassThrough().resume() }));
  }

  #answer(argv: readonly string[], stdin: string | Buffer | undefined): FakeAnswer {
    const command = { argv, stdin: stdin?.toString() ?? '' };
    this.commands.push(command);
    const found = this.#answers.find(({ match }) => match(argv));
    if (!found) throw new Error(`the fake host ${this.name} has no answer for: ${shellQuote(argv)}`);
    return typeof found.script === 'function' ? found.script(command) : found.script;
  }

  #failure(
    argv: readonly string[],
    how: { exitCode?: number; stdout: string; stderr: string; durationMs: number; reason?: string },
  ): CommandError {
    return new CommandError({
      exitCode: undefined,
      ...how,
      host: this.name,
      commandLine: shellQuote(argv),
    });
  }
}

function whyAHangingCommandEnds(options: RunOptions): Promise<string> {
  return new Promise((resolve) => {
    const { timeoutMs, signal } = options;
    if (timeoutMs !== undefined) {
      setTimeout(() => {
        resolve(`no end within ${timeoutMs} ms`);
      }, timeoutMs);
    }
    signal?.addEventListener('abort', () => {
      resolve('aborted');
    });
  });
}
