// report.md: the run for people, the verdict first, fit for a pull-request comment.
import type { RunReport } from '../core/report.ts';
import type { RunResultFile } from '../core/result.ts';
import { count, measure, ms, spoken } from '../core/text.ts';
import { nameOf, pairs, reproduction, verdictInWords, whatMeasuringCost, whoTookOver } from './digest.ts';
import { scenarioSection, type ScenarioPair } from './markdown-scenario.ts';
import { fenced, folded, table } from './markdown-text.ts';
import { runDiagram, topologyDiagram } from './mermaid.ts';
import type { Reporter } from './reporter.ts';
import { toleranceTable } from './tolerance-matrix.ts';

const FILE = 'report.md';

export const markdown: Reporter = {
  name: 'markdown',
  summary: 'the run for people, the verdict first',
  file: FILE,
  render: (report) => ({ [FILE]: reportMd(report) }),
};

/** What GitHub takes as a comment is 65 536 characters; some of ours are more than one. */
const CHARACTERS_MAX = 60_000;

function reportMd(report: RunReport): string {
  const { result } = report;
  const before = [...heading(result), ...overview(result), ...toleranceSection(report)].join('\n');
  const after = [...diagramSection(report), ...provisionSection(result), ...runSection(report)].join('\n');
  const sections = pairs(report).map((pair) => ({ pair, text: scenarioSection(pair).join('\n') }));
  const kept = fitting(sections, CHARACTERS_MAX - before.length - after.length);
  const left = sections.length - kept.length;
  return [
    before,
    ...kept.map(({ text }) => text),
    ...(left === 0
      ? []
      : [
          `*${count(left, 'scenario')} in full would be too long for a comment: see report.html, beside this file.*\n`,
        ]),
    after,
  ].join('\n');
}

interface Section {
  readonly pair: ScenarioPair;
  readonly text: string;
}

/** Those that did not pass before those that did, as many as there is room for; in their own order. */
function fitting(sections: readonly Section[], characters: number): Section[] {
  let left = characters;
  const hasPassed = ({ pair }: Section): number => (pair.result.verdict === 'pass' ? 1 : 0);
  const kept = new Set(
    sections
      .toSorted((one, other) => hasPassed(one) - hasPassed(other))
      .filter(({ text }) => {
        const fits = text.length < left;
        if (fits) left -= text.length + 1;
        return fits;
      }),
  );
  return sections.filter((section) => kept.has(section));
}

function diagramSection(report: RunReport): string[] {
  const diagrams = [topologyDiagram(report.topology), runDiagram(report.result)];
  return folded(
    'Diagrams',
    diagrams.flatMap((diagram) => [...fenced(diagram.trimEnd(), 'mermaid'), '']),
  );
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
