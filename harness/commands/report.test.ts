import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { explainError } from '../core/errors.ts';
import { findRunFolder } from './report.ts';

function reportsWith(...ids: readonly string[]): string {
  const reports = realpathSync(mkdtempSync(join(tmpdir(), 'reports-')));
  onTestFinished(() => rmSync(reports, { recursive: true }));
  for (const id of ids) {
    mkdirSync(join(reports, id));
    writeFileSync(join(reports, id, 'journal.jsonl'), '');
  }
  return reports;
}

describe('a recorded run', () => {
  it('is found by its id, by its folder and as latest', () => {
    const reports = reportsWith('20261123-064501-9f3a', '20261123-070000-1111');
    const older = join(reports, '20261123-064501-9f3a');
    symlinkSync('20261123-064501-9f3a', join(reports, 'latest'));
    expect(findRunFolder('20261123-064501-9f3a', reports)).toBe(older);
    expect(findRunFolder(older, 'reports')).toBe(older);
    expect(findRunFolder('latest', reports)).toBe(older);
  });

  it('that does not exist is an error which names the newest that do', () => {
    const reports = reportsWith('20261123-064501-9f3a', '20261123-070000-1111');
    try {
      findRunFolder('20261123', reports);
      expect.unreachable('a folder was found');
    } catch (error) {
      expect(explainError(error)).toContain(
        `→ the newest in ${reports} are 20261123-064501-9f3a, 20261123-070000-1111`,
      );
    }
    expect(() => findRunFolder('latest', reportsWith())).toThrow(/no recorded run/);
  });
});
