// What hosts are told, as text: that it is shell at all, and what of it would do harm elsewhere. What it does: test/undo.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import type { Fault, FaultCall, FaultParams } from '../core/fault.ts';
import type { Topology } from '../core/topology.ts';
import { clockStep } from './clock-step.ts';
import { cpuHog } from './cpu-hog.ts';
import { diskFull } from './disk-full.ts';
import { diskSlow } from './disk-slow.ts';
import { etcdDataLost } from './etcd-data-lost.ts';
import { memoryPressure } from './memory-pressure.ts';
import { completeParams } from './parameters.ts';

const MEMBER = '10-10-103-96.node';
const THIRD = '10-10-103-98.etcd';
const THREE_ETCD: Topology = {
  ...TOPOLOGY,
  hosts: [
    ...TOPOLOGY.hosts,
    {
      name: THIRD,
      address: '10.10.103.98',
      roles: ['etcd'],
      etcdName: 'etcd03',
      etcdDataDir: '/var/lib/etcd/etcd03',
    },
  ],
};

function scriptsOf(fault: Fault, given: FaultParams = {}, topology = TOPOLOGY): readonly [string, string] {
  const params = completeParams(fault, given);
  const [only] = fault.preview?.({ topology, targets: [MEMBER], params, id: 'fault-1' }) ?? [];
  if (!only) throw new Error(`${fault.name} has no deed`);
  return [only.deed, only.undo];
}

describe('deed and undo are shell', () => {
  test.each<[string, Fault, FaultParams, Topology]>([
    ['cpu-hog', cpuHog, { loops: 2 }, TOPOLOGY],
    ['memory-pressure', memoryPressure, {}, TOPOLOGY],
    ['memory-pressure that kills', memoryPressure, { kills: 'anybody' }, TOPOLOGY],
    ['disk-full', diskFull, {}, TOPOLOGY],
    ['disk-slow', diskSlow, {}, TOPOLOGY],
    ['etcd-data-lost of two', etcdDataLost, {}, TOPOLOGY],
    ['etcd-data-lost of three', etcdDataLost, {}, THREE_ETCD],
    ['clock-step', clockStep, { seconds: -60 }, TOPOLOGY],
  ])('%s', (_, fault, params, topology) => {
    for (const script of scriptsOf(fault, params, topology)) {
      const { stderr, status } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
      expect([status, stderr, script]).toEqual([0, '', script]);
    }
  });
});

describe('a member that lost its data', () => {
  test('of three is removed and then added, by way of the others', () => {
    const [, undo] = scriptsOf(etcdDataLost, {}, THREE_ETCD);
    expect(undo.indexOf('member remove')).toBeGreaterThan(0);
    expect(undo.indexOf('member add etcd01')).toBeGreaterThan(undo.indexOf('member remove'));
    expect(undo).toContain('--endpoints=http://10.10.103.97:2379,http://10.10.103.98:2379 ');
  });

  test('of two joins as it was: the other one alone can remove nobody', () => {
    const [, undo] = scriptsOf(etcdDataLost);
    expect(undo).not.toContain('etcdctl');
    expect(undo).toContain('ETCD_INITIAL_CLUSTER_STATE="existing"');
  });

  test.each<[string, readonly string[], Topology]>([
    ['no etcd host', ['10-10-102-91.master'], TOPOLOGY],
    ['2 members without their data', [MEMBER, '10-10-103-97.node'], THREE_ETCD],
    ['one etcd member only', [MEMBER], withoutMember('10-10-103-97.node')],
  ])('cannot be mended: %s', async (reason, targets, topology) => {
    const call = { topology, targets, params: {}, id: 'fault-1' } as unknown as FaultCall;
    expect(await etcdDataLost.unavailable?.(call)).toContain(reason);
  });
});

test('the dollars of a hog are its own, not systemd’s', () => {
  const [deed] = scriptsOf(memoryPressure);
  expect(deed).toContain("sh -c 'echo $$$$ > /sys/fs/cgroup/memory/holdfast-fault-1/cgroup.procs");
});

test('a clock is not set in a container, whoever asks', () => {
  const [deed] = scriptsOf(clockStep);
  const [first = ''] = deed.split('\n');
  expect(first).toContain('/run/systemd/container');
  expect(first).toContain('exit 1');
});

function withoutMember(name: string): Topology {
  return { ...TOPOLOGY, hosts: TOPOLOGY.hosts.filter((host) => host.name !== name) };
}
