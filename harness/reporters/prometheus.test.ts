import { describe, expect, test } from 'vitest';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import { reportOf } from '../reports.ts';
import { prometheus } from './prometheus.ts';

const report = reportOf(runOf(goodRun()));
const text = prometheus.render(report, { script: '', style: '' })['metrics.prom'] ?? '';

describe('metrics.prom', () => {
  test('is the text format: help and type before the samples of each metric, none twice', () => {
    const lines = text.trimEnd().split('\n');
    const sample = /^[a-z_]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? -?\d+(\.\d+)?(e[-+]\d+)?$/;
    expect(lines.filter((line) => !line.startsWith('#')).filter((line) => !sample.test(line))).toEqual([]);
    const types = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    expect(new Set(types).size).toBe(types.length);
    const keys = lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('has the numbers of the result, in seconds', () => {
    const [scenario] = report.result.scenarios;
    const outage = scenario?.outages.find(({ probe }) => probe === 'api-vip-new');
    expect(text).toContain('holdfast_run_verdict{verdict="pass"} 1\n');
    expect(text).toContain(
      `holdfast_scenario_longest_outage_seconds{scenario="power-off-vip-holder",probe="api-vip-new",bound="lower"} ${(outage?.lowerMs ?? 0) / 1000}\n`,
    );
    expect(text).toContain('holdfast_scenario_takeover_seconds{scenario="power-off-vip-holder"} 3.48\n');
  });
});
