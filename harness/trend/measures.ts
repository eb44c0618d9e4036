// What of a run can be compared with other nights: a few numbers for each scenario, in milliseconds, larger is worse.
import { counts, type RunResultFile, type ScenarioResult } from '../core/result.ts';
import { takeoverOf } from '../reporters/headline.ts';

export const MEASURES = [
  'takeover',
  'API outage',
  'API write outage',
  'service outage',
  'time down',
] as const;
export type Measure = (typeof MEASURES)[number];

export const MEASURE_HELP: Readonly<Record<Measure, string>> = {
  takeover: 'from the fault until another master held the VIP',
  'API outage': 'the longest of a new connection through the VIP, at least',
  'API write outage': 'the longest of writes through the VIP, at least',
  'service outage': 'the longest at any one node, at least',
  'time down': 'of the API through the VIP in all: the share of samples that failed, of the time watched',
};

/** A series is meant by its name, as result.json has no more. */
const SERIES: Readonly<Partial<Record<Measure, RegExp>>> = {
  'API outage': /^api-vip-new$/,
  'API write outage': /^api-write/,
  'service outage': /^(logapi|service-from)-/,
};

/** One run of one scenario; absent: not measured. */
export type Measures = Readonly<Partial<Record<Measure, number>>>;

export interface Night {
  readonly id: string;
  readonly startedAt: string;
  /** Only runs of the same are compared. */
  readonly topology: string;
  readonly profile: string;
  readonly provider: string;
  readonly verdict: RunResultFile['verdict'];
  readonly cleanliness: RunResultFile['cleanliness'];
  /** Every time a scenario was run, but those that were asked again. */
  readonly scenarios: readonly {
    readonly name: string;
    readonly verdict: ScenarioResult['verdict'];
    /** It had to be asked again. */
    readonly retried: boolean;
    readonly measures: Measures;
  }[];
}

export function nightOf({ run, verdict, cleanliness, scenarios }: RunResultFile): Night {
  return {
    id: run.id,
    startedAt: run.startedAt,
    topology: run.topology,
    profile: run.profile,
    provider: run.provider,
    verdict,
    cleanliness,
    scenarios: scenarios.filter(counts).map((scenario) => ({
      name: scenario.name,
      verdict: scenario.verdict,
      retried: (scenario.attempt ?? 1) > 1,
      measures: measuresOf(scenario),
    })),
  };
}

function measuresOf(scenario: ScenarioResult): Measures {
  const takeover = takeoverOf(scenario);
  const client = scenario.probes.find(({ name }) => name === 'api-vip-new');
  const down = client?.available ? 1 - client.available.upper : undefined;
  const watchedMs = (scenario.finishedAtMs ?? scenario.startedAtMs) - scenario.startedAtMs;
  const outages = Object.entries(SERIES).flatMap(([measure, series]) => {
    if (!scenario.probes.some(({ name, samples }) => series.test(name) && samples > 0)) return [];
    const own = scenario.outages.filter(({ probe }) => series.test(probe));
    return [[measure, Math.max(0, ...own.map(({ lowerMs }) => lowerMs))] as const];
  });
  return {
    ...(takeover && { takeover: takeover.ms }),
    ...Object.fromEntries(outages),
    ...(down !== undefined && { 'time down': down * watchedMs }),
  };
}
