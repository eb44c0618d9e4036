import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { goodRun } from '../fixtures/runs/good-run.ts';
import { judgeRun } from './checks/judge.ts';
import { parseRun } from './core/journal.ts';
import { REPORTERS } from './reporters/index.ts';
import type { Reporter } from './reporters/reporter.ts';
import { writeReports } from './reports.ts';

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-reports-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

const events = goodRun().map((event) => JSON.stringify(event));
const record = parseRun(events.join('\n'), 'journal.jsonl');
const result = judgeRun(record);
const broken: Reporter = {
  name: 'broken',
  summary: 'always throws',
  file: 'broken.txt',
  render: () => {
    throw new Error('no luck');
  },
};

test('every report is written whole, and nothing else stays behind', ({ folder }) => {
  const { paths, errors } = writeReports(folder, record, result);
  expect(errors).toEqual([]);
  expect(paths).toEqual(REPORTERS.map(({ file }) => join(folder, file)));
  expect(readdirSync(folder).toSorted()).toEqual(['junit.xml', 'report.md', 'result.json', 'tolerance.md']);
});

test('a reporter that throws costs its own file only, and is named', ({ folder }) => {
  const { paths, errors } = writeReports(folder, record, result, [broken, ...REPORTERS]);
  expect(paths).toHaveLength(REPORTERS.length);
  expect(errors).toMatchObject([
    {
      message: `the broken report could not be written to ${join(folder, 'broken.txt')}`,
      cause: { message: 'no luck' },
    },
  ]);
});

test('a report that cannot be written anew keeps the old one', ({ folder }) => {
  writeFileSync(join(folder, 'broken.txt'), 'old');
  writeReports(folder, record, result, [broken]);
  expect(readFileSync(join(folder, 'broken.txt'), 'utf8')).toBe('old');
});
