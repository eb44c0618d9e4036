// Was there load enough before the fault, so that what went on, and what was lost, could be seen at all?
import type { Check } from '../core/check.ts';
import type { Sample } from '../core/record.ts';
import { beginningMs, seriesOf, type Series } from '../core/scenario-view.ts';
import { count, ms, sentences } from '../core/text.ts';

/** Answered samples before the fault that a series needs, so that its being up then is no luck. */
const LEAST_SAMPLES = 5;
/** Of the writes that the cadence demands, so many must have been acknowledged. */
const LEAST_SHARE = 0.5;
const LEAST_WRITES = 10;

const limit = `≥ ${LEAST_SAMPLES} samples of each series, ≥ ${LEAST_WRITES} acknowledged writes and half of those due, before the fault`;

export const baselineLoad: Check = {
  name: 'baseline-load',
  question:
    'Were there enough samples and enough acknowledged writes before the fault to tell what it changed?',
  judge(record) {
    const faultMs = beginningMs(record);
    if (faultMs === undefined) {
      return {
        verdict: 'inconclusive',
        limit,
        explanation: 'No fault was injected: there is no time before it.',
      };
    }
    const series = seriesOf(record);
    if (series.length === 0) {
      return { verdict: 'inconclusive', limit, explanation: 'No probe was started: there was no load.' };
    }
    const writers = series.filter(({ definition }) => definition.task === 'append');
    const doubts = [
      ...series.flatMap((one) => doubtAboutSamples(one, faultMs)),
      ...writers.flatMap((one) => doubtAboutWrites(one, faultMs)),
    ];
    const acknowledged = writers.flatMap((one) => acknowledgedBefore(one, faultMs)).length;
    const measured = { value: acknowledged, unit: 'acknowledged writes' };
    if (doubts.length > 0)
      return { verdict: 'inconclusive', measured, limit, explanation: sentences(doubts) };
    const wrote =
      writers.length === 0
        ? 'No series writes.'
        : `${count(acknowledged, 'write')} acknowledged before the fault.`;
    const explanation = `Every series was answered before the fault. ${wrote}`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

function answeredBefore({ samples }: Series, faultMs: number): Sample[] {
  return samples.filter(({ atMs, durationMs }) => atMs + durationMs < faultMs);
}

function acknowledgedBefore(series: Series, faultMs: number): Sample[] {
  return answeredBefore(series, faultMs).filter(({ append }) => append?.outcome === 'acknowledged');
}

function doubtAboutSamples(series: Series, faultMs: number): string[] {
  const answered = answeredBefore(series, faultMs).length;
  return answered >= LEAST_SAMPLES
    ? []
    : [`${series.definition.name} has ${count(answered, 'sample')} from before the fault`];
}

function doubtAboutWrites(series: Series, faultMs: number): string[] {
  const { name, intervalMs } = series.definition;
  const firstMs = series.samples[0]?.atMs ?? faultMs;
  const due = Math.floor((faultMs - firstMs) / intervalMs);
  const acknowledged = acknowledgedBefore(series, faultMs).length;
  if (acknowledged >= LEAST_WRITES && acknowledged >= LEAST_SHARE * due) return [];
  return [
    `${name} had ${count(acknowledged, 'write')} acknowledged in ${ms(faultMs - firstMs)} before the fault, where ${due} were due`,
  ];
}
