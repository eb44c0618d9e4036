// Was the measurement itself good enough to judge by? Too few samples, a hole in them or noise make it inconclusive.
import type { Check } from '../core/check.ts';
import type { ProberNoise, ScenarioRecord } from '../core/record.ts';
import { eventsOfType, seriesOf, type Series } from '../core/scenario-view.ts';
import { ms, sentences } from '../core/text.ts';

const LEAST_SHARE = 0.9;
/** A hole of this many intervals could hide an outage that a reader would want to know of. */
const HOLE_INTERVALS = 5;

const limit = `≥ ${LEAST_SHARE * 100} % of the samples due, no hole of ${HOLE_INTERVALS} intervals, sampler on time`;

export const enoughSamples: Check = {
  name: 'enough-samples',
  question: 'Did every series get the samples its cadence demands, on time and without holes?',
  judge(record) {
    const series = seriesOf(record);
    const startedMs = eventsOfType(record.events, 'probes.started')[0]?.atMs;
    const stoppedMs = eventsOfType(record.events, 'probes.stopped').at(-1)?.atMs;
    if (startedMs === undefined || series.length === 0) {
      return { verdict: 'invalid', limit, explanation: 'No probe was started: nothing was measured.' };
    }
    const silent = series
      .filter(({ samples }) => samples.length === 0)
      .map(({ definition }) => definition.name);
    if (silent.length > 0) {
      return { verdict: 'invalid', limit, explanation: `No samples at all from ${silent.join(', ')}.` };
    }
    if (stoppedMs === undefined) {
      const explanation = 'The probes were never stopped: the record ends while they ran.';
      return { verdict: 'inconclusive', limit, explanation };
    }
    const shares = series.map((one) => one.samples.length / samplesDue(one, stoppedMs - startedMs));
    const measured = { value: Math.floor(1000 * Math.min(1, ...shares)) / 10, unit: '% of the samples due' };
    const doubts = [
      ...series.flatMap((one) => doubtsAboutSeries(one, startedMs, stoppedMs)),
      ...doubtsAboutNoise(record, series),
    ];
    if (doubts.length > 0) {
      return { verdict: 'inconclusive', measured, limit, explanation: sentences(doubts) };
    }
    const total = series.reduce((sum, { samples }) => sum + samples.length, 0);
    const explanation = `${total} samples from ${series.length} series in ${ms(stoppedMs - startedMs)}.`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

function samplesDue({ definition }: Series, windowMs: number): number {
  return Math.max(1, Math.floor(windowMs / definition.intervalMs));
}

function doubtsAboutSeries({ definition, samples }: Series, startedMs: number, stoppedMs: number): string[] {
  const doubts: string[] = [];
  const due = samplesDue({ definition, samples }, stoppedMs - startedMs);
  if (samples.length < LEAST_SHARE * due) {
    doubts.push(`${definition.name} has ${samples.length} of the ${due} samples due`);
  }
  const starts = samples.map(({ atMs }) => atMs);
  // At the edges a sample may still be out: its answer may take as long as its timeout.
  const edges = [...starts, Math.max(starts.at(-1) ?? 0, stoppedMs - definition.timeoutMs)];
  const holesMs = edges.map((atMs, index) => atMs - (edges[index - 1] ?? atMs));
  const widestMs = holesMs.reduce((widest, holeMs) => Math.max(widest, holeMs), 0);
  if (widestMs > HOLE_INTERVALS * definition.intervalMs) {
    doubts.push(`${definition.name} has a hole of ${ms(widestMs)}, in which an outage would not be seen`);
  }
  return doubts;
}

/** Limits that follow from what is measured: later than an interval is another sample, half a timeout a false failure. */
function doubtsAboutNoise({ events }: ScenarioRecord, series: readonly Series[]): string[] {
  const windows = eventsOfType(events, 'noise');
  if (windows.length === 0) return ['The sampler gave no account of its own noise'];
  const intervalMs = Math.min(...series.map(({ definition }) => definition.intervalMs));
  const timeoutMs = Math.min(...series.map(({ definition }) => definition.timeoutMs));
  const worst = (of: (window: ProberNoise) => number): number => Math.max(...windows.map(of));
  const lost = windows.reduce((sum, window) => sum + window.lost, 0);
  const sent = series.reduce((sum, { samples }) => sum + samples.length, 0);

  const doubts: string[] = [];
  const latenessMs = worst(({ latenessMsP99 }) => latenessMsP99);
  const stallMs = worst(({ eventLoopStallMsMax }) => eventLoopStallMsMax);
  if (latenessMs > intervalMs) doubts.push(`The sampler was up to ${ms(latenessMs)} late (99th percentile)`);
  if (stallMs > timeoutMs / 2) {
    doubts.push(
      `The sampler stood still for ${ms(stallMs)}, long enough to make good answers look like timeouts`,
    );
  }
  if (lost > 0.01 * (lost + sent)) doubts.push(`${lost} of ${lost + sent} samples were due and never sent`);
  return doubts;
}
