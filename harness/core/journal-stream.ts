// A journal read from front to back with no more than one scenario in memory: a run may be of any length.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { UsageError } from './errors.ts';
import { attempt, parseEvent, requireRunStarted } from './journal.ts';
import type { JournalEvent, RunFrame, ScenarioRecord } from './record.ts';
import { ScenarioSplitter } from './scenario-splitter.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** What is told of a run as a whole, beside its last event. */
const OF_THE_RUN: ReadonlySet<JournalEvent['type']> = new Set<JournalEvent['type']>([
  'run.started',
  'step.started',
  'step.finished',
  'step.failed',
  'lab.ready',
  'scenario.started',
  'scenario.finished',
  'noise',
  'machine',
  'cpu',
  'run.interrupted',
  'run.finished',
]);

/** Whether it stays when the scenarios are judged and gone. */
export function isOfTheRun({ type }: JournalEvent): boolean {
  return OF_THE_RUN.has(type);
}

/**
 * Each scenario of a run, in order; its frame at the end.
 * @throws UsageError when the file is missing, is no journal, or was written by a newer holdfast
 */
export function* readScenarios(path: string): Generator<ScenarioRecord, RunFrame> {
  const lines = linesOf(path);
  const first = lines.next();
  const run = requireRunStarted(first.done ? undefined : parseEvent(first.value), path);
  const splitter = new ScenarioSplitter(run);
  const events: JournalEvent[] = [run];
  let last: JournalEvent = run;
  let unreadableLines = 0;
  for (const line of lines) {
    const event = parseEvent(line);
    if (!event) {
      unreadableLines += 1;
      continue;
    }
    last = event;
    if (isOfTheRun(event)) events.push(event);
    yield* splitter.add(event);
  }
  yield* splitter.end();
  if (events.at(-1) !== last) events.push(last);
  return { run, events, unreadableLines };
}

function* linesOf(path: string): Generator<string, void> {
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const unreadable = `cannot read the journal ${path}`;
  const file = attempt(unreadable, () => openSync(path, 'r'), UsageError);
  const next = (): number => attempt(unreadable, () => readSync(file, chunk), UsageError);
  let rest = '';
  try {
    for (let bytes = next(); bytes > 0; bytes = next()) {
      const lines = (rest + decoder.write(chunk.subarray(0, bytes))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield line;
    }
    if (rest.trim() !== '') yield rest;
  } finally {
    closeSync(file);
  }
}
