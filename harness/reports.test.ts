import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { goodRun } from '../fixtures/runs/good-run.ts';
import { runOf } from '../fixtures/runs/record-of.ts';
import { readRun, readRunSince, sizeOf } from './core/journal.ts';
import { REPORTERS } from './reporters/index.ts';
import type { Reporter } from './reporters/reporter.ts';
import { GrowingReport, reportOf, reportOfJournal, writeReports } from './reports.ts';

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-reports-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

const ASSETS = { script: '', style: '' };
const lines = goodRun().map((event) => JSON.stringify(event));
const report = reportOf(runOf(goodRun()));
const broken: Reporter = {
  name: 'broken',
  summary: 'always throws',
  file: 'broken.txt',
  render: () => {
    throw new Error('no luck');
  },
};

test('every report is written whole, and nothing else stays behind', ({ folder }) => {
  const { paths, errors } = writeReports(folder, report, ASSETS);
  expect(errors).toEqual([]);
  for (const { file } of REPORTERS)
    expect(paths.some((path) => path.startsWith(join(folder, file)))).toBe(true);
  const written = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  expect(written).toEqual([
    'diagrams',
    'diagrams/power-off-vip-holder.mmd',
    'diagrams/run.mmd',
    'diagrams/topology.mmd',
    'junit.xml',
    'metrics.prom',
    'report.html',
    'report.md',
    'result.json',
    'tolerance.md',
  ]);
});

test('a reporter that throws costs its own file only, and is named', ({ folder }) => {
  const { paths, errors } = writeReports(folder, report, ASSETS, [broken, ...REPORTERS]);
  expect(paths).toHaveLength(9);
  expect(errors).toMatchObject([
    {
      message: `the broken report could not be written to ${join(folder, 'broken.txt')}`,
      cause: { message: 'no luck' },
    },
  ]);
});

test('a report that cannot be written anew keeps the old one', ({ folder }) => {
  writeFileSync(join(folder, 'broken.txt'), 'old');
  writeReports(folder, report, ASSETS, [broken]);
  expect(readFileSync(join(folder, 'broken.txt'), 'utf8')).toBe('old');
});

describe('one record gives one report', () => {
  test('whether it is read at once or line by line', ({ folder }) => {
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, `${lines.join('\n')}\n{"type":"sam`);
    expect(reportOfJournal(path)).toEqual(reportOf(readRun(path)));
    expect(reportOfJournal(path).unreadableLines).toBe(1);
  });

  test('also when it was read in parts, while it grew', ({ folder }) => {
    const path = join(folder, 'journal.jsonl');
    const growing = new GrowingReport();
    const cuts = [1, 12, lines.findIndex((line) => line.includes('"scenario.finished"')) + 1, lines.length];
    writeFileSync(path, '');
    cuts.forEach((cut, index) => {
      const fromByte = sizeOf(path);
      appendFileSync(path, `${lines.slice(cuts[index - 1] ?? 0, cut).join('\n')}\n`);
      growing.add(readRunSince(path, fromByte));
    });
    expect(growing.report()).toEqual(reportOfJournal(path));
  });

  test('and says of a run that goes on where it is', ({ folder }) => {
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, `${lines.slice(0, 5).join('\n')}\n`);
    const { result, plan } = reportOfJournal(path);
    expect(result.run.interrupted).toMatch(/^the record ends .* the run was killed or goes on$/);
    expect(plan).toEqual(['power-off-vip-holder']);
  });

  test('and that is an error for what is no journal', ({ folder }) => {
    writeFileSync(join(folder, 'empty'), '');
    expect(() => reportOfJournal(join(folder, 'empty'))).toThrow(/empty:1: not a holdfast journal/);
    expect(() => reportOfJournal(join(folder, 'missing'))).toThrow(/cannot read the journal/);
  });
});
