// What was done to the cluster, and what was demanded of it.
import type { LaneGroup, Span } from '../../core/chart.ts';
import type { ScenarioRecord } from '../../core/record.ts';
import { eventsOfType, faultCourses } from '../../core/scenario-view.ts';
import { span, spansOf, unique, type Axis } from './axis.ts';

/** From the deed until the fault was healed, or the record's end. */
export function faultSpans(record: ScenarioRecord, axis: Axis): Span[] {
  return faultCourses(record).flatMap(({ prepared, injected, healed }) =>
    injected
      ? [
          span(
            axis,
            injected.fromMs,
            healed?.atMs ?? axis.endMs,
            'fault',
            `${prepared.kind} on ${prepared.target}${healed ? '' : ', not known to be healed'}`,
          ),
        ]
      : [],
  );
}

export function faultLanes(record: ScenarioRecord, axis: Axis): LaneGroup[] {
  const faults = faultSpans(record, axis);
  const lanes = [
    ...faults.map((fault, index) => ({ name: nameOf(record, index), spans: [fault] })),
    ...powerLanes(record, axis),
    { name: 'demands', spans: demandSpans(record, axis) },
    { name: 'steady state', spans: steadySpans(record, axis) },
  ];
  return [{ title: 'Faults', lanes: lanes.filter(({ spans }) => spans.length > 0) }];
}

function nameOf(record: ScenarioRecord, index: number): string {
  return faultCourses(record).filter(({ injected }) => injected)[index]?.prepared.kind ?? 'fault';
}

function powerLanes({ events }: ScenarioRecord, axis: Axis): { name: string; spans: Span[] }[] {
  const power = eventsOfType(events, 'power');
  return unique(power.map(({ host }) => host)).map((host) => ({
    name: `power ${host}`,
    spans: spansOf(
      axis,
      power
        .filter((event) => event.host === host)
        .map(({ atMs, state }) => ({
          atMs,
          now: state === 'off' ? { kind: 'bad', label: `${host} is without power` } : undefined,
        })),
    ),
  }));
}

function demandSpans({ events }: ScenarioRecord, axis: Axis): Span[] {
  return eventsOfType(events, 'demand').map(({ fromMs, atMs, what, kept, found }) =>
    span(axis, fromMs, atMs, kept ? 'info' : 'bad', kept ? what : `${what}: not kept, ${found}`),
  );
}

function steadySpans({ events }: ScenarioRecord, axis: Axis): Span[] {
  return eventsOfType(events, 'steady').map(({ atMs, when, ok }) =>
    span(axis, atMs, atMs, ok ? 'good' : 'bad', `${ok ? 'steady' : 'not steady'} ${when}`),
  );
}
