// All renderings tell the same: each is counted out of its text again and compared with the result.
import { describe, expect, test } from 'vitest';
import { BAD_RUNS } from '../../fixtures/runs/bad-runs.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import type { RunReport } from '../core/report.ts';
import { VERDICTS, type Verdict } from '../core/verdict.ts';
import { reportOf } from '../reports.ts';
import { REPORTERS } from './index.ts';

type Totals = Readonly<Record<Verdict, number>>;

function counted(count: (verdict: Verdict) => number): Totals {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, count(verdict)])) as Totals;
}

function matches(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** What each file says of the checks, read back out of it. */
const READERS: Readonly<Record<string, (text: string) => Totals>> = {
  'report.html': (html) =>
    counted((verdict) => matches(html, new RegExp(`<td><span class="verdict ${verdict}">`, 'g'))),
  'report.md': (markdown) =>
    counted((verdict) => matches(markdown, new RegExp(String.raw`^\| [\w-]+ \| \**${verdict}\**`, 'gm'))),
  'metrics.prom': (metrics) =>
    counted((verdict) => {
      const found = metrics.matchAll(
        new RegExp(`^holdfast_scenario_checks\\{.*verdict="${verdict}"\\} (\\d+)$`, 'gm'),
      );
      return [...found].reduce((sum, [, value]) => sum + Number(value), 0);
    }),
};

function filesOf(report: RunReport): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...REPORTERS.map(({ render }) => render(report, { script: '', style: '' })),
  ) as Record<string, string>;
}

describe('all renderings of a run', () => {
  const runs = [{ wrong: 'nothing', events: goodRun }, ...BAD_RUNS];

  test.each(runs)('count the same checks where $wrong is wrong', ({ events }) => {
    const report = reportOf(runOf(events()));
    const files = filesOf(report);
    const checks = report.result.scenarios.flatMap((scenario) => scenario.checks);
    const totals = counted((verdict) => checks.filter((check) => check.verdict === verdict).length);
    for (const [file, read] of Object.entries(READERS)) {
      expect([file, read(files[file] ?? '')]).toEqual([file, totals]);
    }
    const { fail, inconclusive, invalid } = totals;
    const begun = report.result.scenarios.length;
    const never = report.plan.length - begun;
    expect(files['junit.xml']).toContain(
      `tests="${checks.length + never}" failures="${fail}" errors="${inconclusive + invalid + never}"`,
    );
  });

  test.each(runs)('have one verdict where $wrong is wrong', ({ events }) => {
    const report = reportOf(runOf(events()));
    const { verdict } = report.result;
    const files = filesOf(report);
    expect(files['report.html']).toContain(`<h1><strong>${verdict.toUpperCase()}</strong>`);
    expect(files['report.md']?.split('\n')[0]).toContain(verdict.toUpperCase());
    expect(files['metrics.prom']).toContain(`holdfast_run_verdict{verdict="${verdict}"} 1\n`);
    expect(JSON.parse(files['result.json'] ?? '{}')).toMatchObject({ verdict });
  });

  test('say the same of the longest outage', () => {
    const report = reportOf(runOf(goodRun()));
    const files = filesOf(report);
    const outage = report.result.scenarios[0]?.outages.find(({ probe }) => probe === 'api-vip-new');
    const told = `${outage?.lowerMs.toFixed(0) ?? ''}–${outage?.upperMs?.toFixed(0) ?? ''} ms`;
    expect(files['report.html']).toContain(`api-vip-new: down for ${told}`);
    expect(files['report.md']).toContain(`api-vip-new: down for ${told}`);
    const [lower, upper] = [outage?.lowerMs ?? NaN, outage?.upperMs ?? NaN].map((ms) => ms / 1000);
    expect(files['metrics.prom']).toContain(`probe="api-vip-new",bound="lower"} ${lower ?? ''}\n`);
    expect(files['metrics.prom']).toContain(`probe="api-vip-new",bound="upper"} ${upper ?? ''}\n`);
  });
});
