// What a fault entails is no disturbance; the same without the fault is one.
import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { changed } from '../../fixtures/runs/bad-runs.ts';
import { goodRun, HOLDER, NODES, SUCCESSOR, THIRD } from '../../fixtures/runs/good-run.ts';
import { livesAfter, VITALS_RUNS } from '../../fixtures/runs/vitals-runs.ts';
import type { Judgement } from '../core/check.ts';
import type { FaultEffect, JournalEvent, ScenarioRecord } from '../core/record.ts';
import { clockSteady } from './clock-steady.ts';
import { onlyDeclaredFaults } from './only-declared-faults.ts';

const CHECKS = [onlyDeclaredFaults, clockSteady];

test('the good run was not disturbed: the one host that booted is the one that was cut off', () => {
  const record = recordOf(goodRun());
  expect(onlyDeclaredFaults.judge(record)).toMatchObject({
    verdict: 'pass',
    measured: { value: 0 },
    explanation: expect.stringMatching(/on 5 hosts 1, as the faults explain, ended/) as string,
  });
  expect(clockSteady.judge(record)).toMatchObject({ verdict: 'pass', measured: { value: 0, unit: 'ms' } });
});

describe.each([...VITALS_RUNS])('a run in which $wrong', ({ check, verdict, events }) => {
  test(`is judged ${verdict} by ${check}`, () => {
    const judge = CHECKS.find(({ name }) => name === check);
    expect(judge?.judge(recordOf(events()))).toMatchObject({ verdict });
  });
});

describe('a process that began anew', () => {
  test.each([
    ['kube-scheduler', 'pass'],
    ['keepalived.service', 'invalid'],
  ])('and was not there before (%s) is %s', (what, verdict) => {
    const events = changed('vitals', (event) => {
      const { [what]: life, ...others } = event.lives[THIRD] ?? {};
      expect(life).toBeDefined();
      return event.when === 'before' ? { ...event, lives: { ...event.lives, [THIRD]: others } } : event;
    });
    expect(onlyDeclaredFaults.judge(recordOf(events))).toMatchObject({ verdict });
  });

  test('is named with its host, and a host that booted without all that is on it', () => {
    const events = livesAfter(THIRD, (lives) => ({
      ...lives,
      boot: '81299.02',
      'kubelet.service': 'active since 81300.00',
    }));
    expect(onlyDeclaredFaults.judge(recordOf(events))).toMatchObject({
      measured: { value: 1 },
      explanation: `Something else happened. ${THIRD} booted anew.`,
    });
  });

  test.each<[string, FaultEffect, host: string, what: string, verdict: string]>([
    [
      'it was taken itself',
      { processesDown: [{ host: THIRD, process: 'keepalived' }] },
      THIRD,
      'keepalived.service',
      'pass',
    ],
    [
      'the same was taken elsewhere',
      { processesDown: [{ host: SUCCESSOR, process: 'keepalived' }] },
      THIRD,
      'keepalived.service',
      'invalid',
    ],
    [
      'it lost its lease with the API',
      { processesDown: [{ host: SUCCESSOR, process: 'kube-apiserver' }] },
      THIRD,
      'kube-scheduler',
      'pass',
    ],
    [
      'a node lost its kubelet, which no lease needs',
      { processesDown: [{ host: NODES[0], process: 'kubelet' }] },
      THIRD,
      'kube-scheduler',
      'invalid',
    ],
    ['its apiserver lost etcd', { hostsDown: [NODES[0]] }, THIRD, 'kube-apiserver', 'pass'],
    ['its apiserver lost nothing', { hostsDown: [SUCCESSOR] }, THIRD, 'kube-apiserver', 'invalid'],
    ['its host was frozen', { hostsFrozen: [THIRD] }, THIRD, 'kubelet.service', 'pass'],
    ['its host was frozen, which is no boot', { hostsFrozen: [THIRD] }, THIRD, 'boot', 'invalid'],
    [
      'its host was short of memory',
      { impaired: [{ host: THIRD, by: 'memory' }] },
      THIRD,
      'OOM kills',
      'pass',
    ],
    [
      'its runtime was taken',
      { processesDown: [{ host: THIRD, process: 'containerd' }] },
      THIRD,
      'kube-apiserver',
      'pass',
    ],
    [
      'adverts between masters were cut',
      { cuts: [{ from: HOLDER, to: SUCCESSOR, traffic: 'vrrp' }] },
      THIRD,
      'kube-controller-manager',
      'pass',
    ],
    ['the fault takes nothing', {}, THIRD, 'kubelet.service', 'invalid'],
  ])('when %s', (_, effect, host, what, verdict) => {
    expect(judgedWith(effect, host, what)).toMatchObject({ verdict });
  });

  test('by its guard, is explained where there is one', () => {
    const effect: FaultEffect = { processesDown: [{ host: THIRD, process: 'kubelet', how: 'stopped' }] };
    const { run, ...rest } = recordWith(effect, THIRD, 'keepalived.service');
    const guarded = { ...rest, run: { ...run, topology: { ...run.topology, guard: 'on' as const } } };
    expect(onlyDeclaredFaults.judge({ ...rest, run })).toMatchObject({ verdict: 'invalid' });
    expect(onlyDeclaredFaults.judge(guarded)).toMatchObject({ verdict: 'pass' });
  });

  test('on the target of a fault that does not say what it takes, is put down to the fault', () => {
    const events = changed('fault.prepared', ({ type, atMs, id, kind, target, params }) => ({
      type,
      atMs,
      id,
      kind,
      target,
      params,
    }));
    expect(onlyDeclaredFaults.judge(recordOf(events))).toMatchObject({ verdict: 'pass' });
  });
});

function judgedWith(effect: FaultEffect, host: string, what: string): Judgement {
  return onlyDeclaredFaults.judge(recordWith(effect, host, what));
}

/** The good run in which only one life ended, and only this was taken. */
function recordWith(effect: FaultEffect, host: string, what: string): ScenarioRecord {
  const ended = what === 'OOM kills' ? '3' : 'active since 81333.00';
  const events = goodRun().map((event): JournalEvent => {
    if (event.type === 'fault.prepared') return { ...event, effect };
    if (event.type !== 'vitals' || event.when === 'before') return event;
    const before = goodRun().find((one) => one.type === 'vitals');
    const lives = before?.type === 'vitals' ? before.lives : {};
    return { ...event, lives: { ...lives, [host]: { ...lives[host], [what]: ended } } };
  });
  return recordOf(events);
}
