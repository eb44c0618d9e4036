// The way back, once the fault is undone: the old holder's apiserver answers, and it takes the VIP again.
import { eventsOfType, seriesOf } from '../core/scenario-view.ts';
import { inOrder, MERGE_GAP_MS, outagesOf } from '../core/series.ts';
import { exactly, stampedBy, type Term } from './decomposition-term.ts';
import type { FailureView } from './decomposition-view.ts';
import { giveBackBudget } from './departure.ts';
import { guardStops } from './guard.ts';

/** Empty where the VIP does not go back: the fault stands, the VIP stayed, or the old holder does not preempt. */
export function returnTerms(view: FailureView): Term[] {
  const { departure, instances, healedMs, record, deed, endMs } = view;
  if (!departure || !instances || healedMs === undefined) return [];
  const { holder } = departure;
  const byGuard = guardStops(record.run.topology, view.damage, holder) !== undefined;
  const budget = giveBackBudget(instances, holder, byGuard);
  const after = inOrder(eventsOfType(record.events, 'vip.address')).filter(({ atMs }) => atMs > deed.fromMs);
  const hasLeft = after.some(({ host, present }) => present && host !== holder);
  if (!budget || !hasLeft) return [];

  const ready = readyAgain(view, holder, healedMs);
  const readyMs = ready?.moment?.toMs ?? healedMs;
  const dueMs = readyMs + (ready?.stamped?.uncertaintyMs ?? 0) + budget.totalMs;
  const back = after.find(({ host, present, atMs }) => present && host === holder && atMs > healedMs);
  const given: Term = {
    name: `VIP back on ${holder}`,
    moment: back ? exactly(back.atMs) : { fromMs: endMs },
    stamped: back && stampedBy(holder, back),
    detail: back ? 'the kernel told' : 'not before the end of the record',
    dueMs,
  };
  return [...(ready ? [ready] : []), given];
}

/** undefined when the fault did not take it away, or nobody asked it. */
function readyAgain({ record }: FailureView, holder: string, healedMs: number): Term | undefined {
  const series = seriesOf(record).find(
    ({ definition: { capability, host } }) => capability === 'apiserver' && host === holder,
  );
  const outage = outagesOf(series?.samples ?? [], { mergeGapMs: MERGE_GAP_MS }).find(
    ({ startMs, endMs = Infinity }) => startMs <= healedMs && endMs > healedMs,
  );
  if (!series || outage?.endMs === undefined) return undefined;
  return {
    name: `apiserver of ${holder} ready again`,
    moment: { fromMs: outage.lastFailedMs, toMs: outage.endMs },
    stamped: stampedBy(record.run.topology.observer.name, outage),
    detail: `${series.definition.name}; its power or process was given back before`,
  };
}
