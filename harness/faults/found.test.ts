// Faults on clusters that somebody else built: what hosts are told to do, and what is refused with which reason.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { BALANCED, FOUND, STACKED } from '../../fixtures/runs/found-topology.ts';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import type { Fault, FaultCall, FaultParams, HostDeed } from '../core/fault.ts';
import type { Topology } from '../core/topology.ts';
import { fakeLab } from '../hosts/fake-lab.ts';
import { crashLoop } from './crash-loop.ts';
import { diskSlow } from './disk-slow.ts';
import { dropVrrp } from './drop-vrrp.ts';
import { etcdDataLost } from './etcd-data-lost.ts';
import { freeze } from './freeze.ts';
import { interfaceDown } from './interface-down.ts';
import { killProcess } from './kill-process.ts';
import { leaveCluster } from './leave-cluster.ts';
import { completeParams } from './parameters.ts';
import { pauseProcess } from './pause-process.ts';
import { stopProcess } from './stop-process.ts';

const OF_PROCESSES = [killProcess, stopProcess, pauseProcess, crashLoop];
const DOCKER: Topology = { ...STACKED, found: { ...FOUND, runtime: 'docker' } };

function planOf(fault: Fault, topology: Topology, given: FaultParams, target = 'cp-1') {
  return { topology, targets: [target], params: completeParams(fault, given), id: 'fault-1' };
}

function deedOf(fault: Fault, topology: Topology, given: FaultParams): HostDeed {
  const target = topology.hosts[0]?.name ?? '';
  const [deed] = fault.preview?.(planOf(fault, topology, given, target)) ?? [];
  if (!deed) throw new Error(`${fault.name} has no deed`);
  return deed;
}

async function refusal(
  fault: Fault,
  topology: Topology,
  given: FaultParams = {},
  lab = fakeLab(topology),
): Promise<string | undefined> {
  const call: FaultCall = { ...planOf(fault, topology, given), lab, limitMs: 1_000 };
  return fault.unavailable?.(call);
}

describe('what hosts are told is shell', () => {
  const processes = ['etcd', 'keepalived', 'containerd', 'kubelet', 'kube-apiserver'];
  test.each(
    OF_PROCESSES.flatMap((fault) => processes.map((process) => [fault.name, process, fault] as const)),
  )('%s of %s', (_, process, fault) => {
    for (const topology of [STACKED, DOCKER, TOPOLOGY]) {
      for (const stays of fault === killProcess ? [true, false] : [undefined]) {
        const given = { process, ...(stays !== undefined && { stays }) };
        const { ready = '', deed, undo } = deedOf(fault, topology, given);
        for (const script of [ready, deed, undo]) {
          const { stderr, status } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
          expect([status, stderr, script]).toEqual([0, '', script]);
        }
      }
    }
  });
});

describe('a process', () => {
  test.each(['etcd', 'keepalived'])('%s that is a static pod is stopped by its manifest', (process) => {
    const { deed, undo } = deedOf(stopProcess, STACKED, { process });
    expect(deed).toContain('mv "$manifest"');
    expect(deed).not.toContain('systemctl');
    expect(undo).toContain(`mv /var/lib/holdfast/undo/fault-1.${process}.yaml "$(cat `);
    expect(undo).not.toContain('systemctl');
  });

  test.each(['etcd', 'keepalived'])('%s of holdfast’s own clusters is stopped by its unit', (process) => {
    const { deed, undo } = deedOf(stopProcess, TOPOLOGY, { process });
    expect(deed).toContain(`systemctl stop ${process}`);
    expect(undo).toContain(`systemctl start --no-block ${process}`);
  });

  test('that is the runtime is whichever there is', () => {
    expect(deedOf(stopProcess, DOCKER, { process: 'containerd' }).deed).toContain('systemctl stop docker');
    expect(deedOf(stopProcess, TOPOLOGY, { process: 'containerd' }).deed).toContain(
      'systemctl stop containerd',
    );
    const { impaired } = stopProcess.effect(planOf(stopProcess, DOCKER, { process: 'containerd' }));
    expect(impaired).toEqual([{ host: 'cp-1', by: expect.stringContaining('docker') as string }]);
    expect(stopProcess.effect(planOf(stopProcess, STACKED, { process: 'containerd' }))).not.toHaveProperty(
      'impaired',
    );
  });

  test.each(OF_PROCESSES.map((fault) => [fault.name, fault] as const))(
    '%s of keepalived needs one',
    async (_, fault) => {
      expect(await refusal(fault, BALANCED, { process: 'keepalived' })).toContain('not moved by keepalived');
      expect(await refusal(fault, STACKED, { process: 'keepalived' })).toBeUndefined();
      expect(await refusal(fault, BALANCED, { process: 'etcd' })).toBeUndefined();
    },
  );
});

describe('what rests on how holdfast builds clusters', () => {
  test('is refused: etcd without its data', async () => {
    expect(await refusal(etcdDataLost, STACKED)).toContain('somebody else built');
    const bySystemd: Topology = { ...STACKED, found: { ...FOUND, etcd: { supervisor: 'systemd' } } };
    expect(await refusal(etcdDataLost, bySystemd)).toContain('somebody else built');
  });

  test('is refused: a slow disk for an etcd in a pod', async () => {
    expect(await refusal(diskSlow, STACKED)).toContain('static pod');
  });

  test('is refused: leaving a cluster of which the kubelet keeps its credentials elsewhere', async () => {
    const call = (stdout: string): Promise<string | undefined> => {
      const lab = fakeLab(STACKED);
      lab.host('worker-1').when('sh -c', { stdout });
      const plan = planOf(leaveCluster, STACKED, {}, 'worker-1');
      return leaveCluster.unavailable?.({ ...plan, lab, limitMs: 1_000 }) ?? Promise.resolve(undefined);
    };
    expect(await call('/etc/kubernetes/kubelet.conf\n')).toBe('worker-1 has no /etc/kubernetes/kubelet.conf');
    expect(await call('')).toBeUndefined();
  });

  test('is refused: dropping VRRP where there is none, or no program to prove it', async () => {
    expect(await refusal(dropVrrp, BALANCED)).toContain('not moved by keepalived');
    const lab = fakeLab(STACKED);
    lab.observer.when('sh -c', { stdout: 'captures nothing: it is not asked as root\n' });
    lab.host('cp-1').when('sh -c', { stdout: 'has no tcpdump\nhas no socat\n' });
    expect(await refusal(dropVrrp, STACKED, {}, lab)).toBe(
      'observer captures nothing: it is not asked as root; cp-1 has no tcpdump, has no socat',
    );
  });
});

test('an interface that is down stops keepalived only where there is one', () => {
  const taken = (topology: Topology): unknown =>
    interfaceDown.effect(planOf(interfaceDown, topology, {})).processesDown;
  expect(taken(STACKED)).toEqual([{ host: 'cp-1', process: 'keepalived', how: 'stopped' }]);
  expect(taken(BALANCED)).toEqual([]);
});

test('a frozen master is asked at the port that was found', async () => {
  const lab = fakeLab(STACKED);
  lab.observer.when('curl', { exitCode: 28, stdout: '000', stderr: '* Connected to 10.10.102.91' });
  const evidence = await freeze.evidence({ ...planOf(freeze, STACKED, {}), lab, limitMs: 1_000 });
  expect(evidence.at(-1)).toMatchObject({ holds: true });
  expect(lab.observer.commands.at(-1)?.argv.at(-1)).toBe('https://10.10.102.91:8443/livez');
});
