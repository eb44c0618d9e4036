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
  const { run, verdict, scenarios, noise } = result;
  const finishedS = Date.parse(run.finishedAt ?? run.startedAt) / 1000;
  const about = { run: run.id, topology: run.topology, profile: run.profile, provider: run.provider };
  const perScenario = (samples: (scenario: ScenarioResult) => readonly Sample[]): Sample[] =>
    scenarios.flatMap((scenario) =>
      samples(scenario).map(({ labels, value }) => ({
        labels: { scenario: nameOf(scenario), ...labels },
        value,
      })),
    );
  return [
    one('holdfast_run_info', 'The last run; always 1.', { ...about, seed: String(run.seed) }, 1),
    one('holdfast_run_finished_timestamp_seconds', 'When the run ended, or began if it has not ended.', {}, finishedS),
    {
      name: 'holdfast_run_verdict',
      help: '1 for the verdict of the run, 0 for the others.',
      samples: VERDICTS.map((name) => ({ labels: { verdict: name }, value: name === verdict ? 1 : 0 })),
    },
    {
      name: 'holdfast_scenario_verdict',
      help: '1 for the verdict of the scenario.',
      samples: perScenario((scenario) => [{ labels: { verdict: scenario.verdict }, value: 1 }]),
    },
    {
      name: 'holdfast_scenario_checks',
      help: 'How many checks of the scenario had the verdict.',
      samples: perScenario(({ checks }) =>
        VERDICTS.map((name) => ({
          labels: { verdict: name },
          value: checks.filter(({ verdict }) => verdict === name).length,
        })),
      ),
    },
    {
      name: 'holdfast_scenario_clean',
      help: '1 when the cluster was as before, proven by its fingerprint.',
      samples: perScenario(({ cleanliness }) => [{ labels: {}, value: cleanliness === 'clean' ? 1 : 0 }]),
    },
    {
      name: 'holdfast_scenario_longest_outage_seconds',
      help: 'The longest outage of a series: at least, and at most where that is known.',
      samples: perScenario(longestOutages),
    },
    {
      name: 'holdfast_scenario_answered_ratio',
      help: 'The share of samples that were answered.',
      samples: perScenario(({ probes }) =>
        probes.flatMap(({ name, availability }) =>
          availability === undefined ? [] : [{ labels: { probe: name }, value: availability }],
        ),
      ),
    },
    {
      name: 'holdfast_scenario_takeover_seconds',
      help: 'From the fault until another master held the VIP.',
      samples: perScenario((scenario) => takeoverSample(scenario, ({ ms }) => ms)),
    },
    {
      name: 'holdfast_scenario_takeover_allowed_seconds',
      help: 'What the live configuration of keepalived allows for that.',
      samples: perScenario((scenario) => takeoverSample(scenario, ({ allowedMs }) => allowedMs)),
    },
    one('holdfast_run_lost_samples', 'Samples that were due and never sent.', {}, noise.lostSamples),
  ].filter(({ samples }) => samples.length > 0);
}

function one(name: string, help: string, labels: Sample['labels'], value: number): Family {
  return { name, help, samples: [{ labels, value }] };
}

function longestOutages({ outages }: ScenarioResult): Sample[] {
  return [...new Set(outages.map(({ probe }) => probe))].flatMap((probe) => {
    const own = outages.filter((outage) => outage.probe === probe);
    const longest = own.toSorted((first, second) => second.lowerMs - first.lowerMs)[0];
    if (!longest) return [];
    const bound = (name: string, ms: number): Sample => ({ labels: { probe, bound: name }, value: ms / 1000 });
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
