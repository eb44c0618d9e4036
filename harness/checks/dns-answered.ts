// Does whoever asks the cluster DNS get an answer in the end? One server of several may be lost, and a resolver asks again.
import type { Check } from '../core/check.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { seriesOf, type Series } from '../core/scenario-view.ts';
import { outagesOf } from '../core/series.ts';
import { bounds, count, ms, percent } from '../core/text.ts';
import { judgeAtMost } from '../core/verdict.ts';

/** resolv.conf(5): a resolver waits so long for an answer before it asks again. */
const RESOLVER_TIMEOUT_MS = 5_000;

const limit = `an answer at least every ${ms(RESOLVER_TIMEOUT_MS)}`;

export const dnsAnswered: Check = {
  name: 'dns-answered',
  question:
    'Did the cluster DNS answer at least once in the time for which a resolver waits until it asks again?',
  judge(record: ScenarioRecord) {
    const asked = seriesOf(record).filter(({ definition }) => definition.capability === 'dns');
    const samples = asked.flatMap((series) => series.samples);
    if (samples.length === 0) {
      return { verdict: 'invalid', limit, explanation: 'Nobody asked the cluster DNS anything.' };
    }
    const failures = samples.filter(({ ok }) => !ok).length;
    const overall = `${percent(1 - failures / samples.length)} of ${count(samples.length, 'question')} were answered`;
    // Each answer ends an outage: what counts is the time without a single one.
    const worst = asked
      .flatMap(outagesOfSeries)
      .toSorted((one, other) => other.outage.lowerMs - one.outage.lowerMs)[0];
    if (!worst) {
      return {
        verdict: 'pass',
        measured: { lowerMs: 0, unit: 'ms' },
        limit,
        explanation: `All: ${overall}.`,
      };
    }
    const { name, outage } = worst;
    const upperMs = outage.upperMs;
    return {
      verdict: judgeAtMost({ lowerMs: outage.lowerMs, upperMs: upperMs ?? Infinity }, RESOLVER_TIMEOUT_MS),
      measured: { lowerMs: outage.lowerMs, ...(upperMs !== undefined && { upperMs }), unit: 'ms' },
      limit,
      explanation: `The longest time without any answer was ${bounds(outage.lowerMs, upperMs)}, of ${name}; ${overall}.`,
    };
  },
};

function outagesOfSeries({
  definition,
  samples,
}: Series): { name: string; outage: ReturnType<typeof outagesOf>[number] }[] {
  return outagesOf(samples, { mergeGapMs: 0 }).map((outage) => ({ name: definition.name, outage }));
}
