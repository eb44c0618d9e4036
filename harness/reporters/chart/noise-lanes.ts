// How far the measuring itself can be trusted: the samplers' own account, and other work on the machine.
import type { Lane, LaneGroup } from '../../core/chart.ts';
import { otherCores } from '../../core/machine-load.ts';
import type { ScenarioRecord } from '../../core/record.ts';
import { eventsOfType } from '../../core/scenario-view.ts';
import { count } from '../../core/text.ts';
import { span, unique, type Axis } from './axis.ts';

/** Later than this a sample is no longer where the chart draws it. */
const LATE_MS = 50;
/** A tenth of a core is what an engine and a kernel need. */
const OTHER_CORES = 0.4;

export function noiseLanes(record: ScenarioRecord, axis: Axis): LaneGroup[] {
  const lanes = [...samplerLanes(record, axis), machineLane(record, axis)];
  return [{ title: 'Noise', lanes: lanes.filter(({ spans }) => spans.length > 0) }];
}

function samplerLanes({ events }: ScenarioRecord, axis: Axis): Lane[] {
  const windows = eventsOfType(events, 'noise');
  return unique(windows.map(({ from }) => from)).map((from) => ({
    name: `sampler ${from === undefined ? 'of the observer' : `in ${from}`}`,
    spans: windows
      .filter((window) => window.from === from)
      .map(({ atMs, windowMs, latenessMsMax, lost }) =>
        span(
          axis,
          atMs - windowMs,
          atMs,
          lost > 0 ? 'bad' : latenessMsMax > LATE_MS ? 'unsure' : 'good',
          `late by ${latenessMsMax.toFixed(1)} ms at most, ${count(lost, 'sample')} lost`,
        ),
      ),
  }));
}

function machineLane({ events }: ScenarioRecord, axis: Axis): Lane {
  return {
    name: 'other work',
    spans: eventsOfType(events, 'machine').map((load) => {
      const other = otherCores(load);
      return span(
        axis,
        load.atMs - load.windowMs,
        load.atMs,
        other > OTHER_CORES ? 'unsure' : 'good',
        `${load.busyCores.toFixed(1)} of ${load.cores} cores busy, ${other.toFixed(2)} with other work`,
      );
    }),
  };
}
