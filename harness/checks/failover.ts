// What the failover checks share: which fault took the VIP from whom, and what the live configuration promises then.
import { effectOf } from '../core/fault-effect.ts';
import type { FaultInjected, ScenarioRecord } from '../core/record.ts';
import type { Budget } from '../core/result.ts';
import { faultCourses, type FaultCourse } from '../core/scenario-view.ts';
import { vipAt } from '../core/vip-timeline.ts';
import { possibleVipTimelineOf } from '../core/vip-view.ts';
import { vrrpInstancesAt } from '../oracle/configured.ts';
import { controlPlaneOf } from '../oracle/control-plane.ts';
import { damageOf } from '../oracle/damage.ts';
import { departureBudget, departureOf, type Departure } from '../oracle/departure.ts';

export interface FailoverPremise {
  readonly fault: FaultCourse;
  readonly deed: FaultInjected;
  readonly departure: Departure;
  readonly budget: Budget;
}

/**
 * The premise of a failover, or in words why the record holds none.
 * @param fault default: the first that was injected
 */
export function failoverPremise(
  record: ScenarioRecord,
  fault = faultCourses(record).find(({ injected }) => injected !== undefined),
): { readonly premise: FailoverPremise } | { readonly missing: string } {
  const deed = fault?.injected;
  if (!fault || !deed) return { missing: 'No fault was injected.' };
  const { kind, target } = fault.prepared;
  const effect = effectOf(fault.prepared);
  if (!effect) return { missing: `What the fault ${kind} takes away is not known.` };

  // Whoever loses it by the deed may, by a clock of its own, have lost it just before.
  const holders = vipAt(possibleVipTimelineOf(record), deed.fromMs)?.holders ?? [];
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) {
    const held = holder === undefined ? 'No host is known to have held' : `${holders.join(' and ')} held`;
    return { missing: `${held} the VIP when the fault struck.` };
  }
  const instances = vrrpInstancesAt(record, deed.fromMs);
  if (!instances) return { missing: 'The keepalived configuration was not read before the fault.' };

  const plane = controlPlaneOf(record.run.topology, instances, damageOf([effect]), holder);
  const departure = departureOf(instances, holder, plane);
  if (!departure) {
    return {
      missing: `By the keepalived configuration, ${kind} on ${target} moves the VIP from ${holder} to nobody.`,
    };
  }
  return { premise: { fault, deed, departure, budget: departureBudget(departure) } };
}
