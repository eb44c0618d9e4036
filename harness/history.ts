// The runs that a folder of reports holds, by what result.json says of each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asError, UsageError } from './core/errors.ts';
import { runResultSchema, type RunResultFile } from './core/result.ts';

/** As runs are named: the time at which they began, and a few random digits. */
const RUN_ID = /^\d{8}-\d{6}-[0-9a-f]+$/;

export interface History {
  /** The oldest first. */
  readonly results: readonly RunResultFile[];
  /** Run folders without a result that can be read, each with the reason. */
  readonly unreadable: readonly string[];
}

/** @param read default: from the file, each time. @throws UsageError when there is no such folder */
export function readHistory(reports: string, read: typeof readResult = readResult): History {
  if (!existsSync(reports)) {
    throw new UsageError(`there is no folder ${reports}`, {
      hint: 'holdfast run writes runs there, or --reports names another',
    });
  }
  const results: RunResultFile[] = [];
  const unreadable: string[] = [];
  for (const id of runIdsIn(reports)) {
    const found = read(join(reports, id, 'result.json'));
    if ('missing' in found) unreadable.push(`${id}: ${found.missing}`);
    else results.push(found);
  }
  return { results, unreadable };
}

/** The oldest first. */
function runIdsIn(reports: string): string[] {
  return readdirSync(reports)
    .filter((name) => RUN_ID.test(name))
    .sort();
}

/** A run's result, or in words why there is none. */
export function readResult(path: string): RunResultFile | { readonly missing: string } {
  if (!existsSync(path)) return { missing: `${path} does not exist` };
  try {
    const parsed = runResultSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return { missing: `${path} is no result: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
  } catch (thrown) {
    return { missing: `${path} cannot be read: ${asError(thrown).message}` };
  }
}
