// Two holders are a fault of the design only where nothing keeps the one from hearing the other.
import { describe, expect, test } from 'vitest';
import { inserted } from '../../fixtures/runs/altered.ts';
import { goodRun, HOLDER, MASTERS, MOMENTS, NODES, vipAddress } from '../../fixtures/runs/good-run.ts';
import { parseRun } from '../core/journal.ts';
import type { FaultEffect, JournalEvent } from '../core/record.ts';
import type { Judgement } from '../core/check.ts';
import { vipHeldOnce } from './vip-held-once.ts';

/** The holder keeps the address from the fault until a while after it is healed. */
function heldTwice(effect: FaultEffect, afterHealingMs: number): Judgement {
  return heldTwiceUntil(effect, MOMENTS.healedMs + afterHealingMs);
}

function heldTwiceUntil(
  effect: FaultEffect,
  untilMs: number,
  guard: 'on' | 'off' = 'off',
  more: readonly JournalEvent[] = [],
): Judgement {
  const events = inserted(vipAddress(untilMs, HOLDER, false, 'event'), ...more).flatMap(
    (event): JournalEvent[] => {
      if (event.type === 'run.started') return [{ ...event, topology: { ...event.topology, guard } }];
      if (event.type === 'fault.prepared' && event.id !== OTHER)
        return [{ ...event, kind: 'some-fault', effect }];
      const isOfHolder = event.type === 'vip.address' && event.host === HOLDER;
      const isLost = isOfHolder && event.source !== 'event' && event.atMs > MOMENTS.probesStartedMs;
      const isBack = isOfHolder && event.atMs === MOMENTS.takenBackMs;
      return isLost || isBack ? [] : [event];
    },
  );
  const text = events.map((event) => JSON.stringify(event)).join('\n');
  const [scenario] = parseRun(text, 'journal.jsonl').scenarios;
  if (!scenario) throw new Error('no scenario');
  return vipHeldOnce.judge(scenario);
}

const isolated: FaultEffect = {
  cuts: [...MASTERS, ...NODES]
    .filter((other) => other !== HOLDER)
    .flatMap((other) => [
      { from: HOLDER, to: other, traffic: 'all' as const },
      { from: other, to: HOLDER, traffic: 'all' as const },
    ]),
};
const paused: FaultEffect = { processesDown: [{ host: HOLDER, process: 'keepalived', how: 'paused' }] };
const withoutKubelet: FaultEffect = { processesDown: [{ host: HOLDER, process: 'kubelet', how: 'killed' }] };

const OTHER = 'another-fault';

/** From the middle of the fault on: one that has nothing to do with who hears whom, for two seconds, or another. */
function anotherFault(effect = withoutKubelet, healedMs = MOMENTS.faultToMs + 6_000): JournalEvent[] {
  const fromMs = MOMENTS.faultToMs + 4_000;
  const prepared = goodRun().find((event) => event.type === 'fault.prepared');
  if (!prepared) throw new Error('no fault');
  return [
    { ...prepared, atMs: fromMs - 10, id: OTHER, effect },
    { type: 'fault.injected', atMs: fromMs + 10, id: OTHER, fromMs, toMs: fromMs },
    { type: 'fault.evidence', atMs: fromMs + 20, id: OTHER, evidence: [] },
    { type: 'fault.healed', fromMs: healedMs, atMs: healedMs + 100, id: OTHER, by: 'scenario' },
  ];
}

describe('two holders', () => {
  test('are foreseen for as long as the fault lasts that keeps them apart, whatever else is healed meanwhile', () => {
    const until = (afterHealingMs: number): Judgement =>
      heldTwiceUntil(isolated, MOMENTS.healedMs + afterHealingMs, 'off', anotherFault());
    expect(until(900).verdict).toBe('pass');
    expect(until(9_000).verdict).toBe('fail');
  });

  test('are foreseen where a second fault keeps them apart when the first is healed', () => {
    const until = (afterHealingMs: number): Judgement => {
      const second = anotherFault(isolated, MOMENTS.healedMs + 6_000);
      return heldTwiceUntil(isolated, MOMENTS.healedMs + afterHealingMs, 'off', second);
    };
    expect(until(6_900).verdict).toBe('pass');
    expect(until(15_000).verdict).toBe('fail');
  });

  test.each([
    { what: 'masters that do not hear each other', effect: isolated },
    { what: 'a keepalived that is paused', effect: paused },
  ])('are foreseen with $what, until they had time to hear each other', ({ effect }) => {
    expect(heldTwice(effect, 900).verdict).toBe('pass');
    expect(heldTwice(effect, 9_000)).toMatchObject({ verdict: 'fail' });
  });

  test('are foreseen until the guard of one takes the address from it, and no longer', () => {
    const { faultToMs } = MOMENTS;
    expect(heldTwiceUntil(isolated, faultToMs + 5_500, 'on').verdict).toBe('pass');
    expect(heldTwiceUntil(isolated, faultToMs + 9_000, 'on').verdict).toBe('fail');
    expect(heldTwiceUntil(isolated, faultToMs + 9_000, 'off').verdict).toBe('pass');
  });

  test('are not foreseen where nothing keeps them apart', () => {
    expect(heldTwice(withoutKubelet, 900).verdict).toBe('fail');
  });
});
