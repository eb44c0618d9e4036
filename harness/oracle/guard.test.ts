// What the guard changes: who gives the VIP up, how soon, and what it must not take away.
import { describe, expect, test } from 'vitest';
import {
  HOLDER,
  MASTERS,
  NODES,
  SUCCESSOR,
  THIRD,
  TOPOLOGY,
  VRRP_INSTANCES,
} from '../../fixtures/runs/good-run-plan.ts';
import type { FaultEffect } from '../core/record.ts';
import type { Topology } from '../core/topology.ts';
import { controlPlaneOf } from './control-plane.ts';
import { damageOf } from './damage.ts';
import { departureBudget, departureOf, giveBackBudget, type Departure } from './departure.ts';
import { expectationsOf, type Foreseen } from './expectations.ts';
import { GUARD_NOTICE_MS, GUARD_RETURN_MS, guardStops } from './guard.ts';
import { masterDownMs, skewMs, TAKEOVER_ALLOWANCE_MS } from './vrrp.ts';

const GUARDED: Topology = { ...TOPOLOGY, guard: 'on' };
const [, successor] = VRRP_INSTANCES;

function kubeletOf(host: string, more: object = {}): FaultEffect {
  return { processesDown: [{ host, process: 'kubelet', how: 'stopped', ...more }] };
}

/** Nothing passes between these and those. */
function cut(
  these: readonly string[],
  those: readonly string[],
  traffic: 'all' | 'vrrp' = 'all',
): FaultEffect {
  return {
    cuts: these.flatMap((one) =>
      those.flatMap((other) => [
        { from: one, to: other, traffic },
        { from: other, to: one, traffic },
      ]),
    ),
  };
}

function isolated(host: string): FaultEffect {
  return cut(
    [host],
    [...MASTERS, ...NODES, TOPOLOGY.observer.name].filter((other) => other !== host),
  );
}

describe('the guard of the holder', () => {
  test.each<[string, FaultEffect, boolean]>([
    ['stops keepalived when kubelet is dead', kubeletOf(HOLDER), true],
    ['stops it when the host is cut off from all', isolated(HOLDER), true],
    ['lets a kubelet be that is paused: it is active', kubeletOf(HOLDER, { how: 'paused' }), false],
    ['lets be what happens to another kubelet', kubeletOf(SUCCESSOR), false],
    ['lets be that the other masters have no power', { hostsDown: [SUCCESSOR, THIRD] }, false],
    ['lets be that only adverts are lost', cut([HOLDER], [SUCCESSOR, THIRD], 'vrrp'), false],
    ['cannot tell a cut between masters alone from their death', cut([HOLDER], [SUCCESSOR, THIRD]), false],
    ['hears a frozen host answer', { hostsFrozen: [SUCCESSOR], hostsDown: [THIRD, ...NODES] }, false],
    ['does nothing on a host without power', { hostsDown: [HOLDER] }, false],
  ])('%s', (_, effect, stops) => {
    expect(guardStops(GUARDED, damageOf([effect]), HOLDER) !== undefined).toBe(stops);
    expect(guardStops(TOPOLOGY, damageOf([effect]), HOLDER)).toBeUndefined();
  });
});

describe('with a guard', () => {
  test('a dead kubelet takes the VIP with it, by a goodbye', () => {
    const departure = departureBy(kubeletOf(HOLDER));
    expect(departure).toMatchObject({ kind: 'clean-stop', goodbye: true, noticeMs: GUARD_NOTICE_MS });
    const budget = departureBudget(departure as Departure);
    expect(budget.terms[0]?.name).toBe('guard (3 rounds)');
    const skew = successor ? skewMs(successor) : Number.NaN;
    expect(budget.totalMs).toBeCloseTo(GUARD_NOTICE_MS + skew + TAKEOVER_ALLOWANCE_MS, 6);
    expect(foresee(kubeletOf(HOLDER), 'api')).toMatchObject({ settled: true, expected: 'may-fail' });
    expect(foresee(kubeletOf(HOLDER), 'vip-unique').expected).toBe('must-not-fail');
    expect(foresee(kubeletOf(HOLDER), 'api', TOPOLOGY).expected).toBe('must-not-fail');
  });

  test('a dead kubelet of a standby changes nothing for clients', () => {
    for (const capability of ['api', 'vip', 'vip-unique']) {
      expect(foresee(kubeletOf(THIRD), capability).expected).toBe('must-not-fail');
    }
    // And it is out of the election.
    const both = [kubeletOf(SUCCESSOR), { hostsDown: [HOLDER] }];
    const plane = controlPlaneOf(GUARDED, VRRP_INSTANCES, damageOf(both), HOLDER);
    expect(plane.vip.map(({ holders }) => holders)).toEqual([[THIRD]]);
  });

  test('an isolated holder gives the VIP up, where without one two hold it', () => {
    expect(foresee(isolated(HOLDER), 'vip-unique', TOPOLOGY).expected).toBe('must-fail');
    expect(foresee(isolated(HOLDER), 'vip-unique')).toMatchObject({
      settled: true,
      expected: 'may-fail',
      transitionMs: GUARD_NOTICE_MS,
    });
    expect(foresee(isolated(HOLDER), 'vip-unique').reason).toContain(`${HOLDER} reaches no other host`);
    // Nobody hears its goodbye.
    const departure = departureBy(isolated(HOLDER));
    expect(departure).toMatchObject({ kind: 'isolated', goodbye: false, noticeMs: 0 });
    expect(departure?.timerMs).toBe(successor && masterDownMs(successor));
  });

  test('an isolated standby that took the VIP for itself gives it up', () => {
    expect(foresee(isolated(THIRD), 'vip-unique', TOPOLOGY).expected).toBe('must-fail');
    expect(foresee(isolated(THIRD), 'vip-unique')).toMatchObject({ settled: true });
    expect(foresee(isolated(THIRD), 'api').expected).toBe('must-not-fail');
  });

  test('masters that each are cut off from all hold no VIP until somebody answers', () => {
    const effects = MASTERS.map(isolated);
    const vip = expectationsOf(GUARDED, VRRP_INSTANCES, effects).find(
      ({ capability }) => capability === 'vip',
    );
    expect(vip).toMatchObject({ expected: 'must-fail', transitionMs: GUARD_NOTICE_MS });
  });

  test('the last master with power keeps the VIP', () => {
    const effect = { hostsDown: [HOLDER, SUCCESSOR] };
    expect(foresee(effect, 'vip')).toEqual(foresee(effect, 'vip', TOPOLOGY));
    expect(foresee(effect, 'api').settled).toBe(true);
  });

  test('keepalived that the fault stopped is not its doing', () => {
    const stopped: FaultEffect = { processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped' }] };
    expect(departureBy(stopped)).toEqual(departureBy(stopped, TOPOLOGY));
  });

  test('a kubelet that comes back may or may not have been away for long enough', () => {
    expect(foresee(kubeletOf(HOLDER, { comesBack: true }), 'api')).toMatchObject({
      settled: true,
      expected: 'may-fail',
    });
  });

  test('the way back begins with the guard', () => {
    const without = giveBackBudget(VRRP_INSTANCES, HOLDER);
    const budget = giveBackBudget(VRRP_INSTANCES, HOLDER, true);
    expect(budget?.terms[0]?.name).toBe('guard (2 rounds)');
    expect(budget?.totalMs).toBe(GUARD_RETURN_MS + (without?.totalMs ?? 0));
  });
});

function departureBy(effect: FaultEffect, topology: Topology = GUARDED): Departure | undefined {
  const plane = controlPlaneOf(topology, VRRP_INSTANCES, damageOf([effect]), HOLDER);
  return departureOf(VRRP_INSTANCES, HOLDER, plane);
}

function foresee(effect: FaultEffect, capability: string, topology: Topology = GUARDED): Foreseen {
  const found = expectationsOf(topology, VRRP_INSTANCES, [effect]).find(
    (one) => one.capability === capability,
  );
  if (!found) throw new Error(`nothing is expected of ${capability}`);
  return found;
}
