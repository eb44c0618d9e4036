// Commands that tell what happens for as long as a watch lasts: each is started again when it, or its host, goes away.
import { setTimeout as sleep } from 'node:timers/promises';
import { asError, HoldfastError } from '../core/errors.ts';
import type { Host, HostStream, StreamEnd } from '../core/host.ts';
import { withTimeout } from '../core/wait.ts';

/** Pause between two attempts to reach a host that went away. */
const RETRY_INTERVAL_MS = 500;
const START_TIMEOUT_MS = 15_000;
/** For a command that is asked to end by itself. */
const LAST_WORDS_TIMEOUT_MS = 2_000;

/** Reads one life of a command, from its start to its end. */
export interface StreamReader {
  /** True once the watch is on: what was there at its beginning is written down. */
  readonly hasBegun: boolean;
  read(line: string): void;
  /**
   * @param endedNs CLOCK_MONOTONIC when the output ended, which is before anybody knows why
   * @param end undefined when the watch was stopped; else how the command, or its host, ended
   */
  finish(endedNs: bigint, end: StreamEnd | undefined): void;
}

export interface WatchedStream {
  readonly host: Host;
  /** What the command is, as in "address monitor". */
  readonly what: string;
  readonly argv: readonly string[];
  /** A reader for the command's next life, which has begun: its host may have booted since the one before. */
  open(): Promise<StreamReader>;
  /** Set for a command that ends by itself, with last words, once it reads a line. */
  readonly hasLastWords?: true;
  /** Whether a command that ended before its watch was on, with this error, would end so however often it is started. */
  readonly isHopeless?: (failure: Error) => boolean;
}

export interface StreamWatch {
  /** Idempotent. Resolves when all that was told is written down. */
  stop(): Promise<void>;
}

/**
 * Resolves when every stream has begun.
 * @param what what is waited for, as in "first snapshot of the addresses of …"
 * @throws HoldfastError when one does not begin in time, with what each host answered last as its cause
 */
export async function startStreamWatch(
  what: string,
  streams: readonly WatchedStream[],
  timeoutMs = START_TIMEOUT_MS,
): Promise<StreamWatch> {
  const stopping = new AbortController();
  const watches = streams.map((stream) => keepWatching(stream, stopping.signal));
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(watches.map((watch) => watch.ended));
  };
  try {
    await withTimeout(what, timeoutMs, Promise.all(watches.map((watch) => watch.begun)));
  } catch (thrown) {
    const causes = watches.flatMap((watch) => watch.lastFailure() ?? []);
    await stop();
    const error = asError(thrown);
    throw new HoldfastError(error.message, {
      cause: causes.length === 0 ? error : new AggregateError(causes, 'hosts answered last'),
    });
  }
  return { stop };
}

interface KeptWatch {
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  lastFailure(): Error | undefined;
}

function keepWatching(stream: WatchedStream, signal: AbortSignal): KeptWatch {
  let lastFailure: Error | undefined;
  let begin: (() => void) | undefined;
  let giveUp: ((failure: Error) => void) | undefined;
  const begun = new Promise<void>((resolve, reject) => {
    begin = resolve;
    giveUp = reject;
  });
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      // A host that is off is no error here: its absence is in the record, and the next attempt finds out.
      await watchOnce(stream, signal, () => begin?.()).catch((thrown: unknown) => {
        lastFailure = asError(thrown);
        if (stream.isHopeless?.(lastFailure)) giveUp?.(lastFailure);
      });
      await sleep(RETRY_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  return { begun, ended: watch(), lastFailure: () => lastFailure };
}

async function watchOnce(watched: WatchedStream, signal: AbortSignal, onBegun: () => void): Promise<void> {
  const { host, what, argv, hasLastWords } = watched;
  const stream = await host.stream(argv, hasLastWords ? {} : { signal });
  const stop = (): void => void (hasLastWords ? endWithLastWords(stream) : stream.close());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let lastLine = '';
  try {
    const reader = await watched.open();
    for await (const line of stream.lines) {
      lastLine = line;
      reader.read(line);
      if (reader.hasBegun) onBegun();
    }
    const endedNs = process.hrtime.bigint();
    const end = signal.aborted ? undefined : await stream.done;
    if (reader.hasBegun) reader.finish(endedNs, end);
    else if (end) throw new HoldfastError(`${describeEnd(host, what, end)} ${lastLine}`.trim());
  } finally {
    signal.removeEventListener('abort', stop);
    await stream.close();
  }
}

async function endWithLastWords(stream: HostStream): Promise<void> {
  stream.write('stop\n');
  await Promise.race([stream.done, sleep(LAST_WORDS_TIMEOUT_MS, undefined, { ref: false })]);
  await stream.close();
}

/** "<host>: <what> ended: exit code 1 <what it said>" */
export function describeEnd(host: Host, what: string, { reason, exitCode, stderr }: StreamEnd): string {
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  return `${host.name}: ${what} ended: ${how} ${stderr}`.trim();
}
