// What each series says of itself in the result: how often it was asked, how often it failed, and when.
import type { Sample, ScenarioRecord } from '../core/record.ts';
import { perSecond } from '../core/per-second.ts';
import type { ProbeResult } from '../core/result.ts';
import { faultCourses, seriesOf } from '../core/scenario-view.ts';
import { availabilityBounds, MERGE_GAP_MS } from '../core/series.ts';
import { summarizeSamples, windowsOf, type FaultWindow } from '../core/windows.ts';

/** One for every series that was to be probed, also one without a single sample. */
export function probeResults(record: ScenarioRecord): ProbeResult[] {
  const fault = faultWindow(record);
  return seriesOf(record).map(({ definition, samples }) => ({
    name: definition.name,
    ...summarizeSamples(samples),
    available: availabilityBounds(samples, { mergeGapMs: MERGE_GAP_MS }),
    windows: windowsOf(samples, fault),
    answeredBy: answeredBy(samples),
    perSecond: perSecond(samples),
  }));
}

/** From the first deed to the last heal; a fault that was prepared and never injected broke nothing. */
function faultWindow(record: ScenarioRecord): FaultWindow | undefined {
  const inForce = faultCourses(record).flatMap(({ injected, healed }) =>
    injected ? [{ fromMs: injected.fromMs, toMs: healed?.atMs ?? Infinity }] : [],
  );
  if (inForce.length === 0) return undefined;
  const toMs = Math.max(...inForce.map((fault) => fault.toMs));
  return {
    fromMs: Math.min(...inForce.map(({ fromMs }) => fromMs)),
    toMs: Number.isFinite(toMs) ? toMs : undefined,
  };
}

/** Good samples by who answered; undefined where no answer told. */
function answeredBy(samples: readonly Sample[]): ProbeResult['answeredBy'] {
  const counts = new Map<string, number>();
  for (const { ok, answeredBy: host } of samples) {
    if (ok && host !== undefined) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts.size === 0 ? undefined : Object.fromEntries(counts);
}
