// junit.xml: a suite per scenario, a case per check. The product's failures are <failure>, the harness's are <error>.
import type { RunReport } from '../core/report.ts';
import { counts, type CheckResult, type ScenarioResult } from '../core/result.ts';
import { measure } from '../core/text.ts';
import { saysNothing } from '../core/verdict.ts';
import { nameOf, neverBegun } from './digest.ts';
import type { Reporter } from './reporter.ts';

const FILE = 'junit.xml';

export const junit: Reporter = {
  name: 'junit',
  summary: 'a test case per check, for CI',
  file: FILE,
  render: (report) => ({ [FILE]: junitXml(report) }),
};

function junitXml(report: RunReport): string {
  const suites = [...report.result.scenarios.map(suiteOf), ...suiteOfNeverBegun(report)];
  const { tests, failures, errors } = totals(suites);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element('testsuites', { name: `holdfast ${report.result.run.id}`, tests, failures, errors }, [
      ...suites.map(({ attributes, children }) => element('testsuite', attributes, children)),
    ]),
    '',
  ].join('\n');
}

interface Suite {
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly string[];
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

function suiteOf(scenario: ScenarioResult): Suite {
  const { checks, startedAt, startedAtMs, finishedAtMs } = scenario;
  const isCounted = counts(scenario);
  const failures = checks.filter(({ verdict }) => verdict === 'fail').length;
  const unanswered = checks.filter(({ verdict }) => saysNothing(verdict)).length;
  const [errors, skipped] = isCounted ? [unanswered, 0] : [0, unanswered];
  const suiteName = nameOf(scenario);
  const time = (((finishedAtMs ?? startedAtMs) - startedAtMs) / 1000).toFixed(3);
  return {
    attributes: {
      name: suiteName,
      tests: checks.length,
      failures,
      errors,
      ...(skipped > 0 && { skipped }),
      time,
      timestamp: startedAt,
    },
    children: [
      properties({
        hypothesis: scenario.hypothesis,
        verdict: scenario.verdict,
        cleanliness: scenario.cleanliness,
        budgetMs: scenario.budget?.totalMs,
      }),
      ...checks.map((check) => caseOf(suiteName, check, isCounted ? 'error' : 'skipped')),
    ],
    tests: checks.length,
    failures,
    errors,
  };
}

/** @param unanswered what is said of a check that could not tell: of an attempt that does not count it is no error */
function caseOf(suite: string, check: CheckResult, unanswered: 'error' | 'skipped'): string {
  const { name, verdict, measured, limit, explanation } = check;
  const outcome = { message: explanation, type: verdict };
  const told = `${explanation}\nmeasured: ${measure(measured)}\nlimit: ${limit}`;
  const seconds = measured?.unit === 'ms' ? (measured.upperMs ?? measured.lowerMs ?? 0) / 1000 : 0;
  return element('testcase', { classname: suite, name, time: seconds.toFixed(3) }, [
    properties({
      verdict,
      limit,
      lowerMs: measured?.lowerMs,
      upperMs: measured?.upperMs,
      value: measured?.value === undefined ? undefined : `${measured.value} ${measured.unit}`,
    }),
    ...(verdict === 'fail' ? [element('failure', outcome, [escapeXml(told)])] : []),
    ...(saysNothing(verdict) ? [element(unanswered, outcome, [escapeXml(told)])] : []),
  ]);
}

/** What was planned and has no record would else be missing without a word. */
function suiteOfNeverBegun({ result, plan }: RunReport): Suite[] {
  const missing = neverBegun(plan, result.scenarios);
  if (missing.length === 0) return [];
  const message = result.run.interrupted ?? 'never begun';
  const counts = { tests: missing.length, failures: 0, errors: missing.length };
  return [
    {
      attributes: { name: 'never begun', ...counts },
      children: missing.map((name) =>
        element('testcase', { classname: 'never begun', name }, [
          element('error', { message, type: 'invalid' }, [escapeXml(message)]),
        ]),
      ),
      ...counts,
    },
  ];
}

function totals(suites: readonly Suite[]): { tests: number; failures: number; errors: number } {
  const sum = (of: (suite: Suite) => number): number => suites.reduce((total, suite) => total + of(suite), 0);
  return {
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
  };
}

function properties(values: Readonly<Record<string, string | number | undefined>>): string {
  const known = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  return element(
    'properties',
    {},
    known.map(({ name, value }) => element('property', { name, value }, [])),
  );
}

/** @param children XML already: elements, or escaped text */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[],
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
  if (children.length === 0) return `<${name}${written}/>`;
  return `<${name}${written}>\n${children.join('\n')}\n</${name}>`;
}

/** Also drops what XML 1.0 cannot hold at all: control characters, as in a program's coloured output, and lone surrogates. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
