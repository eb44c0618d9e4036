// Questions that checks and reporters ask of a scenario's record: its events by type, its faults, its series, its end.
import type {
  Evidence,
  FaultHealed,
  FaultInjected,
  FaultPrepared,
  JournalEvent,
  ProbeDefinition,
  Sample,
  ScenarioRecord,
} from './record.ts';
import { groupedBy } from './grouped.ts';
import { remembered } from './remembered.ts';
import { inOrder } from './series.ts';
import { hostsWithRole } from './topology.ts';

type EventOfType<Event, Type> = Event extends { readonly type: infer Own }
  ? Type extends Own
    ? Event
    : never
  : never;

/** The events of one type, in the order of the journal. */
export function eventsOfType<Type extends JournalEvent['type']>(
  events: readonly JournalEvent[],
  type: Type,
): readonly EventOfType<JournalEvent, Type>[] {
  return (byType(events).get(type) ?? []) as EventOfType<JournalEvent, Type>[];
}

const byType = remembered(
  (events: readonly JournalEvent[]) => groupedBy(events, ({ type }) => type),
  (events) => events.length,
);

const eventCount = ({ events }: ScenarioRecord): number => events.length;

/** One fault from its preparation to its healing; what never happened is undefined. */
export interface FaultCourse {
  readonly prepared: FaultPrepared;
  readonly injected: FaultInjected | undefined;
  readonly evidence: readonly Evidence[];
  readonly healed: FaultHealed | undefined;
}

export function faultCourses({ events }: ScenarioRecord): FaultCourse[] {
  return eventsOfType(events, 'fault.prepared').map((prepared) => {
    const isOfThis = ({ id }: { readonly id: string }): boolean => id === prepared.id;
    return {
      prepared,
      injected: eventsOfType(events, 'fault.injected').find(isOfThis),
      evidence: eventsOfType(events, 'fault.evidence')
        .filter(isOfThis)
        .flatMap(({ evidence }) => evidence),
      healed: eventsOfType(events, 'fault.healed').find(isOfThis),
    };
  });
}

/**
 * When a scenario began to do something: its first deed. One that breaks nothing began with its first demand; one that
 * asks nothing either never did.
 */
export function beginningMs(record: ScenarioRecord): number | undefined {
  const deed = faultCourses(record)[0]?.injected;
  if (deed || record.started.faultless !== true) return deed?.fromMs;
  const demanded = eventsOfType(record.events, 'demand').map(({ fromMs }) => fromMs);
  return demanded.length === 0 ? undefined : Math.min(...demanded);
}

/** A series with its samples by start. */
export interface Series {
  readonly definition: ProbeDefinition;
  readonly samples: readonly Sample[];
}

/** Every series that was to be probed, also one without a single sample. */
export const seriesOf = remembered(readSeries, eventCount);

function readSeries({ events }: ScenarioRecord): readonly Series[] {
  const samples = groupedBy(eventsOfType(events, 'sample'), ({ probe }) => probe);
  // A prober whose host went away begins again with the same series.
  const definitions = new Map<string, ProbeDefinition>();
  for (const { probes } of eventsOfType(events, 'probes.started')) {
    for (const definition of probes) definitions.set(definition.name, definition);
  }
  return [...definitions.values()].map((definition) => ({
    definition,
    samples: inOrder(samples.get(definition.name) ?? []),
  }));
}

export function mastersOf({ run }: ScenarioRecord): string[] {
  return hostsWithRole(run.topology, 'master').map(({ name }) => name);
}

/** Where the record stops telling what happened. */
export const recordEndMs = remembered(
  ({ started, events, finished }: ScenarioRecord): number =>
    events.reduce((latest, { atMs }) => Math.max(latest, atMs), finished?.atMs ?? started.atMs),
  eventCount,
);
