import { describe, expect, test } from 'vitest';
import { changed, failed, isBetween } from '../../fixtures/runs/altered.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import type { JournalEvent, MachineLoad } from '../core/record.ts';
import type { CheckResult } from '../core/result.ts';
import { judgeScenario } from './judge.ts';
import { starvedTimes } from './machine.ts';

/** The machine as it is in the windows that end in this time. */
function machine(
  events: readonly JournalEvent[],
  load: Partial<MachineLoad>,
  time: [number, number],
): JournalEvent[] {
  return events.map((event) =>
    event.type === 'machine' && event.atMs >= time[0] && event.atMs <= time[1]
      ? { ...event, ...load }
      : event,
  );
}

const BUSY = { busyCores: 1.98, labCores: 0.9 };

function judged(events: readonly JournalEvent[], check: string): CheckResult | undefined {
  return judgeScenario(recordOf(events)).checks.find(({ name }) => name === check);
}

describe('a machine is starved', () => {
  const starved = (load: Partial<MachineLoad>): number =>
    starvedTimes(recordOf(machine(goodRun(), load, [0, Infinity]))).length;

  test('when it has nothing to spare and other work holds a fifth of it', () => {
    expect(starved(BUSY)).toBeGreaterThan(5);
    expect(starved({})).toBe(0);
  });

  test('neither by the lab alone, nor by other work while there is time to spare', () => {
    expect(starved({ busyCores: 2, labCores: 1.8 })).toBe(0);
    expect(starved({ busyCores: 1.6, labCores: 0.4 })).toBe(0);
  });
});

describe('a limit in time that was broken', () => {
  const tooLong = changed('sample', (sample) =>
    sample.probe === 'api-vip-new' && isBetween(sample, 79_600, 86_000) ? failed(sample) : sample,
  );

  test('is a failure on a machine that has time to spare, and when it was starved at another time', () => {
    expect(judged(tooLong, 'api-outage-within-budget')?.verdict).toBe('fail');
    expect(judged(machine(tooLong, BUSY, [64_000, 71_000]), 'api-outage-within-budget')?.verdict).toBe(
      'fail',
    );
  });

  test('is not certain when other work starved the machine meanwhile', () => {
    const { verdict, explanation } =
      judged(machine(tooLong, BUSY, [80_000, 86_000]), 'api-outage-within-budget') ?? {};
    expect(verdict).toBe('inconclusive');
    expect(explanation).toContain('busy with other work meanwhile (1.0 of 2 cores)');
  });

  test('by what was to go on is not certain either', () => {
    const node = changed('sample', (sample) =>
      sample.probe.startsWith('logapi-') && isBetween(sample, 66_000, 69_000) ? failed(sample) : sample,
    );
    expect(judged(node, 'outcome-as-expected')?.verdict).toBe('fail');
    expect(judged(machine(node, BUSY, [66_000, 71_000]), 'outcome-as-expected')?.verdict).toBe(
      'inconclusive',
    );
  });

  test('by the VIP is not certain either', () => {
    const late = changed('vip.address', (event) =>
      event.host.includes('102-92') && event.present && event.source === 'event' && event.atMs < 70_000
        ? { ...event, atMs: event.atMs + 1_500 }
        : event,
    );
    expect(judged(late, 'vip-moved-within-budget')?.verdict).toBe('fail');
    expect(judged(machine(late, BUSY, [66_000, 71_000]), 'vip-moved-within-budget')?.verdict).toBe(
      'inconclusive',
    );
  });
});

test('a pass is a pass on a busy machine too', () => {
  const result = judgeScenario(recordOf(machine(goodRun(), BUSY, [0, Infinity])));
  expect(result.verdict).toBe('pass');
});
