// What a timeline shows, row by row: lanes as they are, series as spans of what was seen.
import { decodeCells, type Cell, type Chart, type ChartSeries, type Span } from '../core/chart.ts';

export interface Row {
  readonly group: string;
  readonly name: string;
  readonly spans: readonly Span[];
}

export function rowsOf(chart: Chart): Row[] {
  return [
    ...chart.groups
      .filter(({ title }) => title !== 'Noise')
      .flatMap(({ title, lanes }) => lanes.map((lane) => ({ group: title, ...lane }))),
    ...chart.series.map((series) => ({ group: 'Probes', name: series.name, spans: spansOfSeries(series) })),
    ...chart.groups
      .filter(({ title }) => title === 'Noise')
      .flatMap(({ title, lanes }) => lanes.map((lane) => ({ group: title, ...lane }))),
  ];
}

/** Neighbours that say the same are one span. A gap of one cell is what a sample that is a little late makes. */
function spansOfSeries({ fromMs, stepMs, cells }: ChartSeries): Span[] {
  const spans: { from: number; to: number; cell: Cell }[] = [];
  for (const [index, cell] of decodeCells(cells).entries()) {
    if (cell.state === 'none') continue;
    const previous = spans.at(-1);
    if (previous && index - previous.to <= 1 && sameKind(previous.cell, cell)) previous.to = index + 1;
    else spans.push({ from: index, to: index + 1, cell });
  }
  return spans.map(({ from, to, cell }): Span => [
    Math.round(fromMs + from * stepMs),
    Math.round(fromMs + to * stepMs),
    cell.state === 'good' ? 'good' : cell.state === 'mixed' ? 'unsure' : 'bad',
    cell.state === 'good' || cell.state === 'none' ? 'answered' : cell.failure,
  ]);
}

function sameKind(one: Cell, other: Cell): boolean {
  return (
    one.state === other.state &&
    ('failure' in one ? one.failure : '') === ('failure' in other ? other.failure : '')
  );
}

/** What was so at a moment; a moment's mark counts within a reach. */
export function spanAt({ spans }: Row, atMs: number, reachMs: number): Span | undefined {
  const covering = spans.findLast(([fromMs, toMs]) => fromMs <= atMs && atMs < toMs);
  if (covering) return covering;
  return spans.find(([fromMs, toMs]) => fromMs - reachMs <= atMs && atMs <= toMs + reachMs);
}

/** One sentence for who cannot see the row. */
export function rowInWords({ name, spans }: Row): string {
  const bad = spans.filter(([, , kind]) => kind === 'bad' || kind === 'fault');
  if (spans.length === 0) return `${name}: nothing seen`;
  if (bad.length === 0)
    return `${name}: ${spans
      .map(([, , , label]) => label)
      .filter(isNew)
      .join(', then ')}`;
  const told = bad.slice(0, 4).map(([fromMs, toMs, , label]) => {
    return `${label} from ${(fromMs / 1000).toFixed(1)} s to ${(toMs / 1000).toFixed(1)} s`;
  });
  return `${name}: ${told.join('; ')}${bad.length > 4 ? `; and ${bad.length - 4} more` : ''}`;
}

function isNew(label: string, index: number, labels: readonly string[]): boolean {
  return index < 6 && label !== labels[index - 1];
}
