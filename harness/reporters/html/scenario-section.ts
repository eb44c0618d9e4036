// One scenario's part of report.html.
import type { Decomposition, ProbeResult, ProbeWindow, ScenarioResult } from '../../core/result.ts';
import { bounds, measure, ms, percent } from '../../core/text.ts';
import {
  budgetSum,
  failoverTerms,
  nameOf,
  since,
  verdictInWords,
  whatBecameOfWrites,
  whatWasBroken,
  whoTookOver,
} from '../digest.ts';
import type { Pair } from '../headline.ts';
import { html, slug, table, type Html } from './markup.ts';

/** @param index of its chart */
export function scenarioSection({ digest, result }: Pair, index: number, alone: boolean): Html {
  const name = nameOf(result);
  const isOpen = alone || result.verdict !== 'pass';
  return html`<details class="scenario" id="${slug(name)}" ${isOpen ? 'open' : ''}>
    <summary>
      <h2>${name}</h2>
      <span class="verdict ${result.verdict}">${verdictInWords(result)}</span>
      <span class="verdict ${result.cleanliness}">${result.cleanliness}</span>
      <span class="soft">${digest.costs[0] ?? ''}</span>
    </summary>
    <p>${result.hypothesis}</p>
    <div class="chart" data-chart="${index}"><noscript>The chart is drawn by a script.</noscript></div>
    ${table(['', ''], facts({ digest, result }))} ${decompositionSection(result)} ${checksSection(result)}
    ${latencySection(result)}
    ${folded(
      'The course of it in words',
      table(
        ['since the fault', 'what happened'],
        digest.story.map((line) => [since(line), line.text]),
      ),
    )}
    ${evidenceSection(result)} ${expectationsSection(result)} ${outagesSection(result)}
  </details>`;
}

function facts({ digest, result }: Pair): (string | Html)[][] {
  const sum = budgetSum(result);
  return [
    ['Broken', whatWasBroken(result)],
    ['Took over', whoTookOver(result)],
    ...digest.costs.map((cost) => ['Cost', cost]),
    ...(result.writes ? [['Writes', whatBecameOfWrites(result.writes)]] : []),
    ...(sum === undefined ? [] : [['Failover budget', sum]]),
    ...result.findings.map((finding) => ['Finding', finding]),
  ];
}

function folded(title: string, content: Html): Html {
  return html`<details>
    <summary>${title}</summary>
    ${content}
  </details>`;
}

function checksSection({ checks }: ScenarioResult): Html {
  return html`<h3>Checks</h3>
    ${table(
      ['check', 'verdict', 'measured', 'allowed', 'explanation'],
      checks.map(({ name, verdict, measured, limit, explanation }) => [
        name,
        html`<span class="verdict ${verdict}">${verdict}</span>`,
        measure(measured),
        limit,
        explanation,
      ]),
    )}`;
}

/** Where the time of a failover went: measured above, allowed below, on one scale. */
function decompositionSection({ decomposition, budget }: ScenarioResult): Html | undefined {
  if (!decomposition) return undefined;
  const terms = failoverTerms(decomposition);
  return html`<h3>The failover in its terms</h3>
    ${decomposition.overrun === undefined ? undefined : html`<p class="fail">Longer than allowed: ${decomposition.overrun}.</p>`}
    ${bars(decomposition, budget)}
    ${table(
      ['term', 'since the fault', 'since the term before', 'allowed', ''],
      terms.map(({ name, sinceFault, sincePrevious, allowed, overran, detail }) => [
        overran ? html`<strong class="fail">${name}</strong>` : name,
        sinceFault,
        sincePrevious,
        allowed,
        detail,
      ]),
    )}`;
}

interface Part {
  readonly name: string;
  readonly ms: number;
  readonly overran: boolean;
}

/** Up to the term in which a client is served again: what comes after takes minutes and would hide all else. */
function bars({ terms }: Decomposition, budget: ScenarioResult['budget']): Html | undefined {
  const seen = terms.flatMap(({ name, sincePrevious, overran }): Part[] =>
    sincePrevious ? [{ name, ms: sincePrevious.lowerMs, overran }] : [],
  );
  const allowed = (budget?.terms ?? []).map((term): Part => ({ ...term, overran: false }));
  const upToTakeover = seen.slice(0, Math.max(1, seen.findIndex(({ name }) => /VIP|holder/i.test(name)) + 1));
  const wholeMs = Math.max(total(upToTakeover), total(allowed));
  if (!(wholeMs > 0)) return undefined;
  return html`${bar('measured', upToTakeover, wholeMs)}
  ${allowed.length === 0 ? undefined : bar('allowed', allowed, wholeMs)}`;
}

function bar(label: string, parts: readonly Part[], wholeMs: number): Html {
  return html`<div class="soft">${label}: ${ms(total(parts))}</div>
    <div
      class="terms"
      role="img"
      aria-label="${label}: ${parts.map((part) => `${part.name} ${ms(part.ms)}`).join(', ')}"
    >
      ${parts.map(
        (part) =>
          html`<span
            class="${part.overran ? 'overran' : ''}"
            style="flex-basis:${((100 * part.ms) / wholeMs).toFixed(2)}%"
            title="${part.name}: ${ms(part.ms)}"
            >${part.name} ${ms(part.ms)}</span
          >`,
      )}
    </div>`;
}

function total(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.ms, 0);
}

function latencySection({ probes }: ScenarioResult): Html | undefined {
  if (probes.length === 0) return undefined;
  return folded(
    'Availability and latency before, during and after the fault',
    table(
      [
        'probe',
        'samples',
        'failed',
        'answered',
        'up (of the time)',
        'before: answered, p50 / p99',
        'during',
        'after',
        'answered by',
      ],
      probes.map(
        ({ name, samples, failures, availability, available, windows, answeredBy = {} }: ProbeResult) => [
          name,
          samples,
          failures,
          percent(availability),
          available ? `${percent(available.lower)} – ${percent(available.upper)}` : '–',
          windowInWords(windows?.before),
          windowInWords(windows?.during),
          windowInWords(windows?.after),
          Object.entries(answeredBy)
            .map(([host, answers]) => `${host} (${answers})`)
            .join(', '),
        ],
      ),
    ),
  );
}

function windowInWords(window: ProbeWindow | undefined): string {
  const share = percent(window?.availability);
  return window?.latencyMs
    ? `${share}, ${window.latencyMs.p50.toFixed(1)} / ${window.latencyMs.p99.toFixed(1)} ms`
    : share;
}

function evidenceSection({ faults }: ScenarioResult): Html | undefined {
  const witnesses = faults.flatMap(({ kind, target, evidence }) =>
    evidence.map(({ witness, holds, detail }) => [
      `${kind} on ${target}`,
      witness,
      holds ? 'yes' : 'NO',
      detail,
    ]),
  );
  if (witnesses.length === 0) return undefined;
  return folded(
    'Evidence that the faults took effect',
    table(['fault', 'witness', 'holds', 'detail'], witnesses),
  );
}

function expectationsSection({ expectations = [] }: ScenarioResult): Html | undefined {
  if (expectations.length === 0) return undefined;
  return folded(
    'What the design can promise under this fault',
    table(
      ['capability', 'expected', 'because'],
      expectations.map(({ capability, expected, reason }) => [
        capability,
        expected.replaceAll('-', ' '),
        reason,
      ]),
    ),
  );
}

function outagesSection({ outages, vip, faults }: ScenarioResult): Html {
  const originMs = faults[0]?.injectedAtMs ?? 0;
  const held = `No host held the VIP for ${ms(vip.noHolderMs)}, two or more for ${ms(vip.dualHolderMs)}.`;
  const rows = outages.map(({ probe, startMs, lowerMs, upperMs, cause = '–' }) => [
    probe,
    since({ sinceFaultMs: startMs - originMs, text: '' }),
    bounds(lowerMs, upperMs),
    cause,
  ]);
  return folded(
    'Outages',
    html`<p>${rows.length === 0 ? 'No series saw an outage.' : ''} ${held}</p>
      ${rows.length === 0 ? undefined : table(['outage of', 'since the fault', 'lasted', 'failed samples'], rows)}`,
  );
}
