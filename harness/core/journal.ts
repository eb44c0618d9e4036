// A run's journal on disk: written one event a line while the run goes, read back whole, or followed as it grows.
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asError, HoldfastError, UsageError } from './errors.ts';
import {
  JOURNAL_VERSION,
  type JournalEvent,
  type Recorder,
  type RunRecord,
  type RunStarted,
} from './record.ts';
import { scenariosIn } from './scenario-splitter.ts';

const NEWLINE = 0x0a;
const FIRST_LINE_STEP = 16_384;

export interface Journal extends Recorder {
  readonly path: string;
  /** Idempotent; an append afterwards throws. */
  close(): void;
}

/**
 * Opens a journal for appending and creates it if need be. Any number of processes may append to one journal: each
 * event is one write with O_APPEND, which the kernel never interleaves with another.
 * @throws HoldfastError when the file cannot be opened, or (from `append`) written
 */
export function openJournal(path: string): Journal {
  const file = attempt(`cannot open the journal ${path}`, () => openSync(path, 'a+'));
  let open = true;
  endCutLine(file);
  return {
    path,
    append(event) {
      if (!open) throw new HoldfastError(`the journal ${path} is closed: ${event.type} cannot be written`);
      const line = Buffer.from(`${JSON.stringify(event, withoutSecrets)}\n`);
      const written = attempt(`cannot write to the journal ${path}`, () => writeSync(file, line));
      // Writing the rest would be a second write, between which another process may write its own.
      if (written < line.length) throw new HoldfastError(`the journal ${path} took only half an event`);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** A journal is read by many: what lets anybody into the cluster, or its VRRP, does not stand in it. */
function withoutSecrets(key: string, value: unknown): unknown {
  return key === 'authPass' ? '(not told)' : value;
}

/** A writer that was killed may have left half a line; the next event must not be glued to it. */
function endCutLine(file: number): void {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE) writeSync(file, '\n');
}

/**
 * Reads a journal back, also one that is still growing or whose writer was killed.
 * @throws UsageError when the file is missing, is no journal, or was written by a newer holdfast
 */
export function readRun(path: string): RunRecord {
  const unreadable = `cannot read the journal ${path}`;
  const text = attempt(unreadable, () => readFileSync(path, 'utf8'), UsageError);
  return parseRun(text, path);
}

/**
 * The same of what was appended from a byte on, without reading what lies before it: a run may be long.
 * @param fromByte the file's size at some moment
 */
export function readRunSince(path: string, fromByte: number): RunRecord {
  const unreadable = `cannot read the journal ${path}`;
  const text = attempt(
    unreadable,
    () => {
      const file = openSync(path, 'r');
      try {
        return `${firstLine(file)}\n${readFrom(file, fromByte).toString('utf8')}`;
      } finally {
        closeSync(file);
      }
    },
    UsageError,
  );
  return parseRun(text, path);
}

export function sizeOf(path: string): number {
  return statSync(path).size;
}

function firstLine(file: number): string {
  const parts: Buffer[] = [];
  for (let position = 0; ; position += FIRST_LINE_STEP) {
    const chunk = Buffer.alloc(FIRST_LINE_STEP);
    const part = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, position));
    const end = part.indexOf(NEWLINE);
    parts.push(end === -1 ? part : part.subarray(0, end));
    if (end !== -1 || part.length < chunk.length) return Buffer.concat(parts).toString('utf8');
  }
}

/** @param name what errors call the text: a file's path */
export function parseRun(text: string, name: string): RunRecord {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const parsed = lines.map(parseEvent);
  const run = requireRunStarted(parsed[0], name);
  const events = parsed.filter((event) => event !== undefined);
  return {
    run,
    events,
    scenarios: scenariosIn(run, events),
    unreadableLines: parsed.length - events.length,
  };
}

/** @throws UsageError when a journal does not begin as one does, or is newer than this holdfast */
export function requireRunStarted(first: JournalEvent | undefined, name: string): RunStarted {
  if (first?.type !== 'run.started') {
    const found = first === undefined ? 'nothing that can be read' : `a ${first.type} event`;
    throw new UsageError(`${name}:1: not a holdfast journal: expected a run.started event, found ${found}`, {
      hint: 'give the journal.jsonl of a run folder',
    });
  }
  if (!(first.journalVersion <= JOURNAL_VERSION)) {
    throw new UsageError(
      `${name}:1: expected journal version ${JOURNAL_VERSION} or older, found ${first.journalVersion}`,
      { hint: `read it with the holdfast that wrote it (${first.holdfast}) or a newer one` },
    );
  }
  return first;
}

/** One line as an event; undefined when it is none, as the last line of a killed writer. */
export function parseEvent(line: string): JournalEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only what every reader relies on; a check that meets a malformed event throws, and judges invalid by that. */
function isEvent(value: unknown): value is JournalEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type, atMs } = value as Partial<Record<string, unknown>>;
  return typeof type === 'string' && typeof atMs === 'number' && Number.isFinite(atMs);
}

export interface FollowOptions {
  /** Ends the following, after what stands in the journal by then. */
  readonly signal: AbortSignal;
  /** Pause between two looks; default 200. */
  readonly intervalMs?: number;
  /** Where to begin: the file's size at a moment from which on all is wanted. Default 0, its beginning. */
  readonly fromByte?: number;
}

/**
 * Every event of a journal, from its beginning (or a given byte) on and as it grows; the file may appear later. Reads only what is new.
 * @throws HoldfastError when the file exists and cannot be read
 */
export async function* followJournal(
  path: string,
  options: FollowOptions,
): AsyncGenerator<JournalEvent, void> {
  let file: number | undefined;
  let position = options.fromByte ?? 0;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (let last = false; !last;) {
      last = options.signal.aborted;
      file ??= openIfPresent(path);
      const chunk = file === undefined ? Buffer.alloc(0) : readFrom(file, position);
      position += chunk.length;
      // Split as bytes: a chunk may end inside a character.
      rest = Buffer.concat([rest, chunk]);
      const whole = rest.lastIndexOf(NEWLINE) + 1;
      yield* rest
        .toString('utf8', 0, whole)
        .split('\n')
        .map(parseEvent)
        .filter((event) => event !== undefined);
      rest = rest.subarray(whole);
      if (!last) {
        await sleep(options.intervalMs ?? 200, undefined, { signal: options.signal }).catch(() => undefined);
      }
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new HoldfastError(`cannot follow the journal ${path}: ${asError(thrown).message}`, {
      cause: thrown,
    });
  }
}

function readFrom(file: number, position: number): Buffer {
  const fresh = Buffer.alloc(Math.max(0, fstatSync(file).size - position));
  return fresh.subarray(0, readSync(file, fresh, 0, fresh.length, position));
}

/** What Node throws, as an error that says what was attempted. */
export function attempt<T>(what: string, work: () => T, ErrorClass: typeof HoldfastError = HoldfastError): T {
  try {
    return work();
  } catch (thrown) {
    throw new ErrorClass(`${what}: ${asError(thrown).message}`, { cause: thrown });
  }
}
