import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VRRP_INSTANCES } from '../../fixtures/runs/good-run-plan.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import { damageOf, subsetsOf } from './damage.ts';
import {
  electHolders,
  failsOnStatus,
  priorityWhile,
  scriptSucceeds,
  vipOutcomes,
  type Candidate,
} from './election.ts';

const [first, second, third] = VRRP_INSTANCES as [VrrpInstance, VrrpInstance, VrrpInstance];
const HOSTS = VRRP_INSTANCES.map(({ host }) => host);
const PARTITIONS = [
  [HOSTS],
  [[HOSTS[0]], [HOSTS[1], HOSTS[2]]],
  [[HOSTS[1]], [HOSTS[0], HOSTS[2]]],
  [[HOSTS[2]], [HOSTS[0], HOSTS[1]]],
  HOSTS.map((host) => [host]),
];

describe('the election', () => {
  test('gives every side of every partition one holder, its best, whoever held the VIP before', () => {
    for (const priorities of [
      [100, 95, 90],
      [90, 95, 100],
      [95, 95, 95],
      [80, 80, 90],
    ]) {
      for (const sides of PARTITIONS) {
        for (const running of subsetsOf(candidates(priorities))) {
          for (const holder of [undefined, ...HOSTS]) {
            const sideOf = (host: string): number => sides.findIndex((side) => side.includes(host));
            const hears = (to: string, from: string): boolean => sideOf(to) === sideOf(from);
            const holders = electHolders(running, hears, holder);
            for (const side of sides) {
              const present = running.filter(({ instance }) => side.includes(instance.host));
              const held = holders.filter((host) => side.includes(host));
              expect(held).toHaveLength(present.length > 0 ? 1 : 0);
              const [winner] = present.filter(({ instance }) => held.includes(instance.host));
              const best = Math.max(...present.map(({ priority }) => priority));
              if (winner) expect(winner.priority).toBe(best);
            }
          }
        }
      }
    }
  });

  test('ends, and nobody is left who would take over or step down, whoever hears whom', () => {
    const graph = fc.array(fc.boolean(), { minLength: 9, maxLength: 9 });
    const priority = fc.integer({ min: 1, max: 254 });
    fc.assert(
      fc.property(
        graph,
        fc.tuple(priority, priority, priority),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        fc.constantFrom(undefined, ...HOSTS),
        (heard, priorities, preempts, holder) => {
          const all = candidates(priorities).map(({ instance, priority: own }, index) => ({
            priority: own,
            instance: { ...instance, preempt: preempts[index] ?? true },
          }));
          const hears = (to: string, from: string): boolean =>
            heard[3 * HOSTS.indexOf(to) + HOSTS.indexOf(from)] ?? false;
          const holders = electHolders(all, hears, holder);
          for (const one of all) {
            const others = all.filter(
              (other) =>
                other !== one &&
                holders.includes(other.instance.host) &&
                hears(one.instance.host, other.instance.host),
            );
            if (holders.includes(one.instance.host)) {
              expect(others.every((other) => other.priority <= one.priority)).toBe(true);
            } else {
              expect(others).not.toEqual([]);
              if (one.instance.preempt) {
                expect(others.some((other) => other.priority >= one.priority)).toBe(true);
              }
            }
          }
        },
      ),
    );
  });

  test('leaves the VIP with a holder of equal priority, and with a lower one that nobody may preempt', () => {
    const all = (): boolean => true;
    expect(electHolders(candidates([95, 95, 95]), all, first.host)).toEqual([first.host]);
    expect(electHolders(candidates([95, 95, 95]), all, undefined)).toEqual([third.host]);
    const modest = candidates([100, 95, 90]).map(({ instance, priority }) => ({
      priority,
      instance: { ...instance, preempt: false },
    }));
    expect(electHolders(modest, all, third.host)).toEqual([third.host]);
  });
});

describe('a priority while scripts fail', () => {
  test.each([
    [100, [-20], [], 100],
    [100, [-20], [0], 80],
    [100, [20], [0], 100],
    [100, [20], [], 120],
    [10, [-20], [0], 1],
    [250, [20], [], 254],
    [255, [-20], [0], 255],
    [100, [0], [0], undefined],
    [100, [-20, 10], [0], 90],
  ])('%i with weights %j of which %j fail is %s', (priority, weights, failing, expected) => {
    const trackScripts = weights.map((weight) => script({ weight }));
    const fails = (one: TrackScript): boolean => failing.includes(trackScripts.indexOf(one));
    expect(priorityWhile({ ...first, priority, trackScripts }, (one) => !fails(one))).toBe(expected);
  });
});

describe('a check script', () => {
  test.each([
    ['curl -fsk https://127.0.0.1:6443/healthz', true],
    ['curl -k -f http://127.0.0.1:8080/healthz', true],
    ['curl --fail -k https://localhost:6443/healthz', true],
    ['curl -k http://127.0.0.1:8080/healthz', false],
    ['curl -k https://127.0.0.1:6443/file-f', false],
  ])('%s fails on an HTTP error: %s', (command, expected) => {
    expect(failsOnStatus(command)).toBe(expected);
  });

  test('without -f takes an apiserver that says 500 for healthy, not one that is gone', () => {
    const command = 'curl -k https://127.0.0.1:6443/healthz';
    expect(scriptSucceeds({ command }, false, true)).toBe(true);
    expect(scriptSucceeds({ command }, false, false)).toBe(false);
    expect(scriptSucceeds({ command: '/opt/check.sh' }, false, false)).toBeUndefined();
  });
});

describe('the VIP', () => {
  const works = (): boolean => true;

  test('is held twice when only adverts are lost', () => {
    const cuts = HOSTS.slice(1).map((to) => ({ from: first.host, to, traffic: 'vrrp' as const }));
    expect(vipOutcomes(VRRP_INSTANCES, damageOf([{ cuts }]), first.host, works)).toEqual([
      { masters: [first.host, second.host], holders: [first.host, second.host] },
    ]);
  });

  test.each([
    ['stopped', [second.host]],
    ['killed', [second.host, first.host]],
    ['paused', [second.host, first.host]],
  ] as const)('with its keepalived %s is on %j', (how, holders) => {
    const damage = damageOf([{ processesDown: [{ host: first.host, process: 'keepalived', how }] }]);
    expect(vipOutcomes(VRRP_INSTANCES, damage, first.host, works)[0]?.holders).toEqual(holders);
  });

  test('stays where it is when every check fails together, and goes when one does', () => {
    const none = damageOf([]);
    expect(vipOutcomes(VRRP_INSTANCES, none, first.host, () => false)[0]?.holders).toEqual([first.host]);
    const oneFails = vipOutcomes(VRRP_INSTANCES, none, first.host, ({ host }) => host !== first.host);
    expect(oneFails[0]?.holders).toEqual([second.host]);
    const unknown = vipOutcomes(VRRP_INSTANCES, none, first.host, ({ host }) =>
      host === first.host ? undefined : true,
    );
    expect(unknown.map(({ holders }) => holders)).toEqual([[first.host], [second.host]]);
  });
});

function candidates(priorities: readonly number[]): Candidate[] {
  return VRRP_INSTANCES.map((instance, index) => ({ instance, priority: priorities[index] ?? 1 }));
}

function script(changes: Partial<TrackScript>): TrackScript {
  return { name: 's', command: 'true', intervalS: 1, timeoutS: 1, weight: 0, fall: 1, rise: 1, ...changes };
}
