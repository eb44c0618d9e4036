// A trend for a terminal.
import { spoken } from '../core/text.ts';
import { beforeInWords } from './index-page.ts';
import { nightsNeeded, type Trend, type TrendRow } from './trend.ts';

/** @param all also rows that are steady */
export function trendText(trend: Trend, all: boolean): string {
  const { fresh, past, rows, flaky } = trend;
  const worse = rows.filter(({ state }) => state === 'worse');
  const unknown = rows.filter(({ state }) => state === 'not enough data');
  const newest = fresh.at(-1);
  return [
    `${fresh.map(({ id }) => id).join(', ')} against ${past.length === 0 ? 'nothing: there is no other run of its kind' : `${past.length} before, of topology ${newest?.topology ?? ''}, Kubernetes ${newest?.profile ?? ''}`}`,
    '',
    ...table(all ? rows : worse),
    worse.length === 0 ? 'Nothing is certainly worse.' : `${worse.length} of ${rows.length} are worse.`,
    ...(unknown.length === 0
      ? []
      : [
          `Not enough data for ${unknown.length} of ${rows.length}: ${nightsNeeded(1)} other nights can be told from one, ${nightsNeeded(3)} from three (--newest 3).`,
        ]),
    ...flaky.map(
      ({ scenario, verdicts, retries }) =>
        `Flakes: ${scenario}: ${verdicts.join(', ')}${retries > 0 ? `; asked again ${retries} times` : ''}`,
    ),
    '',
  ].join('\n');
}

function table(rows: readonly TrendRow[]): string[] {
  if (rows.length === 0) return [];
  const lines = [
    ['scenario', 'measure', 'before', 'now', ''],
    ...rows.map((row) => [row.scenario, row.measure, beforeInWords(row), spoken(row.freshMedian), row.state]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  return [
    ...lines.map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    '',
  ];
}
