// What the failover checks share: which fault took the VIP from whom, and what the live configuration promises then.
import type { FaultInjected, PowerChanged, ScenarioRecord, VipAddress } from '../core/record.ts';
import {
  eventsOfType,
  faultCourses,
  mastersOf,
  recordEndMs,
  type FaultCourse,
} from '../core/scenario-view.ts';
import { vipAt, vipTimeline, type VipTimeline } from '../core/vip-timeline.ts';
import { failoverFrom, type Departure, type Failover } from '../oracle/vrrp.ts';
import { effectOf } from './fault-effect.ts';

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

  const departure = departureOf(fault);
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

/** How the fault, which takes the VIP from its target, looks to the other masters; undefined when it does not. */
function departureOf({ prepared }: FaultCourse): Departure | undefined {
  const { hostsDown = [], processesDown = [] } = effectOf(prepared) ?? {};
  const { target } = prepared;
  if (hostsDown.includes(target)) return 'crash';
  const keepalived = processesDown.find(({ host, process }) => host === target && process === 'keepalived');
  return keepalived?.how === 'stopped' ? 'clean-stop' : undefined;
}

/** Who held the VIP in a scenario. A host that a fault cut off is known to be without it, although nobody can look. */
export function vipTimelineOf(record: ScenarioRecord): VipTimeline {
  const addresses = eventsOfType(record.events, 'vip.address');
  const cutOff = faultCourses(record).flatMap(({ prepared, injected }): PowerChanged[] =>
    injected
      ? (effectOf(prepared)?.hostsDown ?? []).map((host) => ({
          type: 'power',
          atMs: offByMs(host, injected, addresses),
          host,
          state: 'off',
        }))
      : [],
  );
  const events = [...addresses, ...eventsOfType(record.events, 'power'), ...cutOff];
  return vipTimeline(events, mastersOf(record), recordEndMs(record));
}

/** The latest moment at which the host was cut off: when the watch on it ended, if that was during the deed. */
function offByMs(host: string, { fromMs, toMs }: FaultInjected, addresses: readonly VipAddress[]): number {
  const lost = addresses.find(
    (event) => event.host === host && event.source === 'lost' && event.atMs >= fromMs && event.atMs <= toMs,
  );
  return lost?.atMs ?? toMs;
}
