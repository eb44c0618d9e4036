import { describe, expect, test } from 'vitest';
import {
  HOLDER,
  MASTERS,
  NODES,
  SUCCESSOR,
  TOPOLOGY,
  VRRP_INSTANCES,
} from '../../fixtures/runs/good-run-plan.ts';
import type { FaultEffect } from '../core/record.ts';
import type { Topology } from '../core/topology.ts';
import { subsetsOf } from './damage.ts';
import { expectationsOf, type Foreseen } from './expectations.ts';

const THIRD_ETCD = '10-10-103-98.etcd';
const THREE_ETCD: Topology = {
  ...TOPOLOGY,
  name: 'three-etcd',
  hosts: [
    ...TOPOLOGY.hosts,
    { name: THIRD_ETCD, address: '10.10.103.98', roles: ['etcd'], etcdName: 'etcd03' },
  ],
};

describe.each([
  ['the seed', TOPOLOGY, [...NODES]],
  ['three etcd members', THREE_ETCD, [...NODES, THIRD_ETCD]],
])('on %s, for every subset of hosts without power', (_, topology, members) => {
  const subsets = subsetsOf(topology.hosts.map(({ name }) => name)).filter((down) => down.length > 0);

  test('the API works exactly with a majority of the members and a master', () => {
    for (const hostsDown of subsets) {
      const alive = members.filter((member) => !hostsDown.includes(member)).length;
      const masters = MASTERS.filter((master) => !hostsDown.includes(master)).length;
      const works = 2 * alive > members.length && masters > 0;
      for (const capability of ['api', 'api-read', 'api-write', 'api-watch', 'scheduling']) {
        const found = foresee([{ hostsDown }], capability, topology);
        expect(found.settled, `${capability} without ${hostsDown.join(', ')}`).toBe(works);
        expect(found.expected === 'must-fail').toBe(!works);
      }
      expect(foresee([{ hostsDown }], 'vip', topology).settled).toBe(masters > 0);
      expect(foresee([{ hostsDown }], 'vip-unique', topology).settled).toBe(true);
    }
  });

  test('what is on a host without power fails, and a host that has power is its own witness', () => {
    for (const hostsDown of subsets) {
      for (const { name, roles } of topology.hosts) {
        const isDown = hostsDown.includes(name);
        if (roles.includes('master') && isDown) {
          expect(foresee([{ hostsDown }], `apiserver ${name}`, topology).settled).toBe(false);
        }
        if (roles.includes('node')) {
          expect(foresee([{ hostsDown }], `service ${name}`, topology).settled === false).toBe(isDown);
        }
      }
    }
  });

  test('less damage never takes more away', () => {
    const rank = ({ settled }: Foreseen): number => (settled === false ? 0 : settled === undefined ? 1 : 2);
    for (const hostsDown of subsets) {
      const worse = expectationsOf(topology, VRRP_INSTANCES, [{ hostsDown }]);
      const better = expectationsOf(topology, VRRP_INSTANCES, [{ hostsDown: hostsDown.slice(1) }]);
      for (const [index, foreseen] of worse.entries()) {
        expect(rank(foreseen)).toBeLessThanOrEqual(rank(better[index] as Foreseen));
      }
    }
  });
});

describe('without any damage', () => {
  test('nothing may fail', () => {
    for (const { capability, expected } of expectationsOf(TOPOLOGY, VRRP_INSTANCES, [])) {
      expect(expected, capability).toBe('must-not-fail');
    }
  });
});

describe('the reason', () => {
  test('holds the arithmetic', () => {
    expect(foresee([{ hostsDown: [NODES[0]] }], 'api-write').reason).toBe(
      '2 etcd members need 2 for quorum; 10-10-103-96.node is down, 1 is left.',
    );
    const { expected, reason } = foresee([{ hostsDown: [HOLDER] }], 'api');
    expect(expected).toBe('may-fail');
    expect(reason).toMatch(
      /^For at most 3879 ms: the VIP goes to 10-10-102-92.master when 3 adverts are missed/,
    );
  });
});

describe('a fault of the catalogue', () => {
  const others = [...MASTERS.slice(1), ...NODES, TOPOLOGY.observer.name];
  const isolated = (traffic: 'all' | 'vrrp', from: readonly string[]): FaultEffect => ({
    cuts: from.flatMap((other) => [
      { from: HOLDER, to: other, traffic },
      { from: other, to: HOLDER, traffic },
    ]),
  });
  const lost = (
    process: NonNullable<FaultEffect['processesDown']>[number]['process'],
    more = {},
  ): FaultEffect => ({
    processesDown: [{ host: HOLDER, process, ...more }],
  });

  test.each<[string, FaultEffect, Record<string, Foreseen['expected']>]>([
    [
      'isolate-vip-holder',
      isolated('all', others),
      { api: 'may-fail', 'vip-unique': 'must-fail', 'api-write': 'may-fail' },
    ],
    [
      'drop-vrrp-only',
      isolated('vrrp', MASTERS.slice(1)),
      { api: 'may-fail', vip: 'must-not-fail', 'vip-unique': 'must-fail' },
    ],
    [
      'cut-vip-holder-from-etcd',
      isolated('all', NODES),
      { api: 'may-fail', [`apiserver ${HOLDER}`]: 'must-fail', 'vip-unique': 'must-not-fail' },
    ],
    ['kill-kubelet-on-vip-holder', lost('kubelet'), { api: 'must-not-fail', vip: 'must-not-fail' }],
    [
      'kill-apiserver-on-vip-holder',
      lost('kube-apiserver'),
      { api: 'may-fail', [`apiserver ${HOLDER}`]: 'must-fail' },
    ],
    ['hang-apiserver-on-vip-holder', lost('kube-apiserver', { how: 'paused' }), { api: 'may-fail' }],
    [
      'stop-keepalived-on-vip-holder',
      lost('keepalived', { how: 'stopped' }),
      { api: 'may-fail', 'vip-unique': 'must-not-fail' },
    ],
    [
      'hang-keepalived-on-vip-holder',
      lost('keepalived', { how: 'paused' }),
      { api: 'may-fail', 'vip-unique': 'must-fail' },
    ],
    [
      'kill-scheduler-leader',
      lost('kube-scheduler', { comesBack: true }),
      { api: 'must-not-fail', scheduling: 'may-fail' },
    ],
    [
      'power-off-two-masters',
      { hostsDown: MASTERS.slice(0, 2) },
      { api: 'may-fail', 'api-write': 'may-fail' },
    ],
    [
      'power-off-all-masters',
      { hostsDown: MASTERS },
      { api: 'must-fail', vip: 'must-fail', service: 'must-not-fail' },
    ],
    [
      'power-off-node1',
      { hostsDown: [NODES[0]] },
      {
        'api-write': 'must-fail',
        'api-read-cached': 'may-fail',
        vip: 'must-not-fail',
        [`service ${NODES[1]}`]: 'may-fail',
      },
    ],
    [
      'reboot-vip-holder',
      {
        hostsDown: [HOLDER],
        hostsComeBack: [HOLDER],
        processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped', comesBack: true }],
      },
      { api: 'may-fail', 'vip-unique': 'must-not-fail', [`apiserver ${HOLDER}`]: 'may-fail' },
    ],
    [
      'reboot of an etcd member',
      { hostsDown: [NODES[0]], hostsComeBack: [NODES[0]] },
      { 'api-write': 'may-fail', vip: 'must-not-fail', [`etcd ${NODES[0]}`]: 'may-fail' },
    ],
    [
      'freeze of the VIP holder',
      { hostsFrozen: [HOLDER] },
      { 'vip-unique': 'must-fail', vip: 'must-not-fail', api: 'may-fail' },
    ],
    [
      'slow disk under an etcd member',
      { impaired: [{ host: NODES[0], by: 'a slow disk' }] },
      { 'api-write': 'may-fail', vip: 'must-not-fail' },
    ],
    [
      'CPU hog on a standby',
      { impaired: [{ host: SUCCESSOR, by: 'a CPU hog' }] },
      { api: 'may-fail', [`apiserver ${SUCCESSOR}`]: 'may-fail' },
    ],
  ])('%s is expressible', (_, effect, expected) => {
    const found = expectationsOf(TOPOLOGY, VRRP_INSTANCES, [effect]);
    const told = Object.fromEntries(found.map((one) => [one.capability, one.expected]));
    expect(told).toMatchObject(expected);
  });

  test('that takes one of three members costs no more than finding another', () => {
    const killed = { processesDown: [{ host: NODES[0], process: 'etcd' as const }] };
    expect(foresee([killed], 'api-write', THREE_ETCD)).toMatchObject({ settled: true, transitionMs: 4_000 });
    const silent = { processesDown: [{ host: NODES[0], process: 'etcd' as const, how: 'paused' as const }] };
    expect(foresee([silent], 'api-write', THREE_ETCD)).toMatchObject({ settled: true, transitionMs: 44_000 });
  });

  test('on top of another one counts with it', () => {
    const both = [{ hostsDown: [NODES[0]] }, { hostsDown: [NODES[1]] }];
    expect(foresee(both, 'api-write', THREE_ETCD).expected).toBe('must-fail');
    expect(foresee(both.slice(0, 1), 'api-write', THREE_ETCD).expected).toBe('may-fail');
  });
});

function foresee(
  effects: readonly FaultEffect[],
  capability: string,
  topology: Topology = TOPOLOGY,
): Foreseen {
  const found = expectationsOf(topology, VRRP_INSTANCES, effects).find(
    (one) => one.capability === capability,
  );
  if (!found) throw new Error(`nothing is expected of ${capability}`);
  return found;
}
