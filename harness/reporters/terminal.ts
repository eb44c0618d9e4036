// The plain summary at the end of a run, for the person at the terminal: verdict, course of the failover, checks.
import type { RunReport, ScenarioDigest } from '../core/report.ts';
import { counts, type CheckResult, type ScenarioResult } from '../core/result.ts';
import { count, measure } from '../core/text.ts';
import type { Verdict } from '../core/verdict.ts';
import {
  failoverTerms,
  nameOf,
  pairs,
  reproduction,
  since,
  whatBecameOfWrites,
  whatMeasuringCost,
  whatWasBroken,
  whoTookOver,
} from './digest.ts';

export interface TerminalOptions {
  /** ANSI colours; default false. */
  readonly colors?: boolean;
}

type Paint = (verdict: Verdict, text: string) => string;

const COLORS: Readonly<Record<Verdict, number>> = { pass: 32, inconclusive: 33, invalid: 35, fail: 31 };

/** Ends with a newline. */
export function renderTerminal(report: RunReport, options: TerminalOptions = {}): string {
  const { result } = report;
  const paint: Paint = (verdict, text) =>
    options.colors ? `\u001B[${COLORS[verdict]}m${text}\u001B[0m` : text;
  const { run, verdict, cleanliness, scenarios } = result;
  const cost = whatMeasuringCost(result);
  const head = `${paint(verdict, verdict.toUpperCase())}, ${cleanliness}: ${count(scenarios.filter(counts).length, 'scenario')}, run ${run.id}, seed ${run.seed}`;
  return [
    '',
    ...pairs(report).flatMap((pair) => [...renderScenario(pair, paint), '']),
    head,
    ...(cost === undefined ? [] : [`measuring took ${cost}`]),
    ...(run.interrupted === undefined ? [] : [`ended early: ${run.interrupted}`]),
    ...(verdict === 'pass' ? [] : [`again: ${reproduction(result)}`]),
    '',
  ].join('\n');
}

/** Of one that could not be done, why: nothing else is to be told of it. */
function renderUnavailable(result: ScenarioResult, why: string, paint: Paint): string[] {
  return [`${paint('inconclusive', 'UNAVAILABLE')} ${nameOf(result)}: ${why}`];
}

function renderScenario(
  { digest, result }: { readonly digest: ScenarioDigest; readonly result: ScenarioResult },
  paint: Paint,
): string[] {
  const { story } = digest;
  if (result.unavailable !== undefined) return renderUnavailable(result, result.unavailable, paint);
  const timeWidth = Math.max(0, ...story.map((line) => since(line).length));
  return [
    `${paint(result.verdict, result.verdict.toUpperCase())} ${nameOf(result)}, ${result.cleanliness}${result.superseded ? '; asked again below' : ''}`,
    `  broken     ${whatWasBroken(result)}`,
    `  took over  ${whoTookOver(result)}`,
    ...digest.costs.map((cost) => `  cost       ${cost}`),
    ...(result.writes ? [`  writes     ${whatBecameOfWrites(result.writes)}`] : []),
    '',
    ...story.map((line) => `  ${since(line).padStart(timeWidth)}  ${line.text}`),
    '',
    ...renderTerms(result),
    ...renderChecks(result.checks, paint),
    ...result.findings.map((finding) => `  ! ${finding}`),
  ];
}

function renderTerms({ decomposition }: ScenarioResult): string[] {
  if (!decomposition) return [];
  const terms = failoverTerms(decomposition);
  const widthOf = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
  const nameWidth = widthOf(terms.map(({ name }) => name));
  const sinceWidth = widthOf(terms.map(({ sinceFault }) => sinceFault));
  return [
    '  the failover in its terms, since the fault:',
    ...terms.map(({ name, sinceFault, allowed, sincePrevious, overran }) => {
      const within = allowed === '–' ? '' : `  ${sincePrevious} after the term before, allowed ${allowed}`;
      const line = `    ${name.padEnd(nameWidth)}  ${sinceFault.padStart(sinceWidth)}${within}`;
      return `${line}${overran ? '  LONGER THAN ALLOWED' : ''}`.trimEnd();
    }),
    '',
  ];
}

function renderChecks(checks: readonly CheckResult[], paint: Paint): string[] {
  const nameWidth = Math.max(0, ...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, verdict, measured, limit, explanation }) => [
    `  ${paint(verdict, verdict.padEnd('inconclusive'.length))}  ${name.padEnd(nameWidth)}  ${measured ? `${measure(measured)}, allowed: ${limit}` : limit}`,
    ...(verdict === 'pass' ? [] : [`  ${' '.repeat('inconclusive'.length)}  ${explanation}`]),
  ]);
}
