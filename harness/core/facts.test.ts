import { describe, expect, test } from 'vitest';
import { BALANCED, FOUND, STACKED } from '../../fixtures/runs/found-topology.ts';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import {
  apiPort,
  asksOwnMemberOnly,
  hasVrrp,
  hasWorkload,
  keepalivedConf,
  supervisorOf,
  unitOf,
  whyWithout,
} from './facts.ts';

test('without what was found a cluster is as holdfast builds it', () => {
  expect([apiPort(TOPOLOGY), hasWorkload(TOPOLOGY), hasVrrp(TOPOLOGY)]).toEqual([6443, true, true]);
  expect(keepalivedConf(TOPOLOGY)).toBe('/etc/keepalived/keepalived.conf');
  expect(supervisorOf('etcd', TOPOLOGY)).toBe('systemd');
  expect(supervisorOf('keepalived', TOPOLOGY)).toBe('systemd');
  expect(supervisorOf('kube-scheduler', TOPOLOGY)).toBe('static-pod');
  expect(unitOf('containerd', TOPOLOGY)).toBe('containerd');
  expect(TOPOLOGY.hosts.some(({ name }) => asksOwnMemberOnly(TOPOLOGY, name))).toBe(false);
  expect(whyWithout(TOPOLOGY, ['vrrp', 'workload', 'own build'])).toBeUndefined();
});

describe('what was found counts', () => {
  test('port, supervisors, files', () => {
    expect([apiPort(STACKED), hasWorkload(STACKED), hasVrrp(STACKED)]).toEqual([8443, false, true]);
    expect(keepalivedConf(STACKED)).toBe('/etc/ha/keepalived.conf');
    expect(supervisorOf('etcd', STACKED)).toBe('static-pod');
    expect(supervisorOf('keepalived', STACKED)).toBe('static-pod');
    expect(supervisorOf('kubelet', STACKED)).toBe('systemd');
  });

  test.each([
    ['containerd', 'containerd'],
    ['docker', 'docker'],
    ['cri-o', 'crio'],
  ] as const)('the unit of %s is %s', (runtime, unit) => {
    expect(unitOf('containerd', { found: { ...FOUND, runtime } })).toBe(unit);
  });

  test('an apiserver beside a stacked member asks no other', () => {
    expect(asksOwnMemberOnly(STACKED, 'cp-2')).toBe(true);
    expect(asksOwnMemberOnly(STACKED, 'worker-1')).toBe(false);
  });

  test('what is missing has its reason', () => {
    expect(whyWithout(BALANCED, ['vrrp'])).toContain('not moved by keepalived');
    expect(whyWithout(STACKED, ['vrrp'])).toBeUndefined();
    expect(whyWithout(STACKED, ['workload'])).toContain('logapi');
    expect(whyWithout(STACKED, ['own build'])).toContain('somebody else built');
    expect(whyWithout(STACKED)).toBeUndefined();
  });
});
