// Charts of a long run with longer cells, so that the page stays of a size that can be opened.
import { decodeCells, encodeCells, type Cell, type Chart, type ChartSeries } from '../../core/chart.ts';
import { together } from '../chart/series-cells.ts';

/** @param cellsMax of all of them; where there are more, as many neighbours become one as are needed */
export function thinned<T extends Chart>(charts: readonly T[], cellsMax: number): T[] {
  const cells = charts.flatMap(({ series }) => series).reduce((sum, one) => sum + one.cells.length / 2, 0);
  const factor = Math.ceil(cells / cellsMax);
  if (factor <= 1) return [...charts];
  return charts.map((chart) => ({ ...chart, series: chart.series.map((one) => coarser(one, factor)) }));
}

function coarser({ cells, stepMs, ...series }: ChartSeries, factor: number): ChartSeries {
  const fine = decodeCells(cells);
  const coarse = Array.from({ length: Math.ceil(fine.length / factor) }, (_, index): Cell =>
    fine.slice(index * factor, (index + 1) * factor).reduce(together, { state: 'none' }),
  );
  return { ...series, stepMs: stepMs * factor, cells: encodeCells(coarse) };
}
