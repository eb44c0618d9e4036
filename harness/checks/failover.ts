// What the failover checks share: which fault took the VIP from whom, and what the live configuration promises then.
import type { FaultInjected, PowerChanged, ScenarioRecord } from '../core/record.ts';
import {
  eventsOfType,
  faultCourses,
  mastersOf,
  recordEndMs,
  type FaultCourse,
} from '../core/scenario-view.ts';
import { vipAt, vipTimeline, type VipTimeline } from '../core/vip-timeline.ts';
import { failoverFrom, type Departure, type Failover } from '../oracle/vrrp.ts';

/** How each fault that takes the VIP from its holder looks to the other masters. */
const DEPARTURES: ReadonlyMap<string, Departure> = new Map([['power-off', 'crash']]);

export interface FailoverPremise {
  readonly fault: FaultCourse;
  readonly deed: FaultInjected;
  readonly failover: Failover;
}

/** The premise of a failover, or in words why the record holds none. */
export function failoverPremise(
  record: ScenarioRecord,
): { readonly premise: FailoverPremise } | { readonly missing: string } {
  const fault = faultCourses(record).find(({ injected }) => injected !== undefined);
  const deed = fault?.injected;
  if (!fault || !deed) return { missing: 'No fault was injected.' };
  const { kind, target } = fault.prepared;

  const departure = DEPARTURES.get(kind);
  if (!departure) return { missing: `No failover time is known for the fault ${kind}.` };

  const holders = vipAt(vipTimelineOf(record), deed.fromMs)?.holders ?? [];
  if (holders.length !== 1 || holders[0] !== target) {
    const held = holders.length === 0 ? 'no host is known to have done' : `${holders.join(' and ')} did`;
    return { missing: `${target} was not the one holder of the VIP when the fault struck: ${held}.` };
  }
  const configured = eventsOfType(record.events, 'vrrp.configured').findLast(
    ({ atMs }) => atMs <= deed.fromMs,
  );
  if (!configured) return { missing: 'The keepalived configuration was not read before the fault.' };

  const failover = failoverFrom(configured.instances, target, departure);
  if (!failover) return { missing: `By the keepalived configuration, nobody can take over from ${target}.` };
  return { premise: { fault, deed, failover } };
}

/** Who held the VIP in a scenario. A host that a fault cut off is known to be without it, although nobody can look. */
export function vipTimelineOf(record: ScenarioRecord): VipTimeline {
  const cutOff = faultCourses(record).flatMap(({ prepared, injected }): PowerChanged[] =>
    injected && DEPARTURES.get(prepared.kind) === 'crash'
      ? [{ type: 'power', atMs: injected.toMs, host: prepared.target, state: 'off' }]
      : [],
  );
  const events = [
    ...eventsOfType(record.events, 'vip.address'),
    ...eventsOfType(record.events, 'power'),
    ...cutOff,
  ];
  return vipTimeline(events, mastersOf(record), recordEndMs(record));
}
