import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { goodRun } from '../fixtures/runs/good-run.ts';
import { runOf } from '../fixtures/runs/record-of.ts';
import { UsageError } from './core/errors.ts';
import { readHistory } from './history.ts';
import { reportOf } from './reports.ts';

const test = base.extend<{ reports: string }>({
  reports: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

function write(reports: string, id: string, text: string | undefined): void {
  mkdirSync(join(reports, id));
  if (text !== undefined) writeFileSync(join(reports, id, 'result.json'), text);
}

describe('the runs of a folder', () => {
  test('are those with a result, the oldest first; the others are named with the reason', ({ reports }) => {
    const result = JSON.stringify(reportOf(runOf(goodRun())).result);
    write(reports, '20260202-020000-0002', result);
    write(reports, '20260201-020000-0001', result);
    write(reports, '20260203-020000-0003', undefined);
    write(reports, '20260204-020000-0004', result.slice(0, 100));
    write(reports, '20260205-020000-0005', '{"schemaVersion": 1}');
    write(reports, 'something else', result);
    const { results, unreadable } = readHistory(reports);
    expect(results).toHaveLength(2);
    expect(unreadable).toEqual([
      expect.stringMatching(/^20260203-020000-0003: .*result\.json does not exist$/),
      expect.stringMatching(/^20260204-020000-0004: .* cannot be read: /),
      expect.stringMatching(/^20260205-020000-0005: .* is no result: run: /),
    ]);
  });

  test('are an error where there is no such folder', ({ reports }) => {
    expect(() => readHistory(join(reports, 'nowhere'))).toThrow(UsageError);
  });
});
