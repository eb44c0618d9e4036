// Many series for a long time: does the prober keep its cadence, and what does it cost?
import { letTimePass } from '../harness/core/wait.ts';
import type { ProberNoise } from '../harness/core/record.ts';
import type { Place } from './prober-place.ts';
import { CONTROL, type Lateness, latenessOf, watch, type WatchedSeries } from './prober-watch.ts';

const CADENCE = { intervalMs: 50, timeoutMs: 1000 } as const;
/** For both programs to start and end. */
const ALLOWANCE_MS = 60_000;
const NOTE_INTERVAL_MS = 60_000;
/** Until the prober's memory says anything of its growth: code is compiled, the heap finds its size. */
const WARM_UP_MS = 60_000;
/** Below this a growth of memory cannot be told from its swing. */
const MEMORY_WINDOW_MIN_MS = 240_000;
/** USER_HZ, in which proc(5) counts; 100 on every Linux that runs Node. */
const TICKS_PER_S = 100;

const LISTENERS = [
  { name: 'http', protocol: 'http', outages: [] },
  { name: 'https', protocol: 'https', outages: [] },
  { name: 'http2', protocol: 'http2', outages: [] },
] as const;

/** Five on new TLS connections, fifteen on kept ones. */
const SERIES: readonly WatchedSeries[] = [
  ...some(5, 'https new', { listener: 'https', kind: 'https', connection: 'new' }),
  ...some(8, 'https kept', { listener: 'https', kind: 'https', connection: 'reused' }),
  ...some(2, 'http2 kept', { listener: 'http2', kind: 'https', httpVersion: '2', connection: 'reused' }),
  ...some(4, 'http kept', { listener: 'http', kind: 'http', connection: 'reused' }),
  ...some(1, 'control', { listener: CONTROL, kind: 'http', connection: 'reused' }),
];

export interface LoadOptions {
  readonly place: Place;
  readonly minutes: number;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Load {
  readonly series: number;
  readonly durationMs: number;
  readonly samples: number;
  readonly failed: number;
  readonly lateness: Lateness | undefined;
  readonly cpu: CpuShare;
  /** undefined when it was not told for long enough. */
  readonly memory: Memory | undefined;
  readonly oddities: readonly string[];
}

/** Shares of one core. */
export interface CpuShare {
  /** By the prober's own account, over all its windows; undefined when it gave none. */
  readonly told: number | undefined;
  /** By the kernel's account of the process. */
  readonly kernel: number;
}

export interface Memory {
  /** At the end of each of the prober's windows after the warm-up. */
  readonly toldMiB: readonly number[];
  readonly minMiB: number;
  readonly maxMiB: number;
  /** By least squares, after the warm-up. */
  readonly slopeMiBPerMinute: number;
  readonly overMs: number;
}

export async function measureLoad({ place, minutes, note, signal }: LoadOptions): Promise<Load> {
  const durationMs = minutes * 60_000;
  const script = { listeners: LISTENERS, slowMs: 0, maxDurationMs: durationMs + ALLOWANCE_MS };
  note(`${SERIES.length} series at ${CADENCE.intervalMs} ms for ${minutes} min`);
  const { watched, result } = await watch({ place, script, series: SERIES, signal }, async ({ clock }) => {
    const from = { atMs: clock.now(), ticks: ticksIn(await place.proberStat()) };
    for (let leftMs = durationMs; leftMs > 0; leftMs -= NOTE_INTERVAL_MS) {
      await letTimePass(Math.min(leftMs, NOTE_INTERVAL_MS), signal);
      note(`${((durationMs - leftMs) / 60_000 + Math.min(1, leftMs / 60_000)).toFixed(1)} of ${minutes} min`);
    }
    const to = { atMs: clock.now(), ticks: ticksIn(await place.proberStat()) };
    return { kernel: ((to.ticks - from.ticks) / TICKS_PER_S) * (1000 / (to.atMs - from.atMs)) };
  });
  const { samples, noise, oddities } = watched;
  return {
    series: SERIES.length,
    durationMs,
    samples: samples.length,
    failed: samples.filter(({ ok }) => !ok).length,
    lateness: latenessOf(watched),
    cpu: { told: toldCpu(noise), kernel: result.kernel },
    memory: memoryOf(noise),
    oddities,
  };
}

function some(
  count: number,
  name: string,
  what: Omit<WatchedSeries, 'name' | 'intervalMs' | 'timeoutMs'>,
): readonly WatchedSeries[] {
  return Array.from({ length: count }, (_, index) => ({ ...what, ...CADENCE, name: `${name} ${index + 1}` }));
}

/** User and system time of a process: fields 14 and 15, counted from behind the name, which may hold spaces. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function toldCpu(noise: readonly ProberNoise[]): number | undefined {
  const totalMs = noise.reduce((sum, { windowMs }) => sum + windowMs, 0);
  if (totalMs === 0) return undefined;
  return noise.reduce((sum, { windowMs, proberCpuShare }) => sum + windowMs * proberCpuShare, 0) / totalMs;
}

function memoryOf(noise: readonly ProberNoise[]): Memory | undefined {
  const startMs = noise[0]?.atMs ?? 0;
  const told = noise.flatMap(({ atMs, residentMiB }) =>
    residentMiB === undefined || atMs - startMs < WARM_UP_MS ? [] : [{ atMs, residentMiB }],
  );
  const [first, last] = [told[0], told.at(-1)];
  const overMs = (last?.atMs ?? 0) - (first?.atMs ?? 0);
  if (!first || overMs < MEMORY_WINDOW_MIN_MS) return undefined;
  const values = told.map(({ residentMiB }) => residentMiB);
  return {
    toldMiB: values,
    minMiB: Math.min(...values),
    maxMiB: Math.max(...values),
    slopeMiBPerMinute: slopeOf(told.map(({ atMs, residentMiB }) => [atMs / 60_000, residentMiB])),
    overMs,
  };
}

/** Of the straight line with the least squared distances. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return above / below;
}
