// Did the right host take the VIP over in the time that the VRRP timers allow, not later and not sooner?
import type { Check, Judgement } from '../core/check.ts';
import { takeoverAfter, takeoverBy } from './takeover-seen.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { recordEndMs } from '../core/scenario-view.ts';
import { bounds, ms } from '../core/text.ts';
import { judgeAtMost } from '../core/verdict.ts';
import { earliestTakeoverMs } from '../oracle/departure.ts';
import { TAKEOVER_ALLOWANCE_MS } from '../oracle/vrrp.ts';
import { starvedRemark, starvedTimes, unlessStarved } from './machine.ts';
import { vipTimelineOf } from '../core/vip-view.ts';
import { failoverPremise, type FailoverPremise } from './failover.ts';

export const vipMovedWithinBudget: Check = {
  name: 'vip-moved-within-budget',
  question: 'Did the host that VRRP elects take the VIP over within the time its timers allow?',
  needs: ['vrrp'],
  judge(record) {
    const found = failoverPremise(record);
    if ('missing' in found) {
      return { verdict: 'invalid', limit: 'the VRRP failover budget', explanation: found.missing };
    }
    return judgeTakeover(record, found.premise);
  },
};

function judgeTakeover(record: ScenarioRecord, premise: FailoverPremise): Judgement {
  const { deed, departure, budget } = premise;
  const { taker } = departure;
  const earliestMs = earliestTakeoverMs(departure);
  const limit = `≤ ${ms(budget.totalMs)} until ${taker.host} holds it`;

  const settled = holdersAfterFailover(record, premise);
  if (settled.length > 0 && !settled.includes(taker.host)) {
    const explanation = `${settled.join(' and ')} took the VIP over; by priority and address it falls to ${taker.host}.`;
    return { verdict: record.finished ? 'fail' : 'inconclusive', limit, explanation };
  }
  const taken = takeoverBy(record, taker.host, deed);
  if (!taken) return judgeNoTakeover(record, premise, limit);

  const measured = { ...takeoverAfter(deed, taken), unit: 'ms' };
  const took = `${taker.host} took over after ${bounds(measured.lowerMs, measured.upperMs)}`;
  if (measured.upperMs < earliestMs - TAKEOVER_ALLOWANCE_MS) {
    const explanation = `${took}. The timers allow it no sooner than ${ms(earliestMs)} when the holder does not say goodbye: it was stopped, or lost the VIP to something else.`;
    return { verdict: 'invalid', measured, limit, explanation };
  }
  const terms = budget.terms.map((term) => `${term.name} ${ms(term.ms)}`).join(' + ');
  const starved = starvedTimes(record);
  const time = { fromMs: deed.fromMs, toMs: taken.atMs };
  const verdict = unlessStarved(judgeAtMost(measured, budget.totalMs), starved, time);
  const remark = verdict === 'pass' ? '' : starvedRemark(starved, time);
  return { verdict, measured, limit, explanation: `${took}; allowed are ${terms}.${remark}` };
}

/** Who held it when the failover had settled: last before the broken host came back. */
function holdersAfterFailover(
  record: ScenarioRecord,
  { deed, departure, fault }: FailoverPremise,
): readonly string[] {
  const healedMs = fault.healed?.atMs ?? Infinity;
  const settled = vipTimelineOf(record).stretches.findLast(
    ({ fromMs, holders }) =>
      fromMs >= deed.fromMs && fromMs < healedMs && holders.length > 0 && !holders.includes(departure.holder),
  );
  return settled?.holders ?? [];
}

function judgeNoTakeover(record: ScenarioRecord, premise: FailoverPremise, limit: string): Judgement {
  const { deed, departure, budget, fault } = premise;
  const { taker } = departure;
  const untilMs = fault.healed?.atMs ?? recordEndMs(record);
  const lowerMs = Math.max(0, untilMs - deed.toMs);
  const measured = { lowerMs, unit: 'ms' };
  const blind = vipTimelineOf(record).stretches.some(
    ({ toMs, unwatched }) => toMs > deed.toMs && unwatched.includes(taker.host),
  );
  if (blind || lowerMs <= budget.totalMs) {
    const why = blind ? `${taker.host} was not watched all the time` : `it stood for ${ms(lowerMs)} only`;
    return {
      verdict: 'inconclusive',
      measured,
      limit,
      explanation: `No takeover was seen while the fault stood, but ${why}.`,
    };
  }
  const explanation = `No host took the VIP over in the ${ms(lowerMs)} for which the fault stood.`;
  return { verdict: 'fail', measured, limit, explanation };
}
