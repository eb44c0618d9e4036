// What the harness's own noise makes doubtful: a sampler that was late or stood still measures itself.
import type { ProberNoise, Sample, ScenarioRecord } from '../core/record.ts';
import { seriesOf, type Series } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf } from '../core/series.ts';
import { count, ms } from '../core/text.ts';
import { samplerName, type Sampler } from './samplers.ts';

/**
 * A control sample asks a server beside the sampler. One that takes more than this part of its timeout, or fails, has
 * met the machine's own trouble, and so may have every other sample of that moment.
 */
const CONTROL_SHARE = 1 / 4;

export function noiseDoubts(record: ScenarioRecord, sampler: Sampler): string[] {
  return [...doubtsAboutTiming(sampler), ...doubtsByControl(record, sampler)];
}

/** Limits that follow from what is measured: later than an interval is another sample, half a timeout a false failure. */
function doubtsAboutTiming(sampler: Sampler): string[] {
  const { noise, series } = sampler;
  const name = samplerName(sampler).replace(/^t/, 'T');
  if (noise.length === 0) return [`${name} gave no account of its own noise`];
  const intervalMs = Math.min(...series.map(({ definition }) => definition.intervalMs));
  const timeoutMs = Math.min(...series.map(({ definition }) => definition.timeoutMs));
  const worst = (of: (window: ProberNoise) => number): number => Math.max(...noise.map(of));
  const lost = noise.reduce((sum, window) => sum + window.lost, 0);
  const sent = series.reduce((sum, { samples }) => sum + samples.length, 0);

  const doubts: string[] = [];
  const latenessMs = worst(({ latenessMsP99 }) => latenessMsP99);
  const stallMs = worst(({ eventLoopStallMsMax }) => eventLoopStallMsMax);
  if (latenessMs > intervalMs) doubts.push(`${name} was up to ${ms(latenessMs)} late (99th percentile)`);
  if (stallMs > timeoutMs / 2) {
    doubts.push(
      `${name} stood still for ${ms(stallMs)}, long enough to make good answers look like timeouts`,
    );
  }
  if (lost > 0.01 * (lost + sent)) {
    doubts.push(`${name} lost ${lost} of ${lost + sent} samples: they were due and never sent`);
  }
  return doubts;
}

/** Outages during which the control series had trouble of its own: what was measured may be the machine. */
function doubtsByControl(record: ScenarioRecord, { from, series }: Sampler): string[] {
  const troubled = troubledControls(record, from);
  if (troubled.length === 0) return [];
  return series
    .filter(({ definition }) => definition.capability !== 'control')
    .flatMap((one) => doubtfulOutages(one, troubled));
}

/** Control samples that met the machine's own trouble, of the sampler on that host; undefined: the observer. */
export function troubledControls(record: ScenarioRecord, from: string | undefined): readonly Sample[] {
  const controls = seriesOf(record).filter(
    ({ definition }) => definition.capability === 'control' && definition.from === from,
  );
  return controls.flatMap(({ definition, samples }) =>
    samples.filter(({ ok, durationMs }) => !ok || durationMs > CONTROL_SHARE * definition.timeoutMs),
  );
}

function doubtfulOutages({ definition, samples }: Series, troubled: readonly Sample[]): string[] {
  return outagesOf(samples, { mergeGapMs: MERGE_GAP_MS }).flatMap(({ startMs, lastFailedMs, endMs }) => {
    const overlapping = troubled.filter(
      ({ atMs, durationMs }) => atMs <= (endMs ?? lastFailedMs) && atMs + durationMs >= startMs,
    );
    const [first] = overlapping;
    if (!first) return [];
    const how = first.ok ? `took ${ms(first.durationMs)}` : 'failed';
    const times = overlapping.length > 1 ? ` (${count(overlapping.length, 'sample')} like it)` : '';
    return [
      `The outage of ${definition.name} at ${ms(startMs)} is doubtful: the control series ${how} in it${times}`,
    ];
  });
}
