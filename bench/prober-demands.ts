// What the prober must reach, held against what was measured. What was not measured is not reached.
import type { SeenOutage } from '../harness/probes/testing/truth.ts';
import type { Load } from './prober-load.ts';
import { type GroupOutages, OUTAGE_INTERVAL_MS } from './prober-outages.ts';

export interface Demand {
  readonly name: string;
  readonly limit: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** None of this length or longer may be missed. */
export const NEVER_MISSED_MS = 30;
/** For the rounding of the record's times. */
const WIDTH_ROUNDING_MS = 0.1;
const LATENESS_P99_MAX_MS = 10;
const CPU_SHARE_MAX = 0.35;
/** A tenth of what makes a measurement doubtful: the machine itself stands still for an interval now and then. */
const LOST_MAX = 0.001;
/** A heap that leaks some bytes a sample is far above it; the swing of the collector, over ten minutes, far below. */
const MEMORY_SLOPE_MAX_MIB_PER_MINUTE = 1;

export function demandsOnOutages(groups: readonly GroupOutages[]): readonly Demand[] {
  const series = groups.flatMap((group) => group.series);
  const planned = series.reduce((sum, one) => sum + one.planned, 0);
  const performed = series.flatMap(({ truths }) => truths).length;
  const seen = series.flatMap(({ reported }) => reported.seen);
  const inside = seen.filter(({ isInside }) => isInside).length;
  const strictly = seen.filter(({ isInsideStrictly }) => isInsideStrictly).length;
  const stalled = seen.filter(({ neededStall }) => neededStall).length;
  const narrow = seen.filter(isNarrow).length;
  const missed = series.flatMap(({ reported }) => reported.missed);
  const missedLong = missed.filter(({ plannedMs }) => plannedMs >= NEVER_MISSED_MS).length;
  const invented = series.map(
    ({ reported, unmerged }) => reported.invented.length + unmerged.invented.length,
  );
  const inventedSum = invented.reduce((sum, count) => sum + count, 0);
  const oddities = groups.flatMap((group) => group.oddities);
  return [
    {
      name: 'outages performed',
      limit: 'all',
      measured: ofAll(performed, planned),
      isMet: performed === planned && performed > 0,
    },
    {
      name: 'truth inside the bounds',
      limit: '100 %',
      measured: `${ofAll(inside, seen.length)} (strictly: ${strictly}, with a stall: ${stalled})`,
      isMet: inside === seen.length && seen.length > 0,
    },
    {
      name: 'width of the bounds',
      limit: `${2 * OUTAGE_INTERVAL_MS} ms + lateness`,
      measured: ofAll(narrow, seen.length),
      isMet: narrow === seen.length && seen.length > 0,
    },
    {
      name: `missed, of ${NEVER_MISSED_MS} ms or longer`,
      limit: 'none',
      measured: `${missedLong} (shorter: ${missed.length - missedLong})`,
      isMet: missedLong === 0 && performed > 0,
    },
    {
      name: 'invented',
      limit: 'none',
      measured: `${inventedSum}`,
      isMet: inventedSum === 0 && performed > 0,
    },
    nothingOdd(oddities),
  ];
}

export function isNarrow({ widthMs, latenessMs }: SeenOutage): boolean {
  return widthMs !== undefined && widthMs <= 2 * OUTAGE_INTERVAL_MS + latenessMs + WIDTH_ROUNDING_MS;
}

export function demandsOnLoad({ lateness, cpu, memory, samples, failed, oddities }: Load): readonly Demand[] {
  const cpuShare = Math.max(cpu.told ?? Infinity, cpu.kernel);
  return [
    {
      name: 'lateness p99',
      limit: `${LATENESS_P99_MAX_MS} ms`,
      measured: lateness ? `${lateness.p99Ms.toFixed(2)} ms` : 'not measured',
      isMet: lateness !== undefined && lateness.p99Ms <= LATENESS_P99_MAX_MS,
    },
    {
      name: 'CPU of one core',
      limit: percent(CPU_SHARE_MAX),
      measured: `${cpu.told === undefined ? 'not told' : percent(cpu.told)} (kernel: ${percent(cpu.kernel)})`,
      isMet: cpuShare <= CPU_SHARE_MAX,
    },
    {
      name: 'growth of memory',
      limit: `${MEMORY_SLOPE_MAX_MIB_PER_MINUTE} MiB/min`,
      measured: memory ? `${memory.slopeMiBPerMinute.toFixed(2)} MiB/min` : 'not measured for long enough',
      isMet: memory !== undefined && memory.slopeMiBPerMinute <= MEMORY_SLOPE_MAX_MIB_PER_MINUTE,
    },
    {
      name: 'samples lost',
      limit: permille(LOST_MAX),
      measured: lateness ? ofAll(lateness.lost, samples + lateness.lost) : 'not measured',
      isMet: lateness !== undefined && lateness.lost <= LOST_MAX * (samples + lateness.lost),
    },
    {
      name: 'samples failed',
      limit: 'none',
      measured: ofAll(failed, samples),
      isMet: failed === 0 && samples > 0,
    },
    nothingOdd(oddities),
  ];
}

function nothingOdd(oddities: readonly string[]): Demand {
  return {
    name: 'lines not understood, ends not ordered',
    limit: 'none',
    measured: oddities.length === 0 ? '0' : `${oddities.length}: ${oddities[0] ?? ''}`,
    isMet: oddities.length === 0,
  };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function permille(share: number): string {
  return `${(share * 1000).toFixed(0)} ‰`;
}

function ofAll(count: number, all: number): string {
  return `${count} of ${all}`;
}
