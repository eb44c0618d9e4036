// tolerance.md: which failure costs what. Rows are failures, columns capabilities, and beside each measure stands what the
// oracle expects.
import type { RunRecord } from '../core/record.ts';
import type { RunResultFile } from '../core/result.ts';
import { nameOf, pairs } from './digest.ts';
import { table } from './markdown-text.ts';
import type { Reporter } from './reporter.ts';
import { CAPABILITIES, toleranceRow, type ToleranceCell } from './tolerance.ts';

export const toleranceMatrix: Reporter = {
  name: 'tolerance',
  summary: 'the tolerance matrix: what each failure cost each capability, beside what was to be expected',
  file: 'tolerance.md',
  render: (record, result) =>
    [
      `# What topology ${result.run.topology} tolerates`,
      '',
      ...toleranceTable(record, result),
      '',
      ...LEGEND,
      '',
      `Run ${result.run.id}, Kubernetes ${result.run.profile}, seed ${result.run.seed}.`,
      '',
    ].join('\n'),
};

const LEGEND: readonly string[] = [
  'Each cell: the longest outage, then in brackets what the oracle expects. **none**: nothing failed, or nothing may fail.',
  '**until healed**: it failed, or must fail, for as long as the fault stood. **may, until healed**: either is possible.',
  'API reads are those with quorum; service is the node that was down for the least time, as a client finds it that',
  'asks the next one; VIP is the time in which nobody held the address, or two; scheduling the time in which no lease',
  'of scheduler or controller-manager was renewed.',
];

export function toleranceTable(record: RunRecord, result: RunResultFile): string[] {
  const counting = pairs(record.scenarios, result.scenarios).filter((pair) => !pair.result.superseded);
  const rows = counting.map((pair) => {
    const row = toleranceRow(pair.record, pair.result);
    const cells = CAPABILITIES.map((capability) => cellInWords(row[capability]));
    return [nameOf(pair.result), ...cells, pair.result.verdict];
  });
  return table(['failure', ...CAPABILITIES, 'verdict'], rows);
}

function cellInWords({ measured, expected }: ToleranceCell): string {
  return expected === undefined ? measured : `${measured} [${expected}]`;
}
