// A scenario that breaks nothing on purpose: that there was no fault is no flaw, and nothing at all may fail.
import { describe, expect, test } from 'vitest';
import { failed, isBetween, succeeded } from '../../fixtures/runs/altered.ts';
import { goodRun, MOMENTS, NODES } from '../../fixtures/runs/good-run.ts';
import { parseRun } from '../core/journal.ts';
import type { JournalEvent, Sample, VitalsTaken } from '../core/record.ts';
import type { ScenarioResult } from '../core/result.ts';
import { judgeScenario } from './judge.ts';

const CHECKS = ['one-holder-afterwards', 'nodes-ready-afterwards', 'demands-kept', 'service-uninterrupted'];

/** The good run as it would be had nothing been broken. */
function quietRun(change: (sample: Sample) => Sample = answered): JournalEvent[] {
  const events = goodRun();
  const before = events.find(
    (event): event is VitalsTaken => event.type === 'vitals' && event.when === 'before',
  );
  return events
    .filter(
      (event) =>
        !event.type.startsWith('fault.') && event.type !== 'arp.entry' && event.type !== 'vrrp.advert',
    )
    .filter((event) => event.type !== 'vip.address' || event.source === 'snapshot')
    .filter((event) => event.type !== 'vip.address' || event.atMs < MOMENTS.faultFromMs)
    .map((event) => {
      switch (event.type) {
        case 'scenario.started':
          return { ...event, checks: CHECKS, faultless: true };
        case 'vitals':
          return { ...event, lives: before?.lives ?? {} };
        case 'sample':
          return change(event);
        case 'lease':
          return event;
        default:
          return event;
      }
    });
}

function answered(sample: Sample): Sample {
  return sample.ok ? sample : succeeded(sample);
}

function judged(events: readonly JournalEvent[]): ScenarioResult {
  const text = events.map((event) => JSON.stringify(event)).join('\n');
  const [scenario] = parseRun(text, 'journal.jsonl').scenarios;
  if (!scenario) throw new Error('no scenario');
  return judgeScenario(scenario);
}

function verdictOf(result: ScenarioResult, check: string): string | undefined {
  return result.checks.find(({ name }) => name === check)?.verdict;
}

describe('a scenario without a fault', () => {
  test('passes when it says that it has none and all goes on', () => {
    const result = judged(quietRun());
    expect(result.checks.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'inconclusive')).toEqual(
      [],
    );
    for (const check of ['fault-took-effect', 'steady-before', 'baseline-load', 'outcome-as-expected']) {
      expect([check, verdictOf(result, check)]).toEqual([check, 'pass']);
    }
    expect(result.expectations?.every(({ expected }) => expected === 'must-not-fail')).toBe(true);
  });

  test('is invalid when it does not say so', () => {
    const silent = quietRun().map((event): JournalEvent => {
      if (event.type !== 'scenario.started') return event;
      const { faultless, ...started } = event;
      return faultless ? started : event;
    });
    expect(verdictOf(judged(silent), 'fault-took-effect')).toBe('invalid');
    expect(verdictOf(judged(silent), 'outcome-as-expected')).toBe('inconclusive');
  });

  test('fails when anything fails for longer than a client notices', () => {
    const result = judged(
      quietRun((sample) =>
        sample.probe === `logapi-${NODES[0]}` && isBetween(sample, 80_000, 85_000)
          ? failed(sample)
          : answered(sample),
      ),
    );
    expect(verdictOf(result, 'outcome-as-expected')).toBe('fail');
  });

  test('that injects one all the same is judged by it', () => {
    const events = goodRun().map((event): JournalEvent => {
      return event.type === 'scenario.started' ? { ...event, faultless: true } : event;
    });
    const result = judged(events);
    expect(verdictOf(result, 'fault-took-effect')).toBe('pass');
    expect(result.expectations?.some(({ expected }) => expected === 'must-fail')).toBe(true);
  });
});
