import { runOf } from '../../fixtures/runs/record-of.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { UsageError } from './errors.ts';
import { followJournal, openJournal, parseRun, readRun, readRunSince, sizeOf } from './journal.ts';
import type { JournalEvent, Note } from './record.ts';

const test = base.extend<{ path: string }>({
  path: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
    await use(join(folder, 'journal.jsonl'));
    rmSync(folder, { recursive: true });
  },
});

const started = goodRun()[0] as JournalEvent;

describe('a journal', () => {
  test('has every event on disk, on a line of its own, when append returns', ({ path }) => {
    const journal = openJournal(path);
    journal.append(started);
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(started)}\n`);
    journal.append(note(1, 'line\nbreak and 中文'));
    expect(readRun(path).events).toEqual([started, note(1, 'line\nbreak and 中文')]);
    journal.close();
  });

  test('reads back what a whole run wrote', ({ path }) => {
    const events = goodRun();
    const journal = openJournal(path);
    events.forEach((event) => journal.append(event));
    journal.close();
    expect(readRun(path)).toMatchObject({ events, unreadableLines: 0, scenarios: [{ finished: {} }] });
  });

  test('does not hold what lets anybody into the VRRP', ({ path }) => {
    const journal = openJournal(path);
    journal.append(JSON.parse(JSON.stringify(started).replace('(not told)', 'sesame12')) as JournalEvent);
    journal.close();
    expect(readFileSync(path, 'utf8')).not.toContain('sesame12');
    expect(readRun(path).run.topology.keepalived.authPass).toBe('(not told)');
  });

  test('takes no event after it was closed, and closing twice does no harm', ({ path }) => {
    const journal = openJournal(path);
    journal.close();
    journal.close();
    expect(() => journal.append(started)).toThrow(/is closed: run.started cannot be written/);
  });

  test('goes on after a writer that was killed in the middle of a line, which alone is lost', ({ path }) => {
    const journal = openJournal(path);
    journal.append(started);
    journal.close();
    appendFileSync(path, '{"type":"note","atMs":5,"te');
    const next = openJournal(path);
    next.append(note(6, 'after'));
    next.close();
    expect(readRun(path)).toMatchObject({ events: [started, note(6, 'after')], unreadableLines: 1 });
  });

  test('keeps every event of two processes that write at the same time', async ({ path }) => {
    writeFileSync(path, `${JSON.stringify(started)}\n`);
    const program = `
      const { openJournal } = await import(${JSON.stringify(join(import.meta.dirname, 'journal.ts'))});
      const [path, writer] = process.argv.slice(-2);
      const journal = openJournal(path);
      const text = writer.repeat(3000);
      for (let atMs = 1; atMs <= 300; atMs += 1) journal.append({ type: 'note', atMs, text });
    `;
    const writers = ['a', 'b'].map((name) =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, path, name], {
        stdio: 'inherit',
      }),
    );
    const codes = await Promise.all(writers.map((writer) => once(writer, 'exit')));
    expect(codes.map(([code]) => code as number)).toEqual([0, 0]);
    const { events, unreadableLines } = readRun(path);
    expect(unreadableLines).toBe(0);
    for (const name of ['a', 'b']) {
      const own = events.filter((event) => event.type === 'note' && event.text.startsWith(name));
      expect(own.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    }
  });
});

describe('reading', () => {
  test.each([
    ['an empty file', '', /^x:1: not a holdfast journal: expected a run.started event, found nothing/],
    ['some other text', 'hello\nworld\n', /^x:1: .*found nothing that can be read/],
    ['a journal without its first line', JSON.stringify(note(1, 'n')), /^x:1: .*found a note event/],
    ['other JSON', '{"type":"run.started"}', /^x:1: .*found nothing that can be read/],
    [
      'a newer journal',
      JSON.stringify({ ...started, journalVersion: 2, holdfast: '9.0.0' }),
      /^x:1: expected journal version 1 or older, found 2$/,
    ],
    [
      'a journal without a version',
      JSON.stringify({ ...started, journalVersion: undefined }),
      /^x:1: expected journal version 1 or older/,
    ],
  ])('refuses %s, saying where and what was expected', (_, text, message) => {
    expect(() => parseRun(text, 'x')).toThrow(UsageError);
    expect(() => parseRun(text, 'x')).toThrow(message);
  });

  test('of a file that is missing names the file', ({ path }) => {
    expect(() => readRun(path)).toThrow(UsageError);
    expect(() => readRun(path)).toThrow(path);
  });

  test('passes over lines that are no events, and counts them', () => {
    const lines = [
      JSON.stringify(started),
      '7',
      'null',
      '{"type":"note"}',
      '{"type":"note","atMs":"1"}',
      '{"ty',
    ];
    expect(parseRun(lines.join('\n'), 'x')).toMatchObject({ events: [started], unreadableLines: 5 });
  });

  test('at any byte at which a writer may have been killed loses at most the last line', () => {
    const text = Buffer.from(`${JSON.stringify(started)}\n${JSON.stringify(note(1, 'für'))}\n`);
    for (let end = text.indexOf('\n'); end <= text.length; end += 1) {
      const { events, unreadableLines } = parseRun(text.toString('utf8', 0, end), 'x');
      expect(events.length + unreadableLines).toBeLessThanOrEqual(2);
      expect(events[0]).toEqual(started);
    }
  });
});

describe('the events of a scenario', () => {
  test('are those between its beginning and its end', () => {
    const run = parse([started, note(1, 'before'), begins(2), note(3, 'in'), ends(4), note(5, 'after')]);
    expect(run.scenarios).toMatchObject([{ started: begins(2), events: [note(3, 'in')], finished: ends(4) }]);
  });

  test('of one that was cut off reach to the next one, and it is not finished', () => {
    const run = parse([started, begins(1), note(2, 'one'), begins(3), note(4, 'two')]);
    expect(run.scenarios).toMatchObject([
      { events: [note(2, 'one')], finished: undefined },
      { events: [note(4, 'two')], finished: undefined },
    ]);
  });
});

describe('what was appended from a byte on', () => {
  test('is read as a run of its own, with the first line whatever its length', ({ path }) => {
    const [started, ...rest] = goodRun();
    const long = { ...started, command: 'x'.repeat(40_000) } as JournalEvent;
    const journal = openJournal(path);
    for (const event of [long, ...rest]) journal.append(event);
    const before = sizeOf(path);
    const last: JournalEvent = { type: 'note', atMs: 1, text: 'last' };
    journal.append(last);
    journal.close();
    expect(readRunSince(path, before)).toMatchObject({ run: long, events: [long, last], scenarios: [] });
    expect(readRunSince(path, before).unreadableLines).toBe(0);
  });
});

describe('following a journal', () => {
  test('tells what stands in it, then what is added, also by halves, and ends with its signal', async ({
    path,
  }) => {
    const whole = Buffer.from(`${JSON.stringify(note(1, 'ü'))}\n`);
    const half = whole.indexOf('ü') + 1; // inside the character
    const stop = new AbortController();
    const seen: JournalEvent[] = [];
    const following = (async () => {
      for await (const event of followJournal(path, { signal: stop.signal, intervalMs: 5 })) {
        seen.push(event);
        if (seen.length === 1) appendFileSync(path, whole.subarray(0, half));
        if (seen.length === 1) setTimeout(() => appendFileSync(path, whole.subarray(half)), 30);
        if (seen.length === 2) stop.abort();
      }
    })();
    setTimeout(() => writeFileSync(path, `${JSON.stringify(started)}\n`), 20);
    await following;
    expect(seen).toEqual([started, note(1, 'ü')]);
  });

  test('still tells what was written before its signal came', async ({ path }) => {
    writeFileSync(path, `${JSON.stringify(started)}\n`);
    const seen: JournalEvent[] = [];
    for await (const event of followJournal(path, { signal: AbortSignal.abort() })) seen.push(event);
    expect(seen).toEqual([started]);
  });

  test('can begin where the reader already is', async ({ path }) => {
    const first = `${JSON.stringify(started)}\n`;
    writeFileSync(path, `${first}${JSON.stringify(note(1, 'new'))}\n`);
    const seen: JournalEvent[] = [];
    const options = { signal: AbortSignal.abort(), fromByte: first.length };
    for await (const event of followJournal(path, options)) seen.push(event);
    expect(seen).toEqual([note(1, 'new')]);
  });
});

function note(atMs: number, text: string): Note {
  return { type: 'note', atMs, text };
}

function begins(atMs: number): JournalEvent {
  return { type: 'scenario.started', atMs, scenario: 's', iteration: 1, hypothesis: 'h', checks: [] };
}

function ends(atMs: number): JournalEvent {
  return { type: 'scenario.finished', atMs, scenario: 's', iteration: 1 };
}

function parse(events: readonly JournalEvent[]): ReturnType<typeof parseRun> {
  return runOf(events);
}
