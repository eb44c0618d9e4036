// metrics.prom: the run as metrics, for a node exporter's textfile collector (Prometheus text format 0.0.4).
import type { RunReport } from '../core/report.ts';
import type { ScenarioResult } from '../core/result.ts';
import { VERDICTS } from '../core/verdict.ts';
import { nameOf } from './digest.ts';
import type { Reporter } from './reporter.ts';
import { takeoverOf } from './headline.ts';

const FILE = 'metrics.prom';

export const prometheus: Reporter = {
  name: 'prometheus',
  summary: "the run as metrics, for a textfile collector of Prometheus' node exporter",
  file: FILE,
  render: (report) => ({ [FILE]: metricsOf(report).map(familyText).join('') }),
};

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function metricsOf({ result }: RunReport): Family[] {
  const families = [...metricsOfRun(result), ...metricsOfScenarios(result.scenarios)];
  return families.filter(({ samples }) => samples.length > 0);
}

function metricsOfRun({ run, verdict, noise }: RunReport['result']): Family[] {
  const about = { run: run.id, topology: run.topology, profile: run.profile, provider: run.provider };
  const finishedS = Date.parse(run.finishedAt ?? run.startedAt) / 1000;
  const finishedHelp = 'When the run ended, or began if it has not ended.';
  return [
    one('holdfast_run_info', 'The last run; always 1.', { ...about, seed: String(run.seed) }, 1),
    one('holdfast_run_finished_timestamp_seconds', finishedHelp, {}, finishedS),
    {
      name: 'holdfast_run_verdict',
      help: '1 for the verdict of the run, 0 for the others.',
      samples: VERDICTS.map((name) => ({ labels: { verdict: name }, value: name === verdict ? 1 : 0 })),
    },
    one('holdfast_run_lost_samples', 'Samples that were due and never sent.', {}, noise.lostSamples),
  ];
}

function metricsOfScenarios(scenarios: readonly ScenarioResult[]): Family[] {
  const family = (
    name: string,
    help: string,
    samplesOf: (scenario: ScenarioResult) => readonly Sample[],
  ): Family => ({
    name: `holdfast_scenario_${name}`,
    help,
    samples: scenarios.flatMap((scenario) =>
      samplesOf(scenario).map(({ labels, value }) => ({
        labels: { scenario: nameOf(scenario), ...labels },
        value,
      })),
    ),
  });
  return [
    family('verdict', '1 for the verdict of the scenario.', ({ verdict }) => [
      { labels: { verdict }, value: 1 },
    ]),
    family('checks', 'How many checks of the scenario had the verdict.', checkCounts),
    family('clean', '1 when the cluster was as before, proven by its fingerprint.', ({ cleanliness }) => [
      { labels: {}, value: cleanliness === 'clean' ? 1 : 0 },
    ]),
    family(
      'longest_outage_seconds',
      'The longest outage of a series: at least, and at most where known.',
      longestOutages,
    ),
    family('answered_ratio', 'The share of samples that were answered.', answeredShares),
    family('takeover_seconds', 'From the fault until another master held the VIP.', (scenario) =>
      takeoverSample(scenario, ({ ms }) => ms),
    ),
    family(
      'takeover_allowed_seconds',
      'What the live configuration of keepalived allows for that.',
      (scenario) => takeoverSample(scenario, ({ allowedMs }) => allowedMs),
    ),
  ];
}

function checkCounts({ checks }: ScenarioResult): Sample[] {
  return VERDICTS.map((name) => ({
    labels: { verdict: name },
    value: checks.filter(({ verdict }) => verdict === name).length,
  }));
}

function answeredShares({ probes }: ScenarioResult): Sample[] {
  return probes.flatMap(({ name, availability }) =>
    availability === undefined ? [] : [{ labels: { probe: name }, value: availability }],
  );
}

function one(name: string, help: string, labels: Sample['labels'], value: number): Family {
  return { name, help, samples: [{ labels, value }] };
}

function longestOutages({ outages }: ScenarioResult): Sample[] {
  return [...new Set(outages.map(({ probe }) => probe))].flatMap((probe) => {
    const own = outages.filter((outage) => outage.probe === probe);
    const longest = own.toSorted((first, second) => second.lowerMs - first.lowerMs)[0];
    if (!longest) return [];
    const bound = (name: string, ms: number): Sample => ({
      labels: { probe, bound: name },
      value: ms / 1000,
    });
    return [
      bound('lower', longest.lowerMs),
      ...(longest.upperMs === undefined ? [] : [bound('upper', longest.upperMs)]),
    ];
  });
}

function takeoverSample(
  scenario: ScenarioResult,
  pick: (takeover: { readonly ms: number; readonly allowedMs: number }) => number,
): Sample[] {
  const takeover = takeoverOf(scenario);
  return takeover ? [{ labels: {}, value: pick(takeover) / 1000 }] : [];
}

function familyText({ name, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => {
    const written = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${written.length === 0 ? '' : `{${written.join(',')}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
