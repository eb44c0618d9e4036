// One scenario's part of report.md.
import type { ScenarioDigest } from '../core/report.ts';
import type {
  Decomposition,
  LatencySummary,
  ProbeResult,
  ProbeWindow,
  ScenarioResult,
  WritesResult,
} from '../core/result.ts';
import { bounds, count, measure, ms, percent } from '../core/text.ts';
import {
  budgetSum,
  failoverTerms,
  nameOf,
  since,
  verdictInWords,
  whatBecameOfWrites,
  whatWasBroken,
  whoTookOver,
} from './digest.ts';
import { escapeText, fenced, folded, table } from './markdown-text.ts';
import { sequenceDiagram } from './mermaid.ts';

export interface ScenarioPair {
  readonly digest: ScenarioDigest;
  readonly result: ScenarioResult;
}

export function scenarioSection({ digest, result }: ScenarioPair): string[] {
  return [
    `## ${nameOf(result)}: ${verdictInWords(result)}, ${result.cleanliness}`,
    '',
    `> ${escapeText(result.hypothesis)}`,
    '',
    ...summary({ digest, result }),
    '',
    ...table(
      ['since the fault', 'what happened'],
      digest.story.map((line) => [since(line), line.text]),
    ),
    '',
    ...folded('As a diagram', fenced(sequenceDiagram(digest, result).trimEnd(), 'mermaid')),
    ...decompositionSection(result.decomposition),
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
    ...expectationsSection(result),
    ...measurements(result),
  ];
}

function summary({ digest, result }: ScenarioPair): string[] {
  const sum = budgetSum(result);
  const item = (label: string, text: string): string => `- **${label}:** ${escapeText(text)}`;
  return [
    item('Broken', whatWasBroken(result)),
    item('Took over', whoTookOver(result)),
    ...digest.costs.map((cost) => item('Cost', cost)),
    ...(result.writes ? [item('Writes', whatBecameOfWrites(result.writes))] : []),
    ...(sum === undefined ? [] : [item('Failover budget', sum)]),
    ...result.findings.map((finding) => item('Finding', finding)),
  ];
}

function decompositionSection(decomposition: Decomposition | undefined): string[] {
  if (!decomposition) return [];
  const { overrun } = decomposition;
  return [
    '### The failover in its terms',
    '',
    ...(overrun === undefined ? [] : [`**Longer than allowed: ${escapeText(overrun)}.**`, '']),
    ...table(
      ['term', 'since the fault', 'since the term before', 'allowed', ''],
      failoverTerms(decomposition).map(({ name, sinceFault, sincePrevious, allowed, overran, detail }) => [
        overran ? `**${name}**` : name,
        sinceFault,
        sincePrevious,
        allowed,
        detail,
      ]),
    ),
    '',
  ];
}

function expectationsSection({ expectations = [] }: ScenarioResult): string[] {
  if (expectations.length === 0) return [];
  return folded('What the design can promise under this fault', [
    ...table(
      ['capability', 'expected', 'because'],
      expectations.map(({ capability, expected, reason }) => [
        capability,
        expected.replaceAll('-', ' '),
        reason,
      ]),
    ),
  ]);
}

/** The long tables, folded away. */
function measurements({ probes, outages, vip, faults, writes }: ScenarioResult): string[] {
  const originMs = faults[0]?.injectedAtMs ?? 0;
  return folded('Probes and outages', [
    ...probeTable(probes),
    '',
    ...windowTable(probes),
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
    `No host held the VIP for ${ms(vip.noHolderMs)}, two or more for ${ms(vip.dualHolderMs)}.` +
      (vip.staleArpMs === undefined
        ? ''
        : ` The observer's ARP entry named a host without it for ${ms(vip.staleArpMs)}.`),
    ...advertLine(vip.adverts),
    ...writeLists(writes),
  ]);
}

function probeTable(probes: readonly ProbeResult[]): string[] {
  return table(
    [
      'probe',
      'samples',
      'failed',
      'answered',
      'up (of the time)',
      'p50',
      'p95',
      'p99',
      'max',
      'down by whole seconds',
      'answered by',
    ],
    probes.map(
      ({ name, samples, failures, availability, available, latencyMs, perSecond, answeredBy = {} }) => [
        name,
        String(samples),
        String(failures),
        percent(availability),
        available ? `${percent(available.lower)} – ${percent(available.upper)}` : '–',
        ...latencies(latencyMs),
        perSecond ? `${perSecond.disruptedS} s in ${perSecond.disruptions}` : '–',
        Object.entries(answeredBy)
          .map(([host, answers]) => `${host} (${answers})`)
          .join(', ') || '–',
      ],
    ),
  );
}

function windowTable(probes: readonly ProbeResult[]): string[] {
  const cell = (window: ProbeWindow | undefined): string =>
    window?.latencyMs
      ? `${percent(window.availability)}, ${window.latencyMs.p50.toFixed(1)} / ${window.latencyMs.p99.toFixed(1)} ms`
      : percent(window?.availability);
  return table(
    ['probe', 'before: answered, p50 / p99', 'during', 'after'],
    probes.map(({ name, windows }) => [
      name,
      cell(windows?.before),
      cell(windows?.during),
      cell(windows?.after),
    ]),
  );
}

function latencies(latencyMs: LatencySummary | undefined): string[] {
  const { p50, p95, p99, max } = latencyMs ?? {};
  return [p50, p95, p99, max].map((value) => (value === undefined ? '–' : `${value.toFixed(1)} ms`));
}

function advertLine(adverts: Readonly<Record<string, number>> = {}): string[] {
  const heard = Object.entries(adverts).map(([host, number]) => `${host} ${count(number, 'time')}`);
  return heard.length === 0 ? [] : ['', `VRRP adverts heard on the wire: ${heard.join(', ')}.`];
}

function writeLists(writes: WritesResult | undefined): string[] {
  const lists = { Lost: writes?.lost, 'There twice': writes?.duplicated, 'Out of order': writes?.reordered };
  return Object.entries(lists).flatMap(([label, records]) =>
    records && records.length > 0 ? ['', `${label}: ${records.map(escapeText).join(', ')}.`] : [],
  );
}
