// What was measured, as tables for a terminal.

import type { Outage } from '../harness/core/series.ts';
import type { SeenOutage } from '../harness/probes/testing/truth.ts';
import { type Demand, isNarrow, NEVER_MISSED_MS, percent } from './prober-demands.ts';
import type { Load } from './prober-load.ts';
import type { Gap, GroupOutages, SeriesOutages } from './prober-outages.ts';
import { type Lateness, percentile } from './prober-watch.ts';

const LENGTH_CLASSES_MS: readonly (readonly [number, number])[] = [
  [5, 10],
  [15, 20],
  [30, 50],
  [75, 150],
  [300, 1000],
  [2000, 10_000],
];

const OUTAGE_COLUMNS = [
  'series',
  'length ms',
  'number',
  'missed',
  'invented',
  'strict',
  'inside',
  'narrow',
  'width median',
  'width max',
  'error max',
  'lateness max',
];

/** Invented outages have no length, so they stand in a series' first line. */
export function outageTable(groups: readonly GroupOutages[]): string {
  const rows = groups.flatMap(({ series }) =>
    series.flatMap((one) => LENGTH_CLASSES_MS.map((lengths, index) => outageRow(one, lengths, index === 0))),
  );
  const notes = groups.map(
    ({ series, lateness }) => `${series.length} series at once: ${describeLateness(lateness)}`,
  );
  return [
    table(OUTAGE_COLUMNS, rows),
    'strict: the true length lies inside the bounds; inside: begin, end and length do, with the transit of the requests.',
    'Kept connections: down until the last request that waits on them is given up.',
    ...notes,
    ...offenders(groups),
  ].join('\n');
}

const OFFENDERS_MAX = 20;

/** What is not as demanded, one by one, so that it can be understood. */
function offenders(groups: readonly GroupOutages[]): readonly string[] {
  const lines = groups.flatMap(({ series }) =>
    series.flatMap(({ name, reported, unmerged, gaps }) => [
      ...reported.seen
        .filter((one) => !one.isInside || !isNarrow(one))
        .map(({ truth, reported: outage, transitMs }) => {
          const [begin, end] = [truth.begin.fromMs, truth.end.toMs].map((ms) => ms.toFixed(1));
          return `${name}: truly ${begin} to ${end} ms; ${edges(outage)}; transit ${transitMs.toFixed(1)} ms`;
        }),
      ...unmerged.invented.map((outage) => `${name}: invented, ${edges(outage)}`),
      ...gaps
        .filter(({ truth }) => truth.plannedMs >= NEVER_MISSED_MS)
        .map((gap) => `${name}: ${missed(gap)}`),
    ]),
  );
  const more = lines.length - OFFENDERS_MAX;
  return [...lines.slice(0, OFFENDERS_MAX), ...(more > 0 ? [`and ${more} more`] : [])];
}

function missed({ truth, fromMs, toMs }: Gap): string {
  const [begin, end, before, after] = [truth.begin.fromMs, truth.end.toMs, fromMs, toMs].map(
    (ms) => ms?.toFixed(1) ?? 'none',
  );
  return `missed, truly ${begin} to ${end} ms; samples at ${before} and ${after}`;
}

function edges({ lastGoodMs, startMs, lastFailedMs, endMs, failureKinds }: Outage): string {
  const [lastGood, firstFailed, lastFailed, firstGood] = [lastGoodMs, startMs, lastFailedMs, endMs].map(
    (ms) => ms?.toFixed(1) ?? 'none',
  );
  const kinds = [...failureKinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `good ${lastGood}, failed ${firstFailed} to ${lastFailed}, good ${firstGood} (${kinds})`;
}

function outageRow(
  { name, truths, reported, unmerged }: SeriesOutages,
  [fromMs, toMs]: readonly [number, number],
  isFirst: boolean,
): readonly string[] {
  const isOf = ({ plannedMs }: { readonly plannedMs: number }): boolean =>
    plannedMs >= fromMs && plannedMs <= toMs;
  const seen = reported.seen.filter(({ truth }) => isOf(truth));
  const count = (passes: (one: SeenOutage) => boolean): string =>
    `${seen.filter(passes).length}/${seen.length}`;
  const widthsMs = seen.map(({ widthMs }) => widthMs ?? Infinity).sort((one, other) => one - other);
  return [
    isFirst ? name : '',
    `${fromMs}–${toMs}`,
    String(truths.filter(isOf).length),
    String(reported.missed.filter(isOf).length),
    isFirst ? String(reported.invented.length + unmerged.invented.length) : '',
    count(({ isInsideStrictly }) => isInsideStrictly),
    count(({ isInside }) => isInside),
    count(isNarrow),
    widthsMs.length === 0 ? '–' : percentile(widthsMs, 0.5).toFixed(1),
    largest(widthsMs),
    largest(seen.map(({ errorMs = Infinity }) => Math.abs(errorMs))),
    largest(seen.map(({ latenessMs }) => latenessMs)),
  ];
}

function largest(values: readonly number[]): string {
  return values.length === 0 ? '–' : Math.max(...values).toFixed(1);
}

export function loadTable(load: Load): string {
  const { series, durationMs, samples, failed, lateness, cpu, memory } = load;
  const swing = memory
    ? `${memory.minMiB.toFixed(1)}–${memory.maxMiB.toFixed(1)} MiB (${(memory.maxMiB - memory.minMiB).toFixed(1)} apart), ` +
      `${memory.slopeMiBPerMinute.toFixed(2)} MiB/min over ${(memory.overMs / 60_000).toFixed(1)} min`
    : 'not told for long enough';
  return table(
    [`${series} series at 50 ms`, `${(durationMs / 60_000).toFixed(1)} min`],
    [
      ['samples', `${samples}, ${failed} failed`],
      ['lateness', describeLateness(lateness)],
      ['CPU, by its own account', cpu.told === undefined ? 'not told' : percent(cpu.told)],
      ['CPU, by the kernel', percent(cpu.kernel)],
      ['resident memory', swing],
    ],
  );
}

export function demandTable(demands: readonly Demand[]): string {
  const rows = demands.map(({ name, limit, measured, isMet }) => [
    name,
    limit,
    measured,
    isMet ? 'met' : 'NOT MET',
  ]);
  return table(['demand', 'limit', 'measured', ''], rows);
}

function describeLateness(lateness: Lateness | undefined): string {
  if (!lateness) return 'not measured';
  const { p99Ms, maxMs, stallMaxMs, lost } = lateness;
  const [p99, max, stall] = [p99Ms, maxMs, stallMaxMs].map((ms) => ms.toFixed(2));
  return `p99 ${p99} ms, max ${max} ms; longest stall ${stall} ms; ${lost} samples lost`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
