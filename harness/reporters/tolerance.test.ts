import { describe, expect, test } from 'vitest';
import { failed, isBetween } from '../../fixtures/runs/altered.ts';
import { goodRun, HOLDER, MOMENTS, NODES, SUCCESSOR, THIRD } from '../../fixtures/runs/good-run.ts';
import { recordOf, runOf } from '../../fixtures/runs/record-of.ts';
import { judgeScenario } from '../checks/judge.ts';
import type { JournalEvent, Sample } from '../core/record.ts';
import type { ToleranceRow } from '../core/tolerance.ts';
import { reportOf } from '../reports.ts';
import { toleranceMatrix } from './tolerance-matrix.ts';
import { toleranceRow } from './tolerance.ts';

function rowOf(events: readonly JournalEvent[]): ToleranceRow {
  const record = recordOf(events);
  return toleranceRow(record, judgeScenario(record));
}

function samples(change: (sample: Sample) => Sample): JournalEvent[] {
  return goodRun().map((event) => (event.type === 'sample' ? change(event) : event));
}

describe('the row of a power cut of the VIP holder', () => {
  const row = rowOf(goodRun());

  test('has outages with their bounds, and the limits of the oracle beside them', () => {
    expect(row['API write'].measured).toMatch(/^\d+–\d+ ms$/);
    expect(row['API write'].expected).toBe('≤ 3.88 s');
    expect(row.VIP).toEqual({ measured: 'nobody 3450 ms', expected: '≤ 3.88 s' });
  });

  test('has the time without a leader, where leases were not renewed', () => {
    expect(row.scheduling.expected).toBe('≤ 23.8 s');
    expect(row.scheduling.measured).toMatch(/^until healed \(1\d\.\d s\)$/);
  });

  test('has nothing where nothing failed, and says what nobody measured', () => {
    expect(row.service).toEqual({ measured: 'none', expected: 'none' });
  });
});

test('of a host that hears nobody and is not heard, two holders are to be expected', () => {
  const others = [SUCCESSOR, THIRD];
  const cuts = others.flatMap((other) => [
    { from: HOLDER, to: other, traffic: 'vrrp' as const },
    { from: other, to: HOLDER, traffic: 'vrrp' as const },
  ]);
  const events = goodRun().map((event) =>
    event.type === 'fault.prepared' ? { ...event, kind: 'drop-vrrp', effect: { cuts } } : event,
  );
  expect(rowOf(events).VIP.expected).toBe('two');
});

describe('an outage', () => {
  test('that stood until the healing is called so', () => {
    const row = rowOf(
      samples((sample) =>
        sample.probe === 'api-write' && isBetween(sample, MOMENTS.faultToMs, MOMENTS.healedMs + 900)
          ? failed(sample)
          : sample,
      ),
    );
    expect(row['API write'].measured).toMatch(/^until healed \(11\.\d s\)$/);
  });

  test('that never ended is called so', () => {
    const row = rowOf(
      samples((sample) =>
        sample.probe === 'api-read-quorum' && sample.atMs > MOMENTS.faultToMs ? failed(sample) : sample,
      ),
    );
    expect(row['API read'].measured).toMatch(/^to the end \(≥ 3\d\.\d s\)$/);
  });

  test('of one node is none of the service', () => {
    const one = (node: string | undefined): JournalEvent[] =>
      samples((sample) =>
        (node === undefined ? sample.probe.startsWith('logapi-') : sample.probe === `logapi-${node}`) &&
        isBetween(sample, 70_000, 73_000)
          ? failed(sample)
          : sample,
      );
    expect(rowOf(one(NODES[0])).service.measured).toBe('none');
    expect(rowOf(one(undefined)).service.measured).toMatch(/^2\d{3}–3\d{3} ms$/);
  });
});

test('the matrix has a row for each scenario, with its verdict', () => {
  const { 'tolerance.md': text } = toleranceMatrix.render(reportOf(runOf(goodRun())), {
    script: '',
    style: '',
  });
  expect(text).toMatch(/^# What topology seed tolerates\n/);
  expect(text).toMatch(/\| power-off-vip-holder \| .* \[≤ 3\.88 s\] .* \| pass \|/);
});
