// Writes a run's reports into its folder. A reporter that fails costs its own file, never the others and never the run.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asError } from './core/errors.ts';
import type { RunRecord } from './core/record.ts';
import type { RunResultFile } from './core/result.ts';
import { REPORTERS } from './reporters/index.ts';
import type { Reporter } from './reporters/reporter.ts';

export interface ReportsWritten {
  readonly paths: readonly string[];
  /** One for each reporter that failed, with what it could not write. */
  readonly errors: readonly Error[];
}

/** @param reporters default: all of them */
export function writeReports(
  folder: string,
  record: RunRecord,
  result: RunResultFile,
  reporters: readonly Reporter[] = REPORTERS,
): ReportsWritten {
  const paths: string[] = [];
  const errors: Error[] = [];
  for (const { name, file, render } of reporters) {
    const path = join(folder, file);
    try {
      const text = render(record, result);
      // Written aside and renamed: a reader never sees half a report, and an older one stays until the new one is whole.
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
      paths.push(path);
    } catch (thrown) {
      errors.push(
        new Error(`the ${name} report could not be written to ${path}`, { cause: asError(thrown) }),
      );
    }
  }
  return { paths, errors };
}
