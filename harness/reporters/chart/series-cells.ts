// A series as cells of even length, so that any number of samples has a size that can be had.
import { encodeCells, type Cell, type ChartSeries } from '../../core/chart.ts';
import type { Sample } from '../../core/record.ts';
import type { Series } from '../../core/scenario-view.ts';
import type { Axis } from './axis.ts';

export function seriesCells({ definition, samples }: Series, axis: Axis, cellsMax: number): ChartSeries {
  const firstMs = samples[0]?.atMs ?? axis.startMs;
  const lastMs = samples.at(-1)?.atMs ?? firstMs;
  const stepMs = Math.max(definition.intervalMs, Math.ceil((lastMs - firstMs + 1) / cellsMax));
  // Cells are centred on when samples were due: one that is a little early or late stays in its own.
  const fromMs = Math.round(firstMs - stepMs / 2 - axis.originMs);
  const cells = new Array<Cell>(Math.floor((lastMs - firstMs) / stepMs + 0.5) + 1).fill({ state: 'none' });
  for (const sample of samples) {
    const index = Math.min(cells.length - 1, Math.floor((sample.atMs - axis.originMs - fromMs) / stepMs));
    cells[index] = together(cells[index] ?? { state: 'none' }, cellOf(sample));
  }
  return { name: definition.name, fromMs, stepMs, cells: samples.length === 0 ? '' : encodeCells(cells) };
}

function cellOf({ ok, durationMs, failure = 'other' }: Sample): Cell {
  return ok ? { state: 'good', latencyMs: durationMs } : { state: 'failed', failure };
}

/** What two cells say as one: the slower answer, or what went wrong. */
export function together(one: Cell, other: Cell): Cell {
  if (one.state === 'none') return other;
  if (one.state === 'good' && other.state === 'good') {
    return one.latencyMs >= other.latencyMs ? one : other;
  }
  if (one.state === 'failed' && other.state === 'failed') return one;
  const failure = 'failure' in one ? one.failure : 'failure' in other ? other.failure : 'other';
  return { state: 'mixed', failure };
}
