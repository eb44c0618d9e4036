// holdfast judge: judges a recorded run with today's checks, and says what that changes.
import { join } from 'node:path';
import type { Command } from 'commander';
import type { RunReport } from '../core/report.ts';
import type { RunResultFile } from '../core/result.ts';
import { count } from '../core/text.ts';
import { exitCodeOf } from '../core/verdict.ts';
import { readResult } from '../history.ts';
import { verdictInWords } from '../reporters/digest.ts';
import { pageAssets } from '../page-assets.ts';
import { reportOfJournal, writeReports } from '../reports.ts';
import { changesBetween, numbered, type Change } from './judge-changes.ts';
import { findRunFolder } from './report.ts';

export interface Rejudged {
  readonly report: RunReport;
  /** The judgement that stands in the run's folder, or in words why there is none to compare with. */
  readonly before: RunResultFile | { readonly missing: string };
  /** Empty when there is nothing to compare with. */
  readonly changes: readonly Change[];
}

interface JudgeOptions {
  readonly reports: string;
  readonly json?: true;
  readonly write?: true;
}

export function registerJudge(program: Command): void {
  program
    .command('judge')
    .description("judge a recorded run again with today's checks, and say what changed")
    .argument('<run>', "a run's id, its folder, or latest")
    .option('--reports <dir>', 'the folder that holds the runs', 'reports')
    .option(
      '--write',
      'write the reports of the new judgement over the old ones; without it nothing is written',
    )
    .option('--json', 'print the new verdict and what changed, for scripts')
    .addHelpText(
      'after',
      `
The exit code is that of the new verdict: 0 pass, 1 fail, 2 inconclusive or invalid.

Examples:
  holdfast judge latest
  holdfast judge 20261123-064501-9f3a --write`,
    )
    .action(async (run: string, { reports, json, write }: JudgeOptions) => {
      const folder = findRunFolder(run, reports);
      const rejudged = judgeAgain(folder);
      const { paths, errors } = write
        ? writeReports(folder, rejudged.report, await pageAssets())
        : { paths: [], errors: [] };
      const text = json ? JSON.stringify(forScripts(rejudged, paths), null, 2) : inWords(rejudged, paths);
      process.stdout.write(`${text}\n`);
      if (errors.length > 0) throw new AggregateError(errors, 'not every report could be written');
      process.exitCode = exitCodeOf(rejudged.report.result.verdict);
    });
}

/**
 * @param folder a run's, with its journal
 * @throws UsageError when the journal cannot be read
 */
export function judgeAgain(folder: string): Rejudged {
  const report = reportOfJournal(join(folder, 'journal.jsonl'));
  const before = readResult(join(folder, 'result.json'));
  const changes = 'missing' in before ? [] : changesBetween(before, report.result);
  return { report, before, changes };
}

/** What --json prints. `before` is absent where there was no judgement to compare with; `uncompared` says why. */
export function forScripts(
  { report: { result, unreadableLines }, before, changes }: Rejudged,
  written: readonly string[],
): object {
  return {
    run: result.run.id,
    verdict: result.verdict,
    cleanliness: result.cleanliness,
    ...('missing' in before
      ? { uncompared: before.missing }
      : {
          before: { verdict: before.verdict, cleanliness: before.cleanliness, holdfast: before.run.holdfast },
        }),
    changes,
    scenarios: result.scenarios.map(({ name, iteration, attempt, verdict, cleanliness, checks }) => ({
      name,
      iteration,
      attempt,
      verdict,
      cleanliness,
      checks: checks.map((check) => ({ name: check.name, verdict: check.verdict })),
    })),
    unreadableLines,
    written,
  };
}

export function inWords({ report, before, changes }: Rejudged, written: readonly string[]): string {
  const { result, unreadableLines: cut } = report;
  return [
    `verdict: ${result.verdict}`,
    ...(cut > 0 ? [`${count(cut, 'line')} of the journal could not be read`] : []),
    ...('missing' in before
      ? [`There is nothing to compare with: ${before.missing}`, ...verdicts(result)]
      : comparison(changes)),
    ...written,
  ].join('\n');
}

function verdicts({ scenarios }: RunResultFile): string[] {
  return scenarios.flatMap((scenario) => [
    `${numbered(scenario)}: ${verdictInWords(scenario)}`,
    ...scenario.checks.map((check) => `  ${check.name}: ${check.verdict}`),
  ]);
}

/** Run first, then scenario by scenario. */
function comparison(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ['nothing changed'];
  const scenarios = [...new Set(changes.map(({ scenario }) => scenario))];
  return [
    `${count(changes.length, 'change')}:`,
    ...scenarios.flatMap((name) => [
      name ?? 'the run',
      ...changes.filter(({ scenario }) => scenario === name).map((change) => `  ${sentence(change)}`),
    ]),
  ];
}

function sentence({ what, before, after }: Change): string {
  if (before === undefined) return `new: ${what}: ${after ?? ''}`;
  if (after === undefined) return `gone: ${what}, which was ${before}`;
  return `${what}: ${before} → ${after}`;
}
