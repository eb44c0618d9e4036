// Known outages at a fine cadence, several series at once: does what is reported contain what was?
import { letTimePass } from '../harness/core/wait.ts';
import { inOrder, MERGE_GAP_MS } from '../harness/core/series.ts';
import { durationOf } from '../harness/probes/testing/reference-server.ts';
import type { OutageKind, Protocol } from '../harness/probes/testing/reference-server-lines.ts';
import type { ReferenceScript } from '../harness/probes/testing/reference-server-program.ts';
import { planOutages } from '../harness/probes/testing/truth-plan.ts';
import { judgeOutages, type TrueOutage, type TruthJudgement } from '../harness/probes/testing/truth.ts';
import type { Place } from './prober-place.ts';
import { type Lateness, latenessOf, watch, type Watched, type WatchedSeries } from './prober-watch.ts';

export const OUTAGE_INTERVAL_MS = 10;
/** As in a scenario. */
const TIMEOUT_MS = 1000;
const SLOW_MS = 2 * TIMEOUT_MS;
const LEAD_MS = 1000;
/** For both programs to start and end, beyond the script. */
const ALLOWANCE_MS = 60_000;
const REPEATED_LENGTHS_MS = [5, 10, 15, 20, 30, 50, 75, 100, 150, 300, 600, 1000];
const LONG_LENGTHS_MS = [2000, 3600, 10_000];

interface Subject {
  readonly kind: OutageKind;
  readonly protocol: Protocol;
  readonly connection: 'new' | 'reused';
}

/** Each group is watched at once. */
const GROUPS: readonly (readonly Subject[])[] = [
  (['refused', 'hanging', 'reset', 'slow', 'status'] as const).map((kind) => ({
    kind,
    protocol: 'http',
    connection: 'new',
  })),
  [
    { kind: 'refused', protocol: 'https', connection: 'new' },
    { kind: 'refused', protocol: 'http', connection: 'reused' },
    { kind: 'hanging', protocol: 'https', connection: 'reused' },
    { kind: 'reset', protocol: 'https', connection: 'reused' },
    { kind: 'status', protocol: 'http', connection: 'reused' },
  ],
  [
    { kind: 'hanging', protocol: 'https', connection: 'new' },
    { kind: 'hanging', protocol: 'http2', connection: 'reused' },
    { kind: 'reset', protocol: 'http2', connection: 'reused' },
  ],
];

export interface OutageOptions {
  readonly place: Place;
  readonly random: () => number;
  /** How often each length up to a second is performed in each series. */
  readonly repeats: number;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface SeriesOutages extends Subject {
  readonly name: string;
  readonly planned: number;
  readonly truths: readonly TrueOutage[];
  /** As holdfast reports. */
  readonly reported: TruthJudgement;
  /** Without merging, which could hide what was invented. */
  readonly unmerged: TruthJudgement;
  /** Starts of the samples on both sides of each outage that was missed. */
  readonly gaps: readonly Gap[];
}

/** Where a series was not looked at, milliseconds on the run's axis; undefined where no sample is. */
export interface Gap {
  readonly truth: TrueOutage;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export interface GroupOutages {
  readonly series: readonly SeriesOutages[];
  readonly lateness: Lateness | undefined;
  readonly oddities: readonly string[];
}

export async function measureOutages(options: OutageOptions): Promise<readonly GroupOutages[]> {
  const groups: GroupOutages[] = [];
  for (const [index, subjects] of GROUPS.entries()) {
    const script = scriptFor(subjects, options);
    const seconds = Math.round(durationOf(script) / 1000);
    options.note(`known outages, group ${index + 1} of ${GROUPS.length}: ${seconds} s`);
    groups.push(await measureGroup(subjects, script, options));
  }
  return groups;
}

function scriptFor(subjects: readonly Subject[], { random, repeats }: OutageOptions): ReferenceScript {
  const repeated = Array.from({ length: repeats }, () => REPEATED_LENGTHS_MS).flat();
  const listeners = subjects.map((subject) => ({
    name: nameOf(subject),
    protocol: subject.protocol,
    outages: planOutages(
      {
        kind: subject.kind,
        lengthsMs: [...repeated, ...LONG_LENGTHS_MS],
        intervalMs: OUTAGE_INTERVAL_MS,
        // On new connections nothing waits for what failed.
        recoveryMs: subject.connection === 'reused' ? TIMEOUT_MS : 0,
        leadMs: LEAD_MS,
      },
      random,
    ),
  }));
  return { listeners, slowMs: SLOW_MS, maxDurationMs: durationOf({ listeners }) + ALLOWANCE_MS };
}

async function measureGroup(
  subjects: readonly Subject[],
  script: ReferenceScript,
  { place, signal }: OutageOptions,
): Promise<GroupOutages> {
  const series = subjects.map(seriesFor);
  const { watched, result } = await watch({ place, script, series, signal }, async ({ server, clock }) => {
    const truths = await server.perform(clock);
    await letTimePass(TIMEOUT_MS + MERGE_GAP_MS, signal);
    return truths;
  });
  return {
    series: subjects.map((subject) => judged(subject, script, result, watched)),
    lateness: latenessOf(watched),
    oddities: watched.oddities,
  };
}

function judged(
  subject: Subject,
  script: ReferenceScript,
  all: readonly TrueOutage[],
  watched: Watched,
): SeriesOutages {
  const name = nameOf(subject);
  const truths = all.filter(({ series }) => series === name);
  const samples = watched.samples.filter(({ probe }) => probe === name);
  const kept = subject.connection === 'reused';
  const options = { intervalMs: OUTAGE_INTERVAL_MS, kept, noise: watched.noise };
  const reported = judgeOutages(samples, truths, { ...options, mergeGapMs: MERGE_GAP_MS });
  return {
    ...subject,
    name,
    planned: script.listeners.find((listener) => listener.name === name)?.outages.length ?? 0,
    truths,
    reported,
    unmerged: judgeOutages(samples, truths, { ...options, mergeGapMs: 0 }),
    gaps: reported.missed.map((truth) => gapAround(truth, samples)),
  };
}

function gapAround(truth: TrueOutage, samples: readonly { readonly atMs: number }[]): Gap {
  const ordered = inOrder(samples);
  return {
    truth,
    fromMs: ordered.findLast(({ atMs }) => atMs < truth.begin.fromMs)?.atMs,
    toMs: ordered.find(({ atMs }) => atMs > truth.end.toMs)?.atMs,
  };
}

function seriesFor(subject: Subject): WatchedSeries {
  const name = nameOf(subject);
  return {
    name,
    listener: name,
    kind: subject.protocol === 'http' ? 'http' : 'https',
    ...(subject.protocol === 'http2' && { httpVersion: '2' as const }),
    connection: subject.connection,
    intervalMs: OUTAGE_INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
  };
}

function nameOf({ kind, protocol, connection }: Subject): string {
  return `${kind} ${protocol} ${connection === 'new' ? 'new' : 'kept'}`;
}
