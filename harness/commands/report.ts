// holdfast report: writes a recorded run's reports again, from its journal alone.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { drawDiagrams } from '../diagrams.ts';
import { pageAssets } from '../page-assets.ts';
import { reportOfJournal, writeReports } from '../reports.ts';

interface ReportFlags {
  readonly reports: string;
  readonly draw?: 'svg' | 'png';
  readonly json?: true;
}

/** @throws InvalidArgumentError for anything else */
function pictureFormat(text: string): 'svg' | 'png' {
  if (text === 'svg' || text === 'png') return text;
  throw new InvalidArgumentError('expected svg or png');
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description("write a recorded run's reports again, from its journal")
    .argument('<run>', "a run's id, its folder, or latest")
    .option('--reports <dir>', 'the folder that holds the runs', 'reports')
    .option(
      '--draw <format>',
      'draw the diagrams too, as svg or png; needs mermaid-cli and chromium',
      pictureFormat,
    )
    .option('--json', 'print what result.json holds')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast report latest\n  holdfast report latest --draw svg\n  holdfast report 20261123-064501-9f3a --reports /var/lib/holdfast',
    )
    .action(async (run: string, { reports, draw, json }: ReportFlags) => {
      const folder = findRunFolder(run, reports);
      const report = reportOfJournal(join(folder, 'journal.jsonl'));
      const { paths, errors } = writeReports(folder, report, await pageAssets());
      const pictures = draw ? await drawDiagrams(folder, draw) : [];
      const text = json
        ? JSON.stringify(report.result, null, 2)
        : [`verdict: ${report.result.verdict}`, ...paths, ...pictures].join('\n');
      process.stdout.write(`${text}\n`);
      if (errors.length > 0) throw new AggregateError(errors, 'not every report could be written');
    });
}

/** @throws UsageError when no such folder holds a journal */
export function findRunFolder(run: string, reports: string): string {
  const found = [join(reports, run), run].find((folder) => existsSync(join(folder, 'journal.jsonl')));
  if (found !== undefined) return realpathSync(found);
  const known = existsSync(reports) ? readdirSync(reports).filter((name) => /^\d{8}-/.test(name)) : [];
  const newest = known.sort().slice(-5).join(', ');
  throw new UsageError(`no recorded run is found at ${join(reports, run)} or ${run}`, {
    hint: newest === '' ? `${reports} holds no run` : `the newest in ${reports} are ${newest}`,
  });
}
