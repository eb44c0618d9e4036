// Of several failovers in one scenario: was each within the time that the VRRP timers allow, and which was the worst?
import type { Check } from '../core/check.ts';
import type { FaultInjected, ScenarioRecord } from '../core/record.ts';
import { eventsOfType, faultCourses } from '../core/scenario-view.ts';
import { inOrder } from '../core/series.ts';
import { bounds, count, ms, sentences } from '../core/text.ts';
import { judgeAtMost, worstVerdict, type Verdict } from '../core/verdict.ts';
import { failoverPremise, type FailoverPremise } from './failover.ts';
import { takeoverAfter, takeoverBy } from './takeover-seen.ts';

const LIMIT = 'each within the VRRP failover budget';

interface Failover {
  readonly verdict: Verdict;
  readonly lowerMs: number;
  readonly upperMs: number;
  /** In the explanation, after "the worst". */
  readonly text: string;
}

export const everyFailoverWithinBudget: Check = {
  name: 'every-failover-within-budget',
  question:
    'Was every failover of the scenario within its budget, whenever in the advert cycle the fault struck?',
  needs: ['vrrp'],
  judge(record) {
    const premises = faultCourses(record)
      .filter(({ injected }) => injected !== undefined)
      .map((fault) => failoverPremise(record, fault));
    const missing = premises.flatMap((found) => ('missing' in found ? [found.missing] : []));
    const failovers = premises.flatMap((found) =>
      'premise' in found ? [failoverOf(record, found.premise)] : [],
    );
    const worst = failovers.toSorted((one, other) => other.upperMs - one.upperMs)[0];
    const best = failovers.toSorted((one, other) => one.upperMs - other.upperMs)[0];
    if (missing.length > 0 || !worst || !best) {
      return {
        verdict: 'invalid',
        limit: LIMIT,
        explanation: sentences(missing.length > 0 ? missing : ['No fault was injected']),
      };
    }
    const verdict = worstVerdict(failovers.map((one) => one.verdict));
    const told =
      verdict === 'pass'
        ? `The worst was ${worst.text}; the best ${best.text}`
        : (failovers.find((one) => one.verdict === verdict) ?? worst).text;
    return {
      verdict,
      measured: {
        lowerMs: worst.lowerMs,
        ...(Number.isFinite(worst.upperMs) && { upperMs: worst.upperMs }),
        unit: 'ms',
      },
      limit: limitOf(premises.flatMap((found) => ('premise' in found ? [found.premise] : []))),
      explanation: `Of ${count(failovers.length, 'failover')}: ${told.charAt(0).toLowerCase()}${told.slice(1)}.`,
    };
  },
};

function limitOf(premises: readonly FailoverPremise[]): string {
  const limits = [...new Set(premises.map(({ budget }) => ms(budget.totalMs)))];
  return `≤ ${limits.join(' or ')} each`;
}

function failoverOf(record: ScenarioRecord, { deed, fault, departure, budget }: FailoverPremise): Failover {
  const { taker, holder } = departure;
  const when = phaseInWords(record, holder, deed);
  const healedMs = fault.healed?.fromMs ?? fault.healed?.atMs ?? Infinity;
  const taken = takeoverBy(record, taker.host, deed, healedMs);
  if (!taken) {
    const lowerMs = Math.max(0, Math.min(healedMs, record.finished?.atMs ?? deed.toMs) - deed.toMs);
    const text = `no takeover by ${taker.host} in the ${ms(lowerMs)} for which the fault stood, struck ${when}`;
    return { verdict: lowerMs > budget.totalMs ? 'fail' : 'inconclusive', lowerMs, upperMs: Infinity, text };
  }
  const measured = takeoverAfter(deed, taken);
  const text = `${bounds(measured.lowerMs, measured.upperMs)}, struck ${when}`;
  return { verdict: judgeAtMost(measured, budget.totalMs), ...measured, text };
}

/** Where in the cycle of the holder's adverts, as they were seen on the wire: one that was seen came before the deed. */
function phaseInWords(record: ScenarioRecord, holder: string, { fromMs, toMs }: FaultInjected): string {
  const last = inOrder(eventsOfType(record.events, 'vrrp.advert')).findLast(
    ({ host, atMs }) => host === holder && atMs <= toMs,
  );
  const offMs = last?.uncertaintyMs ?? 0;
  return last
    ? `${bounds(Math.max(0, fromMs - last.atMs - offMs), toMs - last.atMs + offMs)} after the last advert`
    : 'at an unknown phase';
}
