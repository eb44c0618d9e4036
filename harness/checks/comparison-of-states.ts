// Expectations that no series of samples measures: who holds the VIP, and whether the control plane's leaders work.
import type { ScenarioRecord } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { bounds, ms } from '../core/text.ts';
import type { VipStretch } from '../core/vip-timeline.ts';
import { certainVipTimelineOf, possibleVipTimelineOf } from '../core/vip-view.ts';
import type { Foreseen } from '../oracle/expectations.ts';
import { TAKEOVER_ALLOWANCE_MS } from '../oracle/vrrp.ts';
import { clause, type Comparison } from './comparison.ts';
import type { FaultSpan } from './fault-spans.ts';

/** Whether the VIP was held by anyone, or by more than one, as was to be expected. */
export function compareVip(record: ScenarioRecord, foreseen: Foreseen, span: FaultSpan): Comparison {
  const { capability, settled, reason, transitionMs } = foreseen;
  if (settled === undefined)
    return { capability, verdict: undefined, text: `${capability} may fail until healed` };
  const fromMs = span.toMs + transitionMs;
  const certain = clipped(certainVipTimelineOf(record).stretches, fromMs, span.untilMs);
  const possible = clipped(possibleVipTimelineOf(record).stretches, fromMs, span.untilMs);
  // Held for as long as may be, there were fewest times without a holder, and most with two.
  const [stretches, atMost] = capability === 'vip' ? [possible, certain] : [certain, possible];
  const totalMs = lengthOf(stretches, () => true);
  if (totalMs === 0) {
    return {
      capability,
      verdict: undefined,
      text: `the fault was healed before ${capability} had to settle`,
    };
  }
  const broken = ({ holders, unwatched }: VipStretch): boolean =>
    capability === 'vip' ? holders.length === 0 && unwatched.length === 0 : holders.length > 1;
  const brokenMs = lengthOf(stretches, broken);
  const perhapsBrokenMs = Math.max(brokenMs, lengthOf(atMost, broken));
  const blindMs = lengthOf(stretches, ({ unwatched }) => unwatched.length > 0);
  const state = capability === 'vip' ? 'nobody held the VIP' : 'two held the VIP';
  if (settled && brokenMs > TAKEOVER_ALLOWANCE_MS) {
    return { capability, verdict: 'fail', text: `${state} for ${ms(brokenMs)}: ${clause(reason)}` };
  }
  // What must be broken is so all the time, but for the moments in which it comes about.
  if (!settled && totalMs - perhapsBrokenMs - blindMs > TAKEOVER_ALLOWANCE_MS) {
    const text = `${state} for ${ms(brokenMs)} of ${ms(totalMs)} only, although ${clause(reason)}`;
    return { capability, verdict: 'fail', text };
  }
  const isStraddled = settled
    ? perhapsBrokenMs > TAKEOVER_ALLOWANCE_MS
    : totalMs - brokenMs - blindMs > TAKEOVER_ALLOWANCE_MS;
  if (isStraddled) {
    const text = `${state} for ${bounds(brokenMs, perhapsBrokenMs)} of ${ms(totalMs)}: the hosts' clocks are not known well enough to tell`;
    return { capability, verdict: 'inconclusive', text };
  }
  if (blindMs > TAKEOVER_ALLOWANCE_MS) {
    const text = `not every master's addresses were watched for ${ms(blindMs)} while the fault stood`;
    return { capability, verdict: 'inconclusive', text };
  }
  return { capability, verdict: 'pass', text: settled ? `${state} for ${ms(brokenMs)}` : state };
}

/** A leader renews every 2 s, and gives up after 10 s without (client-go's RenewDeadline). */
const RENEWED_WITHIN_MS = 10_000;

/** Whether the leases of scheduler and controller-manager are renewed, or are not. */
export function compareScheduling(record: ScenarioRecord, foreseen: Foreseen, span: FaultSpan): Comparison {
  const { capability, settled, reason, transitionMs } = foreseen;
  const leases = eventsOfType(record.events, 'lease');
  const names = [...new Set(leases.map(({ lease }) => lease))];
  const untested = (text: string): Comparison => ({ capability, verdict: undefined, text });
  if (settled === undefined) return untested('scheduling may fail until healed');
  if (names.length === 0) return untested('nobody watched the leases of scheduler and controller-manager');
  const fromMs = span.toMs + transitionMs;
  const seen = leases.filter(
    ({ atMs, uncertaintyMs = 0 }) => atMs - uncertaintyMs >= fromMs && atMs + uncertaintyMs <= span.untilMs,
  );
  if (!settled) {
    if (span.untilMs <= fromMs) return untested('the fault was healed before scheduling had to fail');
    // One may have been written before and told late.
    const renewed = names.find((name) => seen.filter(({ lease }) => lease === name).length > 1);
    return renewed === undefined
      ? { capability, verdict: 'pass', text: 'no lease was renewed' }
      : {
          capability,
          verdict: 'fail',
          text: `the lease ${renewed} was renewed, where it cannot be: ${clause(reason)}`,
        };
  }
  const lastMs = span.untilMs - RENEWED_WITHIN_MS;
  if (lastMs < fromMs) return untested('the fault was healed before a leader was due');
  const silent = names.find(
    (name) =>
      !leases.some(
        ({ lease, atMs, uncertaintyMs = 0 }) =>
          lease === name && atMs + uncertaintyMs >= lastMs && atMs - uncertaintyMs <= span.untilMs,
      ),
  );
  if (silent === undefined) return { capability, verdict: 'pass', text: 'all leases were renewed' };
  const isWatched = eventsOfType(record.events, 'cluster.watch').findLast(({ atMs }) => atMs <= lastMs);
  return {
    capability,
    verdict: isWatched?.change === 'opened' ? 'fail' : 'inconclusive',
    text: `nobody was seen to renew the lease ${silent}: ${clause(reason)}`,
  };
}

function clipped(stretches: readonly VipStretch[], fromMs: number, untilMs: number): VipStretch[] {
  return stretches
    .map((stretch) => ({
      ...stretch,
      fromMs: Math.max(stretch.fromMs, fromMs),
      toMs: Math.min(stretch.toMs, untilMs),
    }))
    .filter((stretch) => stretch.toMs > stretch.fromMs);
}

function lengthOf(stretches: readonly VipStretch[], counts: (stretch: VipStretch) => boolean): number {
  return stretches.filter(counts).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
