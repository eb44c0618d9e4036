// A run's folder: its identity, where its journal lies, and `latest` pointing to it.
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { asError, UsageError } from '../core/errors.ts';

export interface RunFolder {
  readonly id: string;
  readonly path: string;
  readonly journal: string;
}

/** Ids sort by time: 20261123-064501-9f3a. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

export function makeRunFolder(reports: string, id: string): RunFolder {
  const folder = makeJournalFolder(reports, id);
  mkdirSync(join(folder.path, 'hosts'));
  const latest = join(reports, 'latest');
  rmSync(latest, { force: true });
  symlinkSync(id, latest);
  return folder;
}

/** Of what is no run of scenarios: nothing to report, so `latest` stays where it is. */
export function makeJournalFolder(reports: string, id: string): RunFolder {
  const path = join(reports, id);
  try {
    mkdirSync(path, { recursive: true });
  } catch (thrown) {
    throw new UsageError(`no run can be written to ${reports}: ${asError(thrown).message}`, {
      cause: thrown,
      hint: '--reports names a folder that is there, or can be made',
    });
  }
  return { id, path, journal: join(path, 'journal.jsonl') };
}
