// What all hosts have in common whose commands are sessions, whatever carries them.
import { dirname, posix } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { asError, CommandError } from '../core/errors.ts';
import type { Host, HostStream, RunOptions, RunResult, StreamOptions, UploadOptions } from '../core/host.ts';
import { LimitReached, whenAborted, withLimit } from '../core/wait.ts';
import { readLines } from './lines.ts';
import type { Session, SessionRequest } from './session.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** How long a closed stream may take to end after SIGTERM, before SIGKILL; and the output of a command that was given up. */
const GRACE_MS = 2000;
const STREAM_STDERR_CHARACTERS_MAX = 64 * 1024;

/**
 * Written beside the target and renamed, so that nobody (kubelet watches folders) reads half a file. A connection that is
 * lost meanwhile is an end of file to `cat`, so what has come is counted, and complaints about it reach nobody (SIGPIPE).
 */
const UPLOAD = `set -e; mkdir -p "$(dirname "$1")"; trap '' PIPE; trap 'rm -f "$2"' EXIT; cat > "$2"
size=$(wc -c < "$2"); test "$size" -eq "$4" || { echo "$size of $4 bytes came" >&2; exit 1; }
chmod "$3" "$2"; mv -f "$2" "$1"`;

type Output = Omit<RunResult, 'stdout'> & { readonly stdout: Buffer };

export abstract class SessionHost implements Host {
  readonly name: string;
  readonly address: string;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
  }

  abstract dial(address: string, port: number): Promise<Duplex>;
  protected abstract openSession(request: SessionRequest): Promise<Session>;
  /** The command as a person on the harness's machine would type it. */
  protected abstract pasteable(argv: readonly string[], stdin: boolean): string;
  /** That it was never run, by what it said: then its exit code tells nothing of what was asked. */
  protected readonly refusal?: (exitCode: number, stderr: string) => Error | undefined;
  /** Why a session could not be opened, in words. */
  protected abstract whyNotOpened(error: Error): string;

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const output = await this.#runForBytes(argv, options);
    return { ...output, stdout: output.stdout.toString('utf8') };
  }

  async stream(argv: readonly string[], options: StreamOptions = {}): Promise<HostStream> {
    const session = await this.open({ argv, stdin: true, ...(options.signal && { signal: options.signal }) });
    let stderr = '';
    session.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STREAM_STDERR_CHARACTERS_MAX);
    });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= endSession(session));
    const closeOnAbort = (): void => void close();
    options.signal?.addEventListener('abort', closeOnAbort, { once: true });
    const done = session.ended.then((end) => {
      options.signal?.removeEventListener('abort', closeOnAbort);
      if (closing) return { exitCode: undefined, stderr, reason: 'closed' };
      return 'exitCode' in end
        ? { exitCode: end.exitCode, stderr }
        : { exitCode: undefined, stderr, reason: end.reason };
    });
    return { lines: readLines(session.stdout), done, write: (text) => void session.stdin.write(text), close };
  }

  /** Through a command: neither docker's archive API, which does not reach /run and /tmp, nor SFTP, which knows no sudo. */
  async upload(path: string, content: string | Buffer, options: UploadOptions = {}): Promise<void> {
    const partial = posix.join(dirname(path), `.${posix.basename(path)}.holdfast`);
    const mode = (options.mode ?? 0o644).toString(8);
    const size = Buffer.byteLength(content);
    try {
      await this.run(['sh', '-c', UPLOAD, 'sh', path, partial, mode, String(size)], { stdin: content });
    } catch (thrown) {
      const isFull = thrown instanceof CommandError && /No space left on device/i.test(thrown.failure.stderr);
      if (!isFull) throw thrown;
      const reason = `no space left for the ${size} bytes of ${path}; the file is as it was`;
      throw new CommandError({ ...thrown.failure, reason }, { cause: thrown });
    }
  }

  async download(path: string): Promise<Buffer> {
    return (await this.#runForBytes(['cat', '--', path], {})).stdout;
  }

  async #runForBytes(argv: readonly string[], options: RunOptions): Promise<Output> {
    return withLimit(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal, (signal) =>
      this.#runUntil(signal, argv, options),
    );
  }

  async #runUntil(signal: AbortSignal, argv: readonly string[], options: RunOptions): Promise<Output> {
    const startedAt = performance.now();
    const interactive = options.stdin !== undefined;
    const session = await this.open({ argv, stdin: interactive, signal });
    const stdout = collect(session.stdout);
    const stderr = collect(session.stderr);
    if (interactive) session.stdin.end(options.stdin);

    const end = (await Promise.race([session.ended, whenAborted(signal)])) ?? {
      reason:
        (signal.reason instanceof LimitReached ? signal.reason.message : 'aborted') +
        (await killSession(session)),
      cause: asError(signal.reason),
    };
    const outputs = Promise.all([stdout.complete, stderr.complete]);
    // Of a command that was given up, on a connection that is dead, there may never be more.
    await ('exitCode' in end ? outputs : Promise.race([outputs, sleep(GRACE_MS, undefined, { ref: false })]));
    const refusal = 'exitCode' in end && this.refusal?.(end.exitCode, stderr.bytes().toString('utf8'));
    if (refusal) throw this.failure(argv, startedAt, { reason: refusal.message, cause: refusal });
    if (!('exitCode' in end) || !(options.acceptExitCodes ?? [0]).includes(end.exitCode)) {
      const said = { stdout: stdout.bytes().toString('utf8'), stderr: stderr.bytes().toString('utf8') };
      throw this.failure(argv, startedAt, { ...end, ...said, interactive });
    }
    return {
      exitCode: end.exitCode,
      stdout: stdout.bytes(),
      stderr: stderr.bytes().toString('utf8'),
      durationMs: performance.now() - startedAt,
    };
  }

  /** @throws CommandError when the command cannot be started */
  protected async open(request: SessionRequest): Promise<Session> {
    const startedAt = performance.now();
    try {
      return await this.openSession(request);
    } catch (thrown) {
      const cause = asError(thrown);
      throw this.failure(request.argv, startedAt, { reason: this.whyNotOpened(cause), cause });
    }
  }

  protected failure(argv: readonly string[], startedAt: number, how: HowItFailed): CommandError {
    return new CommandError(
      {
        host: this.name,
        commandLine: this.pasteable(argv, how.interactive === true),
        exitCode: how.exitCode,
        stdout: how.stdout ?? '',
        stderr: how.stderr ?? '',
        durationMs: performance.now() - startedAt,
        ...(how.reason !== undefined && { reason: how.reason }),
      },
      { ...(how.cause && { cause: how.cause }) },
    );
  }
}

export interface HowItFailed {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly cause?: Error;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly interactive?: boolean;
}

interface Collected {
  /** Resolves when the stream is over, however it ended. */
  readonly complete: Promise<void>;
  /** What has come so far. */
  bytes(): Buffer;
}

function collect(stream: Readable): Collected {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { complete: finished(stream).catch(() => undefined), bytes: () => Buffer.concat(chunks) };
}

/** Kills what a run has left behind; in words what remains, or nothing. */
async function killSession(session: Session): Promise<string> {
  try {
    await session.kill('KILL');
    return '';
  } catch (thrown) {
    return `, and it may still run (${asError(thrown).message})`;
  } finally {
    session.disconnect();
  }
}

/** Ends a stream: end-of-file and SIGTERM first, SIGKILL for what does not listen. A dead host has ended it already. */
async function endSession(session: Session): Promise<void> {
  session.stdin.end();
  try {
    await session.kill('TERM');
    const ended = await Promise.race([session.ended, sleep(GRACE_MS, undefined, { ref: false })]);
    if (ended === undefined) await session.kill('KILL');
  } catch {
    // The host is gone or down, and what ran on it with it.
  } finally {
    session.disconnect();
  }
  await session.ended;
}
