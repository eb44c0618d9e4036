// Was the measurement itself good enough to judge by? Too few samples, a hole in them or noise make it inconclusive.
import type { Check, Judgement } from '../core/check.ts';
import type { ScenarioRecord } from '../core/record.ts';
import type { Series } from '../core/scenario-view.ts';
import { ms, sentences } from '../core/text.ts';
import { noiseDoubts } from './noise-doubts.ts';
import { isExcused, isOrderly, samplerName, samplersOf, type Sampler } from './samplers.ts';

const LEAST_SHARE = 0.9;
/** A hole of this many intervals could hide an outage that a reader would want to know of. */
const HOLE_INTERVALS = 5;

const limit = `≥ ${LEAST_SHARE * 100} % of the samples due, no hole of ${HOLE_INTERVALS} intervals, sampler on time`;

export const enoughSamples: Check = {
  name: 'enough-samples',
  question: 'Did every series get the samples its cadence demands, on time and without holes?',
  judge(record) {
    const samplers = samplersOf(record);
    if (samplers.length === 0) {
      return { verdict: 'invalid', limit, explanation: 'No probe was started: nothing was measured.' };
    }
    const silent = samplers.flatMap(({ series }) => series).filter(({ samples }) => samples.length === 0);
    if (silent.length > 0) {
      const names = silent.map(({ definition }) => definition.name).join(', ');
      return { verdict: 'invalid', limit, explanation: `No samples at all from ${names}.` };
    }
    const unstopped = samplers.find(({ stopped }) => !stopped);
    if (unstopped) {
      const explanation = `The record ends while ${samplerName(unstopped)} ran: its probes were never stopped.`;
      return { verdict: 'inconclusive', limit, explanation };
    }
    return judgeSamplers(record, samplers);
  },
};

function judgeSamplers(record: ScenarioRecord, samplers: readonly Sampler[]): Judgement {
  const watched = samplers.flatMap((sampler) =>
    sampler.series.map((series) => ({ sampler, series, coverage: coverageOf(series, sampler) })),
  );
  const least = Math.min(1, ...watched.map(({ coverage }) => coverage.got / coverage.due));
  const measured = { value: Math.floor(1000 * least) / 10, unit: '% of the samples due' };
  const doubts = [
    ...samplers.flatMap(doubtsAboutEnd),
    ...watched.flatMap(({ series, coverage }) => doubtsAboutSeries(series, coverage)),
    ...samplers.flatMap((sampler) => noiseDoubts(record, sampler)),
  ];
  if (doubts.length > 0) {
    return { verdict: 'inconclusive', measured, limit, explanation: sentences(doubts) };
  }
  const total = watched.reduce((sum, { coverage }) => sum + coverage.got, 0);
  const longestMs = Math.max(...samplers.map(({ startedMs, dueUntilMs }) => dueUntilMs - startedMs));
  const from = samplers.length > 1 ? ` and ${samplers.length} samplers` : '';
  const explanation = `${total} samples from ${watched.length} series${from} in ${ms(longestMs)}.`;
  return { verdict: 'pass', measured, limit, explanation };
}

/** A prober that ends by itself leaves the rest of the scenario unwatched, however orderly its samples are. */
function doubtsAboutEnd(sampler: Sampler): string[] {
  const { stopped } = sampler;
  if (!stopped || isOrderly(stopped) || isExcused(sampler, stopped.atMs, stopped.atMs)) return [];
  return [`The probes of ${samplerName(sampler)} were not stopped but ended: ${stopped.reason}`];
}

interface Coverage {
  readonly got: number;
  readonly due: number;
  /** The widest time without a sample that nothing excuses. */
  readonly widestHoleMs: number;
}

function coverageOf({ definition, samples }: Series, sampler: Sampler): Coverage {
  const { intervalMs, timeoutMs } = definition;
  const starts = samples.map(({ atMs }) => atMs);
  // At the end samples may still be out: they are waited for, as long as their limit, and no more are begun meanwhile.
  const endMs = Math.max(starts.at(-1) ?? 0, sampler.dueUntilMs - timeoutMs);
  const edges = [...starts, endMs];
  const gaps = edges.slice(1).map((toMs, index) => ({ fromMs: edges[index] ?? toMs, toMs }));
  const isAway = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): boolean =>
    toMs - fromMs > HOLE_INTERVALS * intervalMs && isExcused(sampler, fromMs, toMs);
  const lengthMs = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number =>
    toMs - fromMs;
  const awayMs = gaps.filter(isAway).reduce((sum, gap) => sum + lengthMs(gap), 0);
  return {
    got: samples.length,
    due: Math.max(1, Math.floor((endMs - sampler.startedMs - awayMs) / intervalMs)),
    widestHoleMs: gaps
      .filter((gap) => !isAway(gap))
      .reduce((widest, gap) => Math.max(widest, lengthMs(gap)), 0),
  };
}

function doubtsAboutSeries({ definition }: Series, { got, due, widestHoleMs }: Coverage): string[] {
  const { name, intervalMs } = definition;
  const doubts: string[] = [];
  if (got < LEAST_SHARE * due) doubts.push(`${name} has ${got} of the ${due} samples due`);
  if (widestHoleMs > HOLE_INTERVALS * intervalMs) {
    doubts.push(`${name} has a hole of ${ms(widestHoleMs)}, in which an outage would not be seen`);
  }
  return doubts;
}
