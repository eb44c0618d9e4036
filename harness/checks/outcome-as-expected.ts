// Did what had to fail fail, and what had to go on go on? The record beside what the oracle computes from the design.
import type { Check } from '../core/check.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { seriesOf } from '../core/scenario-view.ts';
import { count, sentences } from '../core/text.ts';
import { worstVerdict, type Verdict } from '../core/verdict.ts';
import type { Foreseen } from '../oracle/expectations.ts';
import { capabilityOf, compareSeries, type Comparison } from './comparison.ts';
import { compareScheduling, compareVip } from './comparison-of-states.ts';
import { faultSpans, type FaultSpan } from './fault-spans.ts';

const limit = 'what must fail fails, what must not fail does not, each as the oracle computes it';

export const outcomeAsExpected: Check = {
  name: 'outcome-as-expected',
  question: 'Did everything fail that the design lets fail, and nothing else, for no longer than it lets it?',
  judge(record) {
    const spans = faultSpans(record);
    if ('unknown' in spans) {
      const explanation = `${spans.unknown}: nothing can be expected of this scenario.`;
      return { verdict: 'inconclusive', limit, explanation };
    }
    const compared = spans.flatMap((span) => comparisonsIn(record, span));
    const tested = compared.filter((one) => one.verdict !== undefined);
    const measured = { value: tested.length, unit: tested.length === 1 ? 'comparison' : 'comparisons' };
    if (tested.length === 0) {
      const explanation = 'Nothing of what the oracle expects was measured while the fault stood.';
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    const verdict = worstVerdict(tested.flatMap((one) => one.verdict ?? []));
    const explanation = verdict === 'pass' ? asExpected(compared) : sentences(textsOf(compared, verdict));
    return { verdict, measured, limit, explanation };
  },
};

function comparisonsIn(record: ScenarioRecord, span: FaultSpan): Comparison[] {
  const series = seriesOf(record);
  return span.foreseen.flatMap((foreseen) => {
    const { capability } = foreseen;
    if (capability === 'vip' || capability === 'vip-unique') return [compareVip(record, foreseen, span)];
    if (capability === 'scheduling') return [compareScheduling(record, foreseen, span)];
    const own = series.filter(({ definition }) => capabilityOf(definition) === capability);
    if (own.length === 0) return notMeasured(foreseen);
    return own.map((one) => compareSeries(one, foreseen, span));
  });
}

/** The service as a whole is its nodes together: each is compared by itself. */
function notMeasured({ capability }: Foreseen): Comparison[] {
  return capability === 'service' ? [] : [{ capability, verdict: undefined, text: NOT_MEASURED }];
}

const NOT_MEASURED = 'not measured';

function textsOf(compared: readonly Comparison[], verdict: Verdict): string[] {
  return [...new Set(compared.filter((one) => one.verdict === verdict).map(({ text }) => capitalized(text)))];
}

function asExpected(compared: readonly Comparison[]): string {
  const tested = compared.filter((one) => one.verdict !== undefined);
  const open = compared.filter((one) => one.verdict === undefined);
  const blind = open.filter(({ text }) => text === NOT_MEASURED).map(({ capability }) => capability);
  const untested = open.filter(({ text }) => text !== NOT_MEASURED).map(({ text }) => text);
  const failed = [
    ...new Set(tested.filter(({ text }) => text.includes(', as it must')).map((one) => one.capability)),
  ];
  const must = failed.length > 0 ? ` What had to fail did: ${failed.join(', ')}.` : '';
  const rest = untested.length > 0 ? ` Not put to the test: ${[...new Set(untested)].join('; ')}.` : '';
  const missing = blind.length > 0 ? ` Measured by no series: ${[...new Set(blind)].join(', ')}.` : '';
  return `${count(tested.length, 'comparison')} as expected.${must}${rest}${missing}`;
}

function capitalized(text: string): string {
  // Series and hosts keep their names as they are.
  return /^(nobody|two|not|no|the|all) /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
