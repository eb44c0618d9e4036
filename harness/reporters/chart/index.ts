// A scenario's chart: what the page draws.
import type { Chart } from '../../core/chart.ts';
import type { ScenarioRecord } from '../../core/record.ts';
import { seriesOf } from '../../core/scenario-view.ts';
import { axisOf } from './axis.ts';
import { clusterLanes } from './cluster-lanes.ts';
import { faultLanes, faultSpans } from './fault-lanes.ts';
import { noiseLanes } from './noise-lanes.ts';
import { seriesCells } from './series-cells.ts';
import { vipLanes } from './vip-lanes.ts';

/** Of one scenario, in all series: what a page can draw, and a reader's machine can hold. */
const CELLS_MAX = 60_000;

export function chartOf(record: ScenarioRecord): Chart {
  const axis = axisOf(record);
  const all = seriesOf(record);
  return {
    fromMs: Math.floor(axis.startMs - axis.originMs),
    toMs: Math.ceil(axis.endMs - axis.originMs),
    faults: faultSpans(record, axis),
    groups: [
      ...faultLanes(record, axis),
      ...vipLanes(record, axis),
      ...clusterLanes(record, axis),
      ...noiseLanes(record, axis),
    ].filter(({ lanes }) => lanes.length > 0),
    series: all.map((series) => seriesCells(series, axis, Math.floor(CELLS_MAX / all.length))),
  };
}
