// holdfast compare: two runs side by side, as of two topologies, or before and after a change.
import type { Command } from 'commander';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { RunResultFile } from '../core/result.ts';
import { spoken } from '../core/text.ts';
import { readResult } from '../history.ts';
import { MEASURES, nightOf, type Measure, type Night } from '../trend/measures.ts';
import { median } from '../core/statistics.ts';
import { findRunFolder } from './report.ts';

const HELP = `
Each run is told by its id, its folder, or latest. Nothing is judged: for whether a difference is more than chance, see
holdfast trend.

Examples:
  holdfast compare 20261122-020000-1c2d latest
  holdfast compare reports/seed-night reports/three-etcd-night --json`;

export interface Comparison {
  readonly one: Night;
  readonly other: Night;
  readonly rows: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly scenario: string;
  /** Absent where the run did not have the scenario. */
  readonly verdicts: readonly [one: string | undefined, other: string | undefined];
  readonly measures: readonly {
    readonly measure: Measure;
    readonly values: readonly [one: number | undefined, other: number | undefined];
  }[];
}

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('two recorded runs side by side, scenario by scenario')
    .argument('<run>', "a run's id, its folder, or latest")
    .argument('<other>', 'the other one')
    .option('--reports <dir>', 'the folder that holds the runs', 'reports')
    .option('--json', 'for scripts')
    .addHelpText('after', HELP)
    .action((run: string, other: string, { reports, json }: { reports: string; json?: true }) => {
      const comparison = compared(resultOf(run, reports), resultOf(other, reports));
      process.stdout.write(
        json ? `${JSON.stringify(comparison, undefined, 2)}\n` : comparisonText(comparison),
      );
    });
}

function resultOf(run: string, reports: string): RunResultFile {
  const read = readResult(join(findRunFolder(run, reports), 'result.json'));
  if ('missing' in read)
    throw new UsageError(read.missing, { hint: `holdfast report ${run} writes it anew` });
  return read;
}

export function compared(one: RunResultFile, other: RunResultFile): Comparison {
  const nights = [nightOf(one), nightOf(other)] as const;
  const scenarios = [...new Set(nights.flatMap((night) => night.scenarios.map(({ name }) => name)))];
  return { one: nights[0], other: nights[1], rows: scenarios.map((scenario) => rowOf(scenario, nights)) };
}

function rowOf(scenario: string, nights: readonly [Night, Night]): ComparedRow {
  const runsIn = (night: Night): Night['scenarios'] =>
    night.scenarios.filter(({ name }) => name === scenario);
  const [one, other] = [runsIn(nights[0]), runsIn(nights[1])];
  const verdictOf = (runs: Night['scenarios']): string | undefined =>
    runs.length === 0 ? undefined : [...new Set(runs.map(({ verdict }) => verdict))].join(', ');
  const valueOf = (runs: Night['scenarios'], measure: Measure): number | undefined => {
    const values = runs.flatMap(({ measures }) => measures[measure] ?? []);
    return values.length === 0 ? undefined : median(values);
  };
  return {
    scenario,
    verdicts: [verdictOf(one), verdictOf(other)],
    measures: MEASURES.map((measure) => ({
      measure,
      values: [valueOf(one, measure), valueOf(other, measure)] as const,
    })).filter(({ values }) => values.some((value) => value !== undefined)),
  };
}

export function comparisonText({ one, other, rows }: Comparison): string {
  const value = (ms: number | undefined): string => (ms === undefined ? '–' : spoken(ms));
  const lines = [
    ['', nameOf(one), nameOf(other)],
    ['verdict', `${one.verdict}, ${one.cleanliness}`, `${other.verdict}, ${other.cleanliness}`],
    ...rows.flatMap(({ scenario, verdicts, measures }) => [
      [scenario, verdicts[0] ?? 'not run', verdicts[1] ?? 'not run'],
      ...measures.map(({ measure, values }) => [`  ${measure}`, value(values[0]), value(values[1])]),
    ]),
  ];
  const widths = [0, 1].map((column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return `${lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function nameOf({ id, topology }: Night): string {
  return `${id} (${topology})`;
}
