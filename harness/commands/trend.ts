// holdfast trend: the newest nights against those before, and the index over all runs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT_CODES, UsageError } from '../core/errors.ts';
import { readHistory, type History } from '../history.ts';
import { pageAssets } from '../page-assets.ts';
import { indexPage } from '../trend/index-page.ts';
import { nightOf } from '../trend/measures.ts';
import { trendText } from '../trend/text.ts';
import { trendOf, type Trend } from '../trend/trend.ts';
import { integerFrom } from './options.ts';

const HELP = `
Each measure of each scenario is compared by an exact rank test, which assumes no distribution. A row is worse when that is
certain to 95 %, and by more than 200 ms and a fifth. Nineteen nights before are enough to judge one by, three to judge
three by (--newest 3); with fewer it says so, and the gate stays open.

Only runs of the same topology, Kubernetes version and provider are compared. reports/index.html is written anew.

Exit code: 0; with --gate 1 when anything is worse.

Examples:
  holdfast trend
  holdfast trend --newest 3 --gate
  holdfast trend --against 20261101-020000-9f3a --all`;

interface TrendFlags {
  readonly reports: string;
  readonly last: number;
  readonly newest: number;
  readonly against?: string;
  readonly gate?: true;
  readonly all?: true;
  readonly json?: true;
}

export function registerTrend(program: Command): void {
  program
    .command('trend')
    .description('whether the newest runs are worse than those before; index.html over all runs')
    .option('--reports <dir>', 'the folder that holds the runs', 'reports')
    .option('--last <n>', 'so many runs before the newest at most', integerFrom(1), 30)
    .option('--newest <n>', 'how many of the newest runs are judged together', integerFrom(1), 1)
    .option('--against <run>', "one run's id to compare with, instead of those before")
    .option('--gate', 'exit code 1 when anything is worse')
    .option('--all', 'also what is not worse')
    .option('--json', 'everything, for scripts')
    .addHelpText('after', HELP)
    .action(async (flags: TrendFlags) => {
      const history = readHistory(flags.reports);
      const trend = trendIn(history, flags);
      await writeIndex(flags.reports, history);
      process.stdout.write(
        flags.json ? `${JSON.stringify(trend, undefined, 2)}\n` : trendText(trend, flags.all === true),
      );
      if (flags.gate && trend.rows.some(({ state }) => state === 'worse')) process.exitCode = EXIT_CODES.fail;
    });
}

function trendIn({ results, unreadable }: History, { reports, last, newest, against }: TrendFlags): Trend {
  const known = results.map(({ run }) => run.id);
  if (against !== undefined && !known.includes(against)) {
    throw new UsageError(`no run ${against} is in ${reports}`, {
      hint: `the newest are ${known.slice(-5).join(', ') || 'none'}`,
    });
  }
  const trend = trendOf(results.map(nightOf), { last, newest, against });
  if (trend) return trend;
  throw new UsageError(`${reports} holds no run with a result`, {
    hint: unreadable[0] ?? 'holdfast run makes one',
  });
}

/** @returns its path */
export async function writeIndex(reports: string, { results, unreadable }: History): Promise<string> {
  const path = join(reports, 'index.html');
  const { style } = await pageAssets();
  writeFileSync(path, indexPage(results, { style, unreadable }));
  return path;
}
