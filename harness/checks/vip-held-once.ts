// Was the VIP ever on two hosts for longer than one of them needs to learn of the other? Then clients were split.
import type { Check } from '../core/check.ts';
import { recordEndMs } from '../core/scenario-view.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { ms } from '../core/text.ts';
import type { VipStretch } from '../core/vip-timeline.ts';
import { vipTimelineOf } from '../core/vip-view.ts';
import { vrrpInstancesAt } from '../oracle/configured.ts';
import { TAKEOVER_ALLOWANCE_MS } from '../oracle/vrrp.ts';
import { faultSpans } from './fault-spans.ts';

export const vipHeldOnce: Check = {
  name: 'vip-held-once',
  question: 'Did no two hosts hold the VIP for longer than one of them needs to hear the other?',
  judge(record) {
    const limitMs = hearingMs(record);
    if (limitMs === undefined) {
      const explanation = 'The keepalived configuration was not read: how long two may hold it is not known.';
      return { verdict: 'inconclusive', limit: 'one advert interval', explanation };
    }
    const limit = `≤ ${ms(limitMs)} at a time`;
    const { stretches } = vipTimelineOf(record);
    if (stretches.length === 0) {
      return { verdict: 'inconclusive', limit, explanation: 'No address of any master was ever watched.' };
    }
    const allowed = joined(timesApart(record, limitMs));
    const isForeseen = (spell: VipStretch): boolean =>
      allowed.some(({ fromMs, toMs }) => spell.fromMs >= fromMs && spell.toMs <= toMs);
    const spells = sharedSpells(stretches).toSorted((one, other) => lengthMs(other) - lengthMs(one));
    const longest = spells.find((spell) => !isForeseen(spell)) ?? spells[0];
    if (!longest) {
      const measured = { lowerMs: 0, unit: 'ms' };
      return { verdict: 'pass', measured, limit, explanation: 'Never did two hosts hold it.' };
    }
    const measured = { lowerMs: lengthMs(longest), unit: 'ms' };
    const explanation = `${longest.holders.join(' and ')} held it at the same time for ${ms(lengthMs(longest))}.`;
    if (lengthMs(longest) <= limitMs) return { verdict: 'pass', measured, limit, explanation };
    return isForeseen(longest)
      ? {
          verdict: 'pass',
          measured,
          limit: 'none while the fault keeps one from hearing the other, or from giving the address up',
          explanation,
        }
      : { verdict: 'fail', measured, limit, explanation };
  },
};

/** The lesser of two masters gives way at the first advert that it hears of the better one. */
function hearingMs(record: ScenarioRecord): number | undefined {
  const instances = vrrpInstancesAt(record, recordEndMs(record));
  if (!instances) return undefined;
  return Math.max(...instances.map(({ advertIntervalS }) => 1000 * advertIntervalS)) + TAKEOVER_ALLOWANCE_MS;
}

/** Stretches with two holders or more, joined where one follows the other at once. */
function sharedSpells(stretches: readonly VipStretch[]): VipStretch[] {
  const spells: VipStretch[] = [];
  for (const stretch of stretches.filter(({ holders }) => holders.length >= 2)) {
    const last = spells.at(-1);
    if (last?.toMs !== stretch.fromMs) spells.push(stretch);
    else
      spells[spells.length - 1] = {
        ...last,
        toMs: stretch.toMs,
        holders: [...new Set([...last.holders, ...stretch.holders])],
      };
  }
  return spells;
}

function lengthMs({ fromMs, toMs }: Time): number {
  return toMs - fromMs;
}

interface Time {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where a fault that keeps masters apart takes over from another, two hold it all the while. */
function joined(times: readonly Time[]): readonly Time[] {
  const all: Time[] = [];
  for (const time of times.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = all.at(-1);
    if (!last || time.fromMs > last.toMs) all.push(time);
    else all[all.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, time.toMs) };
  }
  return all;
}

/** A keepalived that goes on again, or is started again, needs a moment until it hears anybody. */
const GOING_ON_MS = 3_000;

/**
 * The times in which the design lets two hold it: until they are together again, and one has heard the other; or, where a
 * guard takes the address from one of them, until it has.
 */
function timesApart(record: ScenarioRecord, hearingMs: number): readonly Time[] {
  const spans = faultSpans(record);
  if ('unknown' in spans) return [];
  return spans.flatMap(({ fromMs, toMs, foreseen, apartUntilMs }) => {
    const unique = foreseen.find(({ capability }) => capability === 'vip-unique');
    if (!unique || unique.expected === 'must-not-fail') return [];
    if (unique.settled === true) return [{ fromMs, toMs: toMs + unique.transitionMs + hearingMs }];
    return [{ fromMs, toMs: apartUntilMs + hearingMs + GOING_ON_MS }];
  });
}
