// A host that is a container: every command reaches it through `docker exec`, out of band of the lab's network.
import { dirname, posix } from 'node:path';
import { Duplex, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { asError, CommandError } from '../core/errors.ts';
import { httpStatusOf } from '../core/http-status.ts';
import {
  shellQuote,
  type Host,
  type HostStream,
  type RunOptions,
  type RunResult,
  type StreamOptions,
  type UploadOptions,
} from '../core/host.ts';
import { LimitReached, withLimit } from '../core/wait.ts';
import { openExecSession, type ExecSession } from './docker-exec-session.ts';
import { readLines } from './lines.ts';

export interface DockerExecHostOptions {
  readonly docker: Docker;
  readonly name: string;
  readonly address: string;
  /** The container's name, as it stands in the pasteable lines of errors. */
  readonly container: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DIAL_TIMEOUT_S = 5;
/** For the engine to start socat, and for socat's own limit. */
const DIAL_LIMIT_MS = 15_000;
const NO_CONNECTION = { reason: `no connection within ${DIAL_LIMIT_MS} ms` };
/** How long a closed stream may take to end after SIGTERM, before SIGKILL. */
const GRACE_MS = 2000;
const STREAM_STDERR_CHARACTERS_MAX = 64 * 1024;

// Written beside the target and renamed, so that nobody (kubelet watches folders) reads half a file.
const UPLOAD = `set -e; mkdir -p "$(dirname "$1")"; cat > "$2"; chmod "$3" "$2"; mv -f "$2" "$1"`;

export class DockerExecHost implements Host {
  readonly name: string;
  readonly address: string;
  readonly #docker: Docker;
  readonly #container: string;

  constructor(options: DockerExecHostOptions) {
    this.name = options.name;
    this.address = options.address;
    this.#docker = options.docker;
    this.#container = options.container;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const output = await this.#runForBytes(argv, options);
    return { ...output, stdout: output.stdout.toString('utf8') };
  }

  async stream(argv: readonly string[], options: StreamOptions = {}): Promise<HostStream> {
    const session = await this.#open(argv, true, options.signal);
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

  /** Through a command, not the archive API: that one does not reach tmpfs mounts such as /run and /tmp. */
  async upload(path: string, content: string | Buffer, options: UploadOptions = {}): Promise<void> {
    const partial = posix.join(dirname(path), `.${posix.basename(path)}.holdfast`);
    const mode = (options.mode ?? 0o644).toString(8);
    await this.run(['sh', '-c', UPLOAD, 'sh', path, partial, mode], { stdin: content });
  }

  async download(path: string): Promise<Buffer> {
    return (await this.#runForBytes(['cat', '--', path], {})).stdout;
  }

  async dial(address: string, port: number): Promise<Duplex> {
    const startedAt = performance.now();
    // -d -d makes socat tell when it is connected; without it a refused connection would look like an early end.
    const argv = ['socat', '-d', '-d', '-', `TCP:${address}:${port},connect-timeout=${DIAL_TIMEOUT_S}`];
    const session = await withLimit(DIAL_LIMIT_MS, undefined, (signal) => this.#open(argv, true, signal));
    let log = '';
    const connected = new Promise<void>((resolve) => {
      session.stderr.on('data', (chunk: Buffer) => {
        if (log.includes('starting data transfer loop')) return;
        log += chunk.toString('utf8');
        if (log.includes('starting data transfer loop')) resolve();
      });
    });
    const over = await withLimit(DIAL_LIMIT_MS, undefined, (signal) =>
      Promise.race([connected, session.ended, aborted(signal).then(() => NO_CONNECTION)]),
    );
    if (!over) return Duplex.from({ readable: session.stdout, writable: session.stdin });
    session.disconnect();
    throw this.#failure(argv, startedAt, { ...over, stderr: log });
  }

  async #runForBytes(
    argv: readonly string[],
    options: RunOptions,
  ): Promise<Omit<RunResult, 'stdout'> & { readonly stdout: Buffer }> {
    return withLimit(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal, (signal) =>
      this.#runUntil(signal, argv, options),
    );
  }

  async #runUntil(
    signal: AbortSignal,
    argv: readonly string[],
    options: RunOptions,
  ): Promise<Omit<RunResult, 'stdout'> & { readonly stdout: Buffer }> {
    const startedAt = performance.now();
    const interactive = options.stdin !== undefined;
    const session = await this.#open(argv, interactive, signal);
    const stdout = collect(session.stdout);
    const stderr = collect(session.stderr);
    if (interactive) session.stdin.end(options.stdin);

    const end = (await Promise.race([session.ended, aborted(signal)])) ?? {
      reason:
        (signal.reason instanceof LimitReached ? signal.reason.message : 'aborted') +
        (await killSession(session)),
      cause: asError(signal.reason),
    };
    await Promise.all([stdout.complete, stderr.complete]);
    if (!('exitCode' in end) || !(options.acceptExitCodes ?? [0]).includes(end.exitCode)) {
      const outputs = { stdout: stdout.bytes().toString('utf8'), stderr: stderr.bytes().toString('utf8') };
      throw this.#failure(argv, startedAt, { ...end, ...outputs, interactive });
    }
    return {
      exitCode: end.exitCode,
      stdout: stdout.bytes(),
      stderr: stderr.bytes().toString('utf8'),
      durationMs: performance.now() - startedAt,
    };
  }

  async #open(argv: readonly string[], stdin: boolean, signal?: AbortSignal): Promise<ExecSession> {
    const startedAt = performance.now();
    try {
      return await openExecSession({
        docker: this.#docker,
        container: this.#container,
        argv,
        stdin,
        ...(signal && { signal }),
      });
    } catch (thrown) {
      throw this.#failure(argv, startedAt, { reason: whyNotOpened(thrown), cause: asError(thrown) });
    }
  }

  #failure(argv: readonly string[], startedAt: number, how: HowItFailed): CommandError {
    const options = how.interactive ? ['-i'] : [];
    return new CommandError(
      {
        host: this.name,
        commandLine: shellQuote(['docker', 'exec', ...options, this.#container, ...argv]),
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

interface HowItFailed {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly cause?: Error;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly interactive?: boolean;
}

function whyNotOpened(thrown: unknown): string {
  const status = httpStatusOf(thrown);
  if (status === 404) return 'host does not exist';
  const message = asError(thrown).message;
  if (status === 409)
    return message.includes('paused') && !message.includes('is not running')
      ? 'host paused'
      : 'host powered off';
  return `not started: ${message}`;
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

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener(
      'abort',
      () => {
        resolve(undefined);
      },
      { once: true },
    );
  });
}

/** Kills what a run has left behind; in words what remains, or nothing. */
async function killSession(session: ExecSession): Promise<string> {
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
async function endSession(session: ExecSession): Promise<void> {
  session.stdin.end();
  try {
    await session.kill('TERM');
    const ended = await Promise.race([session.ended, sleep(GRACE_MS, undefined, { ref: false })]);
    if (ended === undefined) await session.kill('KILL');
  } catch {
    // The container is gone or down, and what ran in it with it.
  } finally {
    session.disconnect();
  }
  await session.ended;
}
