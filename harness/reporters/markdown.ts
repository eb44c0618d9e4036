// report.md: the run for people, the verdict first, fit for a pull-request comment.
import type { RunRecord, ScenarioRecord } from '../core/record.ts';
import type { LatencySummary, RunResultFile, ScenarioResult } from '../core/result.ts';
import { bounds, count, measure, ms, percent, spoken } from '../core/text.ts';
import {
  budgetSum,
  pairs,
  reproduction,
  since,
  storyOf,
  whatItCost,
  whatMeasuringCost,
  whatWasBroken,
  whoTookOver,
} from './digest.ts';
import type { Reporter } from './reporter.ts';

export const markdown: Reporter = {
  name: 'markdown',
  summary: 'the run for people, the verdict first',
  file: 'report.md',
  render: (record, result) =>
    [
      ...heading(result),
      ...overview(result),
      ...pairs(record.scenarios, result.scenarios).flatMap(scenarioSection),
      ...provisionSection(result),
      ...runSection(record, result),
    ].join('\n'),
};

function heading({ verdict, cleanliness, scenarios, run }: RunResultFile): string[] {
  const restored = {
    clean: 'the cluster was restored',
    dirty: 'the cluster was NOT restored',
    unknown: 'whether the cluster was restored is not known',
  };
  return [
    `# ${verdict.toUpperCase()}: ${[...new Set(scenarios.map(({ name }) => name))].join(', ') || 'no scenario was run'}`,
    '',
    `**${cleanliness}**: ${restored[cleanliness]}.`,
    '',
    ...(run.interrupted === undefined
      ? []
      : ['The run ended early:', '', ...fenced(run.interrupted, 'text'), '']),
  ];
}

/** With several scenarios, or repeats of one: a line for each. */
function overview({ scenarios }: RunResultFile): string[] {
  if (scenarios.length < 2) return [];
  return [
    ...table(
      ['scenario', 'verdict', 'cleanliness', 'took over', 'longest API outage'],
      scenarios.map((scenario) => [
        nameOf(scenario),
        scenario.verdict,
        scenario.cleanliness,
        whoTookOver(scenario),
        measure(scenario.checks.find(({ name }) => name === 'api-outage-within-budget')?.measured),
      ]),
    ),
    '',
  ];
}

function scenarioSection({
  record,
  result,
}: {
  readonly record: ScenarioRecord;
  readonly result: ScenarioResult;
}): string[] {
  const sum = budgetSum(result);
  return [
    `## ${nameOf(result)}: ${result.verdict}, ${result.cleanliness}`,
    '',
    `> ${escapeText(result.hypothesis)}`,
    '',
    `- **Broken:** ${escapeText(whatWasBroken(result))}`,
    `- **Took over:** ${escapeText(whoTookOver(result))}`,
    ...whatItCost(record, result).map((cost) => `- **Cost:** ${escapeText(cost)}`),
    ...(sum === undefined ? [] : [`- **Failover budget:** ${escapeText(sum)}`]),
    ...result.findings.map((finding) => `- **Finding:** ${escapeText(finding)}`),
    '',
    ...table(
      ['since the fault', 'what happened'],
      storyOf(record, result).map((line) => [since(line), line.text]),
    ),
    '',
    '### Checks',
    '',
    ...table(
      ['check', 'verdict', 'measured', 'allowed', 'explanation'],
      result.checks.map(({ name, verdict, measured, limit, explanation }) => [
        name,
        `**${verdict}**`,
        measure(measured),
        limit,
        explanation,
      ]),
    ),
    '',
    ...measurements(result),
  ];
}

/** The long tables, folded away. */
function measurements({ probes, outages, vip, faults }: ScenarioResult): string[] {
  const originMs = faults[0]?.injectedAtMs ?? 0;
  return [
    '<details><summary>Probes and outages</summary>',
    '',
    ...table(
      ['probe', 'samples', 'failed', 'availability', 'p50', 'p95', 'p99', 'max'],
      probes.map(({ name, samples, failures, availability, latencyMs }) => [
        name,
        String(samples),
        String(failures),
        percent(availability),
        ...latencies(latencyMs),
      ]),
    ),
    '',
    ...(outages.length === 0
      ? ['No series saw an outage.']
      : table(
          ['outage of', 'since the fault', 'lasted', 'failed samples'],
          outages.map(({ probe, startMs, lowerMs, upperMs, cause }) => [
            probe,
            since({ sinceFaultMs: startMs - originMs, text: '' }),
            bounds(lowerMs, upperMs),
            cause ?? '–',
          ]),
        )),
    '',
    `No host held the VIP for ${ms(vip.noHolderMs)}, two or more for ${ms(vip.dualHolderMs)}.`,
    '',
    '</details>',
    '',
  ];
}

function latencies(latencyMs: LatencySummary | undefined): string[] {
  const { p50, p95, p99, max } = latencyMs ?? {};
  return [p50, p95, p99, max].map((value) => (value === undefined ? '–' : `${value.toFixed(1)} ms`));
}

function provisionSection({ provision: { totalMs, steps } }: RunResultFile): string[] {
  if (steps.length === 0) return [];
  return [
    `<details><summary>Getting ready took ${spoken(totalMs)}</summary>`,
    '',
    ...table(
      ['step', 'time'],
      steps.map(({ name, ms: stepMs }) => [name, spoken(stepMs)]),
    ),
    '',
    '</details>',
    '',
  ];
}

function runSection({ unreadableLines }: RunRecord, result: RunResultFile): string[] {
  const { run, noise } = result;
  const cost = whatMeasuringCost(result);
  const unknown = (value: number | undefined): string => (value === undefined ? 'not known' : ms(value));
  return [
    '## Run',
    '',
    'Again with:',
    '',
    ...fenced(reproduction(result), 'sh'),
    '',
    `- run ${run.id}, seed ${run.seed}, holdfast ${run.holdfast}, started ${run.startedAt}, ${run.finishedAt === undefined ? 'not finished' : `finished ${run.finishedAt}`}`,
    `- topology ${run.topology}, Kubernetes ${run.profile}, provider ${run.provider}`,
    `- noise: sampler late by ${unknown(noise.latenessMsP99)} (99th percentile) and ${unknown(noise.latenessMsMax)} at most, stalled ${unknown(noise.eventLoopStallMsMax)} at most, ${count(noise.lostSamples, 'sample')} lost`,
    ...(cost === undefined ? [] : [`- measuring took ${cost}`]),
    ...(unreadableLines === 0
      ? []
      : [`- ${count(unreadableLines, 'line')} of the journal could not be read`]),
    '',
  ];
}

function nameOf({ name, iteration }: ScenarioResult): string {
  return iteration > 1 ? `${name} (${iteration})` : name;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map((cell) => escapeText(cell).replaceAll('|', '\\|')))),
  ];
}

/** One line of plain text: what a program printed must not become markup. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\s*\n\s*/g, '; ');
}

function fenced(text: string, language: string): string[] {
  // Longer than any fence within.
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}${language}`, text, fence];
}
