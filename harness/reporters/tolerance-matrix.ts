// tolerance.md: which failure costs what. Rows are failures, columns capabilities, and beside each measure stands what the
// oracle expects.
import type { RunReport } from '../core/report.ts';
import { counts } from '../core/result.ts';
import { CAPABILITIES, type ToleranceCell } from '../core/tolerance.ts';
import { nameOf, pairs } from './digest.ts';
import { table } from './markdown-text.ts';
import type { Reporter } from './reporter.ts';

const FILE = 'tolerance.md';

export const toleranceMatrix: Reporter = {
  name: 'tolerance',
  summary: 'the tolerance matrix: what each failure cost each capability, beside what was to be expected',
  file: FILE,
  render: (report) => ({ [FILE]: toleranceMd(report) }),
};

function toleranceMd(report: RunReport): string {
  const { run } = report.result;
  return [
    `# What topology ${run.topology} tolerates`,
    '',
    ...toleranceTable(report),
    '',
    ...LEGEND,
    '',
    `Run ${run.id}, Kubernetes ${run.profile}, seed ${run.seed}.`,
    '',
  ].join('\n');
}

const LEGEND: readonly string[] = [
  'Each cell: the longest outage, then in brackets what the oracle expects. **none**: nothing failed, or nothing may fail.',
  '**until healed**: it failed, or must fail, for as long as the fault stood. **may, until healed**: either is possible.',
  'API reads are those with quorum; service is the node that was down for the least time, as a client finds it that',
  'asks the next one; VIP is the time in which nobody held the address, or two; scheduling the time in which no lease',
  'of scheduler or controller-manager was renewed.',
];

export function toleranceTable(report: RunReport): string[] {
  const rows = pairs(report)
    .filter(({ result }) => counts(result))
    .map(({ digest, result }) => [
      nameOf(result),
      ...CAPABILITIES.map((capability) => cellInWords(digest.tolerance[capability])),
      result.verdict,
    ]);
  return table(['failure', ...CAPABILITIES, 'verdict'], rows);
}

function cellInWords({ measured, expected }: ToleranceCell): string {
  return expected === undefined ? measured : `${measured} [${expected}]`;
}
