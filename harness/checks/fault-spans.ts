// The times in which a set of faults was in force, and what the oracle expects of each.
import type { FaultEffect, FaultInjected, ScenarioRecord } from '../core/record.ts';
import type { Expectation } from '../core/result.ts';
import { faultCourses, recordEndMs, type FaultCourse } from '../core/scenario-view.ts';
import { vipAt } from '../core/vip-timeline.ts';
import { effectOf } from '../core/fault-effect.ts';
import { vrrpInstancesAt } from '../oracle/configured.ts';
import { expectationsOf, type Foreseen } from '../oracle/expectations.ts';
import { vipTimelineOf } from './failover.ts';
import { starvedTimes, type Starved } from './machine.ts';

/**
 * How long before it was done a healing may have begun, where the record does not say. Such records are of power cuts,
 * and a host that is switched on needs longer than this until anything on it serves again.
 */
const HEALING_TAKES_MS = 3_000;

/** From one fault's deed until the next one, or until one of those in force begins to be healed. */
export interface FaultSpan {
  /** The deed took effect between these two. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
  readonly effects: readonly FaultEffect[];
  readonly foreseen: readonly Foreseen[];
  /** Times of the whole record in which the machine had too much other work. */
  readonly starved: readonly Starved[];
}

type InForce = FaultCourse & { readonly injected: FaultInjected };

/** The spans in order, or in words why nothing can be foreseen. */
export function faultSpans(record: ScenarioRecord): readonly FaultSpan[] | { readonly unknown: string } {
  const courses = faultCourses(record)
    .filter((course): course is InForce => course.injected !== undefined)
    .toSorted((one, other) => one.injected.fromMs - other.injected.fromMs);
  const [first] = courses;
  if (!first) return { unknown: 'No fault was injected' };
  const strange = courses.find(({ prepared }) => effectOf(prepared) === undefined);
  if (strange) return { unknown: `Nothing is known of what the fault ${strange.prepared.kind} takes away` };
  const instances = vrrpInstancesAt(record, first.injected.fromMs);
  if (!instances) return { unknown: 'The keepalived configuration was not read before the fault' };

  const timeline = vipTimelineOf(record);
  const starved = starvedTimes(record);
  return courses.map((course, index) => {
    const { fromMs, toMs } = course.injected;
    const inForce = courses.slice(0, index + 1).filter((one) => healedFromMs(one) > fromMs);
    const endsMs = [...inForce.map(healedFromMs), courses[index + 1]?.injected.fromMs ?? Infinity];
    const holders = vipAt(timeline, fromMs)?.holders ?? [];
    const effects = inForce.flatMap(({ prepared }) => effectOf(prepared) ?? []);
    const holder = holders.length === 1 ? holders[0] : undefined;
    return {
      fromMs,
      toMs,
      untilMs: Math.max(toMs, Math.min(recordEndMs(record), ...endsMs)),
      effects,
      foreseen: expectationsOf(record.run.topology, instances, effects, holder),
      starved,
    };
  });
}

/** What the oracle expects while the most was broken; nothing where it has no model. */
export function expectationsFor(record: ScenarioRecord): readonly Expectation[] | undefined {
  const spans = faultSpans(record);
  if ('unknown' in spans) return undefined;
  const worst = spans.toSorted((one, other) => other.effects.length - one.effects.length)[0];
  return worst?.foreseen.map(({ capability, expected, reason }) => ({ capability, expected, reason }));
}

/** From when on the fault may have lost its effect. */
function healedFromMs({ healed, injected, evidence }: FaultCourse): number {
  if (!healed) return Infinity;
  const earliestMs = evidence.length > 0 ? (injected?.toMs ?? 0) : 0;
  return healed.fromMs ?? Math.max(earliestMs, healed.atMs - HEALING_TAKES_MS);
}
