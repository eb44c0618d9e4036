// What a decomposition asks of a record: which failover it is, until when it can be watched, who watched.
import { effectOf } from '../core/fault-effect.ts';
import type { FaultEffect, FaultInjected, ScenarioRecord, VrrpInstance } from '../core/record.ts';
import { eventsOfType, faultCourses, mastersOf, recordEndMs } from '../core/scenario-view.ts';
import { inOrder } from '../core/series.ts';
import { vipAt, vipTimeline, withHoldings } from '../core/vip-timeline.ts';
import { vrrpInstancesAt } from './configured.ts';
import { controlPlaneOf } from './control-plane.ts';
import { damageOf, type Damage } from './damage.ts';
import type { Moment } from './decomposition-term.ts';
import { departureOf, type Departure } from './departure.ts';

export interface FailureView {
  readonly record: ScenarioRecord;
  readonly deed: Moment & { readonly toMs: number };
  /** When undoing it began; undefined while it stands. */
  readonly healedMs: number | undefined;
  /** Until when the failover itself can be watched: the heal, or the end of the record. */
  readonly untilMs: number;
  readonly endMs: number;
  readonly effect: FaultEffect;
  readonly damage: Damage;
  /** Hosts on which nothing runs, or that reach no other. */
  readonly lostHosts: readonly string[];
  /** keepalived's, as read before the deed. */
  readonly instances: readonly VrrpInstance[] | undefined;
  /** undefined: the fault does not take the VIP from its holder, or that cannot be told. */
  readonly departure: Departure | undefined;
}

/** The first fault that was injected; undefined when there is none. */
export function failureView(record: ScenarioRecord): FailureView | undefined {
  const course = faultCourses(record).find(({ injected }) => injected !== undefined);
  const injected = course?.injected;
  if (!course || !injected) return undefined;
  const effect = effectOf(course.prepared) ?? {};
  const damage = damageOf([effect]);
  const endMs = recordEndMs(record);
  const healedMs = course.healed && (course.healed.fromMs ?? course.healed.atMs);
  const instances = vrrpInstancesAt(record, injected.fromMs);
  const view = { record, effect, instances, damage, endMs, healedMs, untilMs: healedMs ?? endMs };
  return {
    ...view,
    deed: { fromMs: injected.fromMs, toMs: injected.toMs },
    lostHosts: lostHosts(record, damage),
    departure: instances && departureIn(record, injected, damage, instances),
  };
}

function lostHosts({ run }: ScenarioRecord, damage: Damage): string[] {
  const names = run.topology.hosts.map(({ name }) => name);
  return names.filter(
    (name) => !damage.runs(name) || names.every((other) => other === name || !damage.linked(name, other)),
  );
}

function departureIn(
  record: ScenarioRecord,
  deed: FaultInjected,
  damage: Damage,
  instances: readonly VrrpInstance[],
): Departure | undefined {
  const events = [...eventsOfType(record.events, 'vip.address'), ...eventsOfType(record.events, 'power')];
  const possible = withHoldings(events, 'longest');
  const timeline = vipTimeline(possible, mastersOf(record), recordEndMs(record));
  const holders = vipAt(timeline, deed.fromMs)?.holders ?? [];
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) return undefined;
  return departureOf(instances, holder, controlPlaneOf(record.run.topology, instances, damage, holder));
}

/** Until when the capture, running at the deed, saw what was on the wire; or in words why it did not. */
export function captureUntil({ record, deed, untilMs }: FailureView): number | { readonly missing: string } {
  const changes = inOrder(eventsOfType(record.events, 'capture'));
  const state = changes.findLast(({ atMs }) => atMs <= deed.fromMs)?.state;
  if (state !== 'started') return { missing: 'the wire was not captured' };
  const stopped = changes.find(({ atMs, state: next }) => atMs > deed.fromMs && next === 'stopped');
  if ((stopped?.dropped ?? 0) > 0) return { missing: `the capture lost ${stopped?.dropped} packets` };
  return Math.min(untilMs, stopped?.atMs ?? untilMs);
}

/** Whether the cluster was watched at a moment. */
export function isClusterWatched({ record }: FailureView, atMs: number): boolean {
  const last = inOrder(eventsOfType(record.events, 'cluster.watch')).findLast((watch) => watch.atMs <= atMs);
  return last?.change === 'opened';
}

/** A watch tells at first how things stand: within this of its opening, when they became so is not known. */
const LISTING_MS = 5_000;

/**
 * When what the watch told at `atMs` came about: just then, or at any time since the watch was last open.
 * @param earlier what the same object was told to be before
 */
export function toldAt(
  view: FailureView,
  atMs: number,
  earlier: readonly { readonly atMs: number }[],
): Moment {
  const watches = inOrder(eventsOfType(view.record.events, 'cluster.watch')).filter(
    (watch) => watch.atMs <= atMs,
  );
  const opened = watches.findLast(({ change }) => change === 'opened');
  if (!opened || atMs - opened.atMs > LISTING_MS) return { fromMs: atMs, toMs: atMs };
  if (earlier.some((told) => told.atMs >= opened.atMs)) return { fromMs: atMs, toMs: atMs };
  const closed = watches.findLast(({ change, atMs: at }) => change === 'closed' && at <= opened.atMs);
  return { fromMs: Math.max(view.deed.fromMs, closed?.atMs ?? opened.atMs), toMs: atMs };
}
