// report.md: the run for people, the verdict first, fit for a pull-request comment.
import type { RunReport } from '../core/report.ts';
import type { RunResultFile } from '../core/result.ts';
import { count, measure, ms, spoken } from '../core/text.ts';
import { nameOf, pairs, reproduction, verdictInWords, whatMeasuringCost, whoTookOver } from './digest.ts';
import { scenarioSection } from './markdown-scenario.ts';
import { fenced, folded, table } from './markdown-text.ts';
import type { Reporter } from './reporter.ts';
import { toleranceTable } from './tolerance-matrix.ts';

const FILE = 'report.md';

export const markdown: Reporter = {
  name: 'markdown',
  summary: 'the run for people, the verdict first',
  file: FILE,
  render: (report) => ({ [FILE]: reportMd(report) }),
};

function reportMd(report: RunReport): string {
  const { result } = report;
  return [
    ...heading(result),
    ...overview(result),
    ...toleranceSection(report),
    ...pairs(report).flatMap(scenarioSection),
    ...provisionSection(result),
    ...runSection(report),
  ].join('\n');
}

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
        verdictInWords(scenario),
        scenario.cleanliness,
        whoTookOver(scenario),
        measure(scenario.checks.find(({ name }) => name === 'api-outage-within-budget')?.measured),
      ]),
    ),
    '',
  ];
}

/** With several scenarios: what each failure cost. */
function toleranceSection(report: RunReport): string[] {
  if (report.result.scenarios.length < 2) return [];
  return folded('What each failure cost: outages, and in brackets what the oracle expects', [
    ...toleranceTable(report),
  ]);
}

function provisionSection({ provision: { totalMs, steps } }: RunResultFile): string[] {
  if (steps.length === 0) return [];
  return folded(
    `Getting ready took ${spoken(totalMs)}`,
    table(
      ['step', 'time'],
      steps.map(({ name, ms: stepMs }) => [name, spoken(stepMs)]),
    ),
  );
}

function runSection({ result, unreadableLines }: RunReport): string[] {
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
    ...(noise.otherWorkCoresMax === undefined
      ? []
      : [`- other work on the machine took up to ${noise.otherWorkCoresMax.toFixed(2)} cores`]),
    ...(unreadableLines === 0
      ? []
      : [`- ${count(unreadableLines, 'line')} of the journal could not be read`]),
    '',
  ];
}
