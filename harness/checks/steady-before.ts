// Was the cluster whole before it was broken? Otherwise nothing that followed can be put down to the fault.
import type { Check } from '../core/check.ts';
import { beginningMs, eventsOfType, seriesOf, type Series } from '../core/scenario-view.ts';
import { count, sentences } from '../core/text.ts';

const limit = 'steady state before the fault, and no failed API sample';

export const steadyBefore: Check = {
  name: 'steady-before',
  question: 'Was the cluster in its steady state, and the API answering, before the fault?',
  judge(record) {
    const steady = eventsOfType(record.events, 'steady').find(({ when }) => when === 'before');
    if (!steady) {
      return {
        verdict: 'invalid',
        limit,
        explanation: 'The record does not say whether the cluster was steady before the fault.',
      };
    }
    if (!steady.ok) {
      const found = steady.findings.join('; ');
      return {
        verdict: 'invalid',
        limit,
        explanation: `The cluster was not steady before the fault: ${found}.`,
      };
    }
    const doubts = seriesOf(record)
      .filter(({ definition }) => definition.capability === 'api')
      .flatMap((series) => doubtAboutBaseline(series, beginningMs(record) ?? Infinity));
    if (doubts.length > 0) return { verdict: 'invalid', limit, explanation: sentences(doubts) };
    return { verdict: 'pass', limit, explanation: `Found before the fault: ${steady.findings.join('; ')}.` };
  },
};

function doubtAboutBaseline({ definition, samples }: Series, faultMs: number): string[] {
  const baseline = samples.filter(({ atMs, durationMs }) => atMs + durationMs < faultMs);
  const failures = baseline.filter(({ ok }) => !ok).length;
  if (baseline.length === 0) return [`${definition.name} has no sample from before the fault`];
  if (failures === 0) return [];
  return [`${definition.name} failed in ${failures} of ${count(baseline.length, 'sample')} before the fault`];
}
