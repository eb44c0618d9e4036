// Was the VIP ever on two hosts for longer than one of them needs to learn of the other? Then clients were split.
import type { Check } from '../core/check.ts';
import { recordEndMs } from '../core/scenario-view.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { bounds, ms } from '../core/text.ts';
import { judgeAtMost, VERDICTS, type Verdict } from '../core/verdict.ts';
import type { VipStretch } from '../core/vip-timeline.ts';
import { certainVipTimelineOf, possibleVipTimelineOf } from '../core/vip-view.ts';
import { vrrpInstancesAt } from '../oracle/configured.ts';
import { TAKEOVER_ALLOWANCE_MS } from '../oracle/vrrp.ts';
import { faultSpans } from './fault-spans.ts';

export const vipHeldOnce: Check = {
  name: 'vip-held-once',
  question: 'Did no two hosts hold the VIP for longer than one of them needs to hear the other?',
  needs: ['vrrp'],
  judge(record) {
    const limitMs = hearingMs(record);
    if (limitMs === undefined) {
      const explanation = 'The keepalived configuration was not read: how long two may hold it is not known.';
      return { verdict: 'inconclusive', limit: 'one advert interval', explanation };
    }
    const limit = `≤ ${ms(limitMs)} at a time`;
    const { stretches } = possibleVipTimelineOf(record);
    if (stretches.length === 0) {
      return { verdict: 'inconclusive', limit, explanation: 'No address of any master was ever watched.' };
    }
    const allowed = joined(timesApart(record, limitMs));
    const certain = sharedSpells(certainVipTimelineOf(record).stretches);
    const spells = sharedSpells(stretches).map((spell) => judgeSpell(spell, certain, allowed, limitMs));
    const worst = spells.toSorted(bySeverity)[0];
    if (!worst) {
      const measured = { lowerMs: 0, unit: 'ms' };
      return { verdict: 'pass', measured, limit, explanation: 'Never did two hosts hold it.' };
    }
    const { lowerMs, upperMs, verdict, isAllowed, holders } = worst;
    const isExact = lowerMs === upperMs;
    const measured = { lowerMs, ...(!isExact && { upperMs }), unit: 'ms' };
    const told = isExact ? ms(lowerMs) : bounds(lowerMs, upperMs);
    const why = verdict === 'inconclusive' ? ": the hosts' clocks are not known well enough to tell" : '';
    const explanation = `${holders.join(' and ')} held it at the same time for ${told}${why}.`;
    return {
      verdict,
      measured,
      limit:
        isAllowed && upperMs > limitMs
          ? 'none while the fault keeps one from hearing the other, or from giving the address up'
          : limit,
      explanation,
    };
  },
};

interface JudgedSpell {
  /** It lasted at least and at most so long, by the clocks of its hosts. */
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly holders: readonly string[];
  readonly verdict: Verdict;
  /** The design lets two hold it then, for however long. */
  readonly isAllowed: boolean;
}

type Time = Pick<VipStretch, 'fromMs' | 'toMs'>;

/** @param spell as long as it may have been; the certain ones are as short, and there may be none of it */
function judgeSpell(
  spell: VipStretch,
  certain: readonly VipStretch[],
  allowed: readonly Time[],
  limitMs: number,
): JudgedSpell {
  const own = certain
    .filter(({ fromMs, toMs }) => spell.fromMs <= fromMs && toMs <= spell.toMs)
    .toSorted((one, other) => lengthMs(other) - lengthMs(one))[0];
  const isIn = (time: Time): boolean =>
    allowed.some(({ fromMs, toMs }) => time.fromMs >= fromMs && time.toMs <= toMs);
  const isAllowed = isIn(spell);
  const measured = { lowerMs: own ? lengthMs(own) : 0, upperMs: lengthMs(spell), holders: spell.holders };
  const verdict = isAllowed ? 'pass' : judgeAtMost(measured, limitMs);
  // Whether it lay within the time in which two may hold it can be left open by the clocks alone.
  const isOpen = verdict === 'fail' && own !== undefined && isIn(own);
  return { ...measured, isAllowed, verdict: isOpen ? 'inconclusive' : verdict };
}

/** The worst first; of those the one that was not foreseen, and then the longest. */
function bySeverity(one: JudgedSpell, other: JudgedSpell): number {
  return (
    VERDICTS.indexOf(other.verdict) - VERDICTS.indexOf(one.verdict) ||
    Number(one.isAllowed) - Number(other.isAllowed) ||
    other.upperMs - one.upperMs
  );
}

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
