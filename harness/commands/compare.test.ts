import { describe, expect, test } from 'vitest';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import type { RunResultFile } from '../core/result.ts';
import { reportOf } from '../reports.ts';
import { compared, comparisonText } from './compare.ts';

const { result } = reportOf(runOf(goodRun()));
const other: RunResultFile = {
  ...result,
  run: { ...result.run, id: '20260201-020000-0001', topology: 'three-etcd' },
  scenarios: result.scenarios.map((scenario) => ({ ...scenario, verdict: 'fail', outages: [] })),
};

describe('two runs side by side', () => {
  test('have their verdicts and measures in one row each', () => {
    const { rows } = compared(result, other);
    expect(rows).toMatchObject([{ scenario: 'power-off-vip-holder', verdicts: ['pass', 'fail'] }]);
    const outage = rows[0]?.measures.find(({ measure }) => measure === 'API outage');
    expect(outage?.values[0]).toBeGreaterThan(3000);
    expect(outage?.values[1]).toBe(0);
  });

  test('have a dash where only one was measured, and say which was not run', () => {
    const text = comparisonText(compared(result, { ...other, scenarios: [] }));
    expect(text).toMatch(/^power-off-vip-holder +pass +not run$/m);
    expect(text).toMatch(/^ {2}takeover +3\.48 s +–$/m);
    expect(text.split('\n')[0]).toContain('20260201-020000-0001 (three-etcd)');
  });
});
