// The cluster's DNS under faults: it is on the masters, and needs them, not the API.
import { expect, test } from 'vitest';
import { HOLDER, MASTERS, NODES, TOPOLOGY, VRRP_INSTANCES } from '../../fixtures/runs/good-run-plan.ts';
import type { FaultEffect } from '../core/record.ts';
import { expectationsOf, type Foreseen } from './expectations.ts';

const [NODE, OTHER] = NODES;

function dnsUnder(effect: FaultEffect): Foreseen | undefined {
  const topology = { ...TOPOLOGY, dns: 'daemonset' as const };
  const found = expectationsOf(topology, VRRP_INSTANCES, [effect]);
  return found.find(({ capability }) => capability === `dns-from ${NODE}`);
}

test('nothing is expected of DNS where there is none', () => {
  const found = expectationsOf(TOPOLOGY, VRRP_INSTANCES, []);
  expect(found.filter(({ capability }) => capability.startsWith('dns'))).toEqual([]);
});

test.each<[string, FaultEffect, Partial<Foreseen>]>([
  ['without damage', {}, { expected: 'must-not-fail' }],
  // 50 s until the endpoints are without it, 23.8 s until somebody leads.
  ['when a master loses power', { hostsDown: [HOLDER] }, { settled: true, transitionMs: 73_800 }],
  ['when a master is frozen', { hostsFrozen: [HOLDER] }, { settled: true, transitionMs: 73_800 }],
  ['when all masters lose power', { hostsDown: MASTERS }, { expected: 'must-fail' }],
  ['when its own node loses power', { hostsDown: [NODE] }, { expected: 'must-fail' }],
  ['when etcd is gone, and with it the API', { hostsDown: [OTHER] }, { expected: 'must-not-fail' }],
  [
    'when a master and etcd are gone, so that nobody changes the endpoints',
    { hostsDown: [HOLDER, OTHER] },
    { settled: undefined, expected: 'may-fail' },
  ],
  [
    'when the node is cut from a master',
    { cuts: [{ from: NODE, to: HOLDER, traffic: 'all' }] },
    { settled: undefined },
  ],
  [
    'when every apiserver is dead',
    { processesDown: MASTERS.map((host) => ({ host, process: 'kube-apiserver' as const })) },
    { expected: 'must-not-fail' },
  ],
])('%s', (_, effect, expected) => {
  expect(dnsUnder(effect)).toMatchObject(expected);
});
