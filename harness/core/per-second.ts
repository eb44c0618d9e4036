// What OpenShift's disruption monitors would have said of a series, for comparison. Pure arithmetic.
import type { ProbeResult } from './result.ts';
import type { SeriesSample } from './series.ts';

const SECOND_MS = 1000;

/**
 * By the definitions of openshift/origin: one sample a second, stamped at its start (pkg/disruption/backend/sampler,
 * pkg/monitor/backenddisruption: produceSamples at an interval of 1 s); a disruption lasts from the first failed
 * sample's start to the next good one's (intervalTracker in pkg/disruption/backend/disruption/interval.go) and counts
 * for a second at least, one that is open at the end for a second after its last sample; the sum is told in whole
 * seconds (Intervals.Duration and BackendDisruptionSeconds in pkg/monitor/monitorapi). Origin begins a new interval
 * where the error's text changes; here that stays one disruption.
 *
 * Of a finer series, the sample that stands for a second is the first that began in it, counted from the first sample.
 * A second without any sample ends no disruption.
 * @returns undefined without samples
 */
export function perSecond(samples: readonly SeriesSample[]): ProbeResult['perSecond'] {
  const seconds = onePerSecond(samples);
  let disruptions = 0;
  let disruptedS = 0;
  let sinceS: number | undefined;
  for (const { second, ok } of seconds) {
    if (ok && sinceS !== undefined) {
      disruptedS += second - sinceS;
      sinceS = undefined;
    } else if (!ok && sinceS === undefined) {
      disruptions += 1;
      sinceS = second;
    }
  }
  const last = seconds.at(-1);
  if (!last) return undefined;
  if (sinceS !== undefined) disruptedS += last.second + 1 - sinceS;
  return { disruptions, disruptedS };
}

/** In order; `second` counts from the first sample. */
function onePerSecond(samples: readonly SeriesSample[]): { readonly second: number; readonly ok: boolean }[] {
  const firstMs = samples.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
  const firstOf = new Map<number, SeriesSample>();
  for (const sample of samples) {
    const second = Math.floor((sample.atMs - firstMs) / SECOND_MS);
    const earliest = firstOf.get(second);
    if (!earliest || sample.atMs < earliest.atMs) firstOf.set(second, sample);
  }
  return [...firstOf]
    .map(([second, { ok }]) => ({ second, ok }))
    .toSorted((one, other) => one.second - other.second);
}
