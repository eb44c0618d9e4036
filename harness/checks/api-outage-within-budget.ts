// Was the API back for its clients, on new connections and on reused ones, as soon as the failover lets it be?
import type { Check, Judgement } from '../core/check.ts';
import { noticeMs } from '../core/notice.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { seriesOf, type Series } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf, type Outage } from '../core/series.ts';
import { bounds, ms } from '../core/text.ts';
import { judgeAtMost, VERDICTS, type Verdict } from '../core/verdict.ts';
import { starvedRemark, starvedTimes, unlessStarved, type Starved, type Time } from './machine.ts';
import { failoverPremise, type FailoverPremise } from './failover.ts';

const OPEN_LIMIT = 'the VRRP failover budget and the time to notice';

export const apiOutageWithinBudget: Check = {
  name: 'api-outage-within-budget',
  question: 'Was the longest API outage through the VIP within the failover budget plus the time to notice?',
  needs: ['vrrp'],
  judge(record) {
    const found = failoverPremise(record);
    if ('missing' in found) return { verdict: 'invalid', limit: OPEN_LIMIT, explanation: found.missing };
    const { premise } = found;
    const judged = seriesOf(record)
      .filter(({ definition }) => definition.capability === 'api')
      .map((series) => judgeSeries(series, premise, record));
    const worst = judged.toSorted(bySeverity)[0];
    if (!worst) {
      return {
        verdict: 'invalid',
        limit: OPEN_LIMIT,
        explanation: 'No series asked the API through the VIP.',
      };
    }
    return {
      ...worst,
      limit: judged.map(({ limit }) => limit).join('; '),
      explanation: judged.map(({ explanation }) => explanation).join(' '),
    };
  },
};

function judgeSeries(series: Series, premise: FailoverPremise, record: ScenarioRecord): Judgement {
  const { definition } = series;
  const { deed, departure, budget } = premise;
  const limitMs = budget.totalMs + noticeMs(definition);
  const limit = `${definition.name} ≤ ${ms(limitMs)}`;
  const starved = starvedTimes(record);
  const outages = outagesOf(series.samples, { mergeGapMs: MERGE_GAP_MS }).filter(
    ({ endMs, uncertaintyMs = 0 }) => endMs === undefined || endMs + uncertaintyMs > deed.fromMs,
  );
  const worst = outages
    .map((outage) => ({ outage, verdict: judgeOutage(outage, limitMs, starved) }))
    .toSorted((one, other) => bySeverity(one, other) || other.outage.lowerMs - one.outage.lowerMs)[0];
  if (!worst) {
    // Nobody held the address for two adverts and more. Only a series that asks something else sees nothing of it.
    const explanation = `${definition.name} saw no outage although ${departure.holder}, which held the VIP, was cut off: it did not ask through the VIP.`;
    return { verdict: 'invalid', limit, explanation };
  }
  const { outage, verdict } = worst;
  const measured = {
    lowerMs: outage.lowerMs,
    ...(outage.upperMs !== undefined && { upperMs: outage.upperMs }),
    unit: 'ms',
  };
  return {
    verdict,
    measured,
    limit,
    explanation:
      explain(definition.name, outage, outages.length, deed.fromMs) +
      (verdict === 'pass' ? '' : starvedRemark(starved, timeOf(outage))),
  };
}

function judgeOutage(outage: Outage, limitMs: number, starved: readonly Starved[]): Verdict {
  const { endMs, lowerMs, upperMs = Infinity } = outage;
  // It may have ended just after the record did.
  if (endMs === undefined) return lowerMs > limitMs ? 'fail' : 'inconclusive';
  const verdict = judgeAtMost({ lowerMs, upperMs }, limitMs);
  return unlessStarved(verdict, starved, timeOf(outage));
}

function timeOf({ startMs, endMs, lastFailedMs }: Outage): Time {
  return { fromMs: startMs, toMs: endMs ?? lastFailedMs };
}

function explain(name: string, outage: Outage, outages: number, faultMs: number): string {
  const began = `beginning ${ms(outage.startMs - faultMs)} after the fault`;
  if (outage.endMs === undefined) {
    return `${name} was down from ${ms(outage.startMs - faultMs)} after the fault to the end of the record (${ms(outage.lowerMs)} and more).`;
  }
  const others = outages > 1 ? `, the worst of ${outages} outages` : '';
  return `${name} was down for ${bounds(outage.lowerMs, outage.upperMs)}, ${began}${others}.`;
}

function bySeverity(one: { readonly verdict: Verdict }, other: { readonly verdict: Verdict }): number {
  return VERDICTS.indexOf(other.verdict) - VERDICTS.indexOf(one.verdict);
}
