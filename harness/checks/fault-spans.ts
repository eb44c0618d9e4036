// The times in which a set of faults was in force, and what the oracle expects of each.
import type { FaultEffect, FaultInjected, ScenarioRecord } from '../core/record.ts';
import type { Expectation } from '../core/result.ts';
import {
  beginningMs,
  eventsOfType,
  faultCourses,
  recordEndMs,
  type FaultCourse,
} from '../core/scenario-view.ts';
import { vipAt } from '../core/vip-timeline.ts';
import { effectOf } from '../core/fault-effect.ts';
import { possibleVipTimelineOf } from '../core/vip-view.ts';
import { vrrpInstancesAt } from '../oracle/configured.ts';
import { expectationsOf, type Foreseen } from '../oracle/expectations.ts';
import { starvedTimes, type Starved } from './machine.ts';

/**
 * How long before it was done a healing may have begun, where the record does not say. Such records are of power cuts,
 * and a host that is switched on needs longer than this until anything on it serves again.
 */
const HEALING_TAKES_MS = 3_000;

/**
 * From one fault's deed until the next one, or until one of those in force begins to be healed. Of a scenario that breaks
 * nothing on purpose: all of it.
 */
export interface FaultSpan {
  /** The deed took effect between these two. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
  readonly effects: readonly FaultEffect[];
  readonly foreseen: readonly Foreseen[];
  /** When those faults are healed without which no two masters would be kept from hearing each other; Infinity: not on record. */
  readonly apartUntilMs: number;
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
  if (!first) {
    return record.started.faultless === true ? withoutFault(record) : { unknown: 'No fault was injected' };
  }
  const strange = courses.find(({ prepared }) => effectOf(prepared) === undefined);
  if (strange) return { unknown: `Nothing is known of what the fault ${strange.prepared.kind} takes away` };
  const instances = vrrpInstancesAt(record, first.injected.fromMs);
  if (!instances) return { unknown: 'The keepalived configuration was not read before the fault' };

  const timeline = possibleVipTimelineOf(record);
  const starved = starvedTimes(record);
  return courses.map((course, index) => {
    const { fromMs, toMs } = course.injected;
    const inForce = courses.slice(0, index + 1).filter((one) => healedFromMs(one) > fromMs);
    const endsMs = [...inForce.map(healedFromMs), courses[index + 1]?.injected.fromMs ?? Infinity];
    const holders = vipAt(timeline, fromMs)?.holders ?? [];
    const effects = effectsOf(inForce);
    const holder = holders.length === 1 ? holders[0] : undefined;
    const recovering = effectsOf(courses.slice(0, index).filter((one) => isRecovering(record, one, fromMs)));
    const expecting = (taken: readonly FaultEffect[]): readonly Foreseen[] =>
      expectationsOf(record.run.topology, instances, taken, holder);
    return {
      fromMs,
      toMs,
      untilMs: Math.max(toMs, Math.min(recordEndMs(record), ...endsMs)),
      effects,
      foreseen:
        recovering.length === 0
          ? expecting(effects)
          : whileRecovering(expecting(effects), expecting([...effects, ...recovering])),
      apartUntilMs: apartUntilMs(inForce, (some) => expecting(effectsOf(some))),
      starved,
    };
  });
}

/** Another fault that is healed meanwhile does not bring them together. */
function apartUntilMs(
  inForce: readonly InForce[],
  expecting: (some: readonly InForce[]) => readonly Foreseen[],
): number {
  const areApart = (some: readonly InForce[]): boolean =>
    expecting(some).some(
      ({ capability, expected }) => capability === 'vip-unique' && expected !== 'must-not-fail',
    );
  const healedMs = inForce.map(({ healed }) => healed?.atMs ?? Infinity);
  const needed = healedMs.filter((_, index) => !areApart(inForce.filter((_one, other) => other !== index)));
  return needed.length > 0 ? Math.min(...needed) : Math.max(...healedMs);
}

function effectsOf(courses: readonly FaultCourse[]): FaultEffect[] {
  return courses.flatMap(({ prepared }) => effectOf(prepared) ?? []);
}

/** Healed, and the cluster has not been seen steady since: what the fault took may not be back yet. */
function isRecovering(record: ScenarioRecord, course: InForce, atMs: number): boolean {
  const { healed } = course;
  if (!healed || healedFromMs(course) > atMs) return false;
  return !eventsOfType(record.events, 'steady').some(
    (steady) => steady.ok && steady.when !== 'before' && steady.atMs >= healed.atMs && steady.atMs <= atMs,
  );
}

/** What holds whether an earlier fault is still felt or not. Its end may move the VIP, and that takes its time too. */
function whileRecovering(without: readonly Foreseen[], within: readonly Foreseen[]): readonly Foreseen[] {
  return without.map((one) => {
    const other = within.find(({ capability }) => capability === one.capability) ?? one;
    const transitionMs = Math.max(one.transitionMs, other.transitionMs);
    const isSure = one.settled === other.settled && (one.settled === false || transitionMs === 0);
    if (isSure) return { ...one, transitionMs };
    const reason = `Until healed: an earlier fault may still be felt; ${one.reason}`;
    return { capability: one.capability, expected: 'may-fail', reason, settled: undefined, transitionMs };
  });
}

function withoutFault(record: ScenarioRecord): readonly FaultSpan[] | { readonly unknown: string } {
  const instances = vrrpInstancesAt(record, recordEndMs(record));
  if (!instances) return { unknown: 'The keepalived configuration was not read' };
  const fromMs = beginningMs(record) ?? record.started.atMs;
  const stopped = eventsOfType(record.events, 'probes.stopped').map(({ atMs }) => atMs);
  return [
    {
      fromMs,
      toMs: fromMs,
      untilMs: Math.min(recordEndMs(record), ...stopped),
      effects: [],
      foreseen: expectationsOf(record.run.topology, instances, []),
      apartUntilMs: fromMs,
      starved: starvedTimes(record),
    },
  ];
}

/** The worst that the oracle expects of each capability while the scenario lasted; nothing where it has no model. */
export function expectationsFor(record: ScenarioRecord): readonly Expectation[] | undefined {
  const spans = faultSpans(record);
  if ('unknown' in spans) return undefined;
  const foreseen = spans.flatMap((span) => span.foreseen);
  const worst = new Map<string, Foreseen>();
  for (const one of foreseen) {
    const before = worst.get(one.capability);
    if (!before || costOf(one) > costOf(before)) worst.set(one.capability, one);
  }
  return [...worst.values()].map(({ capability, expected, reason, settled, transitionMs }) => ({
    capability,
    expected,
    ...(settled === true && expected === 'may-fail' && { withinMs: transitionMs }),
    reason,
  }));
}

/** In ms, where that can be said: what is foreseen at most. */
function costOf({ expected, settled, transitionMs }: Foreseen): number {
  if (expected === 'must-not-fail') return 0;
  if (expected === 'must-fail') return Infinity;
  return settled === true ? transitionMs : Number.MAX_VALUE;
}

/** From when on the fault may have lost its effect. */
function healedFromMs({ healed, injected, evidence }: FaultCourse): number {
  if (!healed) return Infinity;
  const earliestMs = evidence.length > 0 ? (injected?.toMs ?? 0) : 0;
  return healed.fromMs ?? Math.max(earliestMs, healed.atMs - HEALING_TAKES_MS);
}
