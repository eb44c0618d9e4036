// The samplers of a scenario: the prober on the observer, and those on nodes, each with its series and its own account.
import type { ProberNoise, ProbesStopped, ScenarioRecord } from '../core/record.ts';
import { eventsOfType, faultCourses, recordEndMs, seriesOf, type Series } from '../core/scenario-view.ts';
import { effectOf } from '../core/fault-effect.ts';

/** After its host is healed, a sampler there must be back within this: a boot, and the pod from which it asks. */
const RETURN_MS = 60_000;

export interface Sampler {
  /** The host on which it ran; undefined: the observer. */
  readonly from: string | undefined;
  readonly series: readonly Series[];
  readonly startedMs: number;
  /** Undefined when the record does not say that it was stopped. */
  readonly stopped: ProbesStopped | undefined;
  /** Until when it was to ask: one that ended by itself leaves the time until the last of all was stopped. */
  readonly dueUntilMs: number;
  readonly noise: readonly ProberNoise[];
  /** Times in which a fault took its host from it: it cannot have asked then. */
  readonly absences: readonly Absence[];
}

export interface Absence {
  readonly fromMs: number;
  /** By then it must have been back. */
  readonly untilMs: number;
}

export function samplersOf(record: ScenarioRecord): Sampler[] {
  const series = seriesOf(record);
  const stops = eventsOfType(record.events, 'probes.stopped');
  const lastMs = Math.max(record.started.atMs, ...stops.map(({ atMs }) => atMs));
  const places = [...new Set(series.map(({ definition }) => definition.from))];
  return places.map((from) => {
    const stopped = stops.findLast((event) => event.from === from);
    return {
      from,
      series: series.filter(({ definition }) => definition.from === from),
      startedMs: startOf(record, from),
      stopped,
      dueUntilMs: stopped && isOrderly(stopped) ? stopped.atMs : lastMs,
      noise: eventsOfType(record.events, 'noise').filter((event) => event.from === from),
      absences: from === undefined ? [] : absencesOf(record, from),
    };
  });
}

/** How a prober says that it ended because it was told to (harness/probes/prober/main.ts). */
const ORDERLY_END = 'stopped by the harness';

export function isOrderly({ reason }: ProbesStopped): boolean {
  return reason === ORDERLY_END;
}

/** "the sampler", "the sampler on 10-10-103-96.node". */
export function samplerName({ from }: Sampler): string {
  return from === undefined ? 'the sampler' : `the sampler on ${from}`;
}

function startOf({ events }: ScenarioRecord, from: string | undefined): number {
  const starts = eventsOfType(events, 'probes.started').filter(({ probes }) =>
    probes.some((definition) => definition.from === from),
  );
  return Math.min(...starts.map(({ atMs }) => atMs));
}

function absencesOf(record: ScenarioRecord, host: string): Absence[] {
  return faultCourses(record).flatMap(({ prepared, injected, healed }) => {
    const { hostsDown = [], hostsFrozen = [] } = effectOf(prepared) ?? {};
    if (!injected || ![...hostsDown, ...hostsFrozen].includes(host)) return [];
    return [{ fromMs: injected.fromMs, untilMs: (healed?.atMs ?? recordEndMs(record)) + RETURN_MS }];
  });
}

/** Whether a time without samples lies where the sampler's host was away. */
export function isExcused({ absences }: Sampler, fromMs: number, toMs: number): boolean {
  // The last sample before may be a little older than the fault, and its host's end cost it what was under way.
  return absences.some(
    (absence) => toMs >= absence.fromMs && fromMs <= absence.untilMs && toMs <= absence.untilMs,
  );
}
