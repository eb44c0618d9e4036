// A series before, during and after the faults. Pure arithmetic; samples may come in any order.
import { latencyOf } from './latency.ts';
import type { ProbeResult, ProbeWindow } from './result.ts';
import type { SeriesSample } from './series.ts';

/** From the first fault's deed to the last fault's heal. */
export interface FaultWindow {
  readonly fromMs: number;
  /** undefined: it was never healed, and lasts to the end of the record. */
  readonly toMs: number | undefined;
}

/** Samples, failures, availability (share of good samples) and latency (of good samples) of whatever samples. */
export function summarizeSamples(samples: readonly SeriesSample[]): ProbeWindow {
  const good = samples.filter(({ ok }) => ok);
  return {
    samples: samples.length,
    failures: samples.length - good.length,
    availability: samples.length === 0 ? undefined : good.length / samples.length,
    latencyMs: latencyOf(good.map(({ durationMs }) => durationMs)),
  };
}

/**
 * A sample belongs to the window in which it began; one that began with the deed is of "during", one that began with
 * the heal of "after". A window that there was and that has no samples says so by their number.
 * @param fault undefined: nothing was broken, and all is "before"
 */
export function windowsOf(
  samples: readonly SeriesSample[],
  fault: FaultWindow | undefined,
): NonNullable<ProbeResult['windows']> {
  if (!fault) return { before: summarizeSamples(samples) };
  const { fromMs, toMs } = fault;
  const between = (startMs: number, endMs: number): ProbeWindow =>
    summarizeSamples(samples.filter(({ atMs }) => atMs >= startMs && atMs < endMs));
  return {
    before: between(-Infinity, fromMs),
    during: between(fromMs, toMs ?? Infinity),
    ...(toMs !== undefined && { after: between(toMs, Infinity) }),
  };
}
