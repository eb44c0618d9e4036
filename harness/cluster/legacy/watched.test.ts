// The seed's errors in what a host says: repaired while it is read, once, and told.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ProgressListener } from '../../core/progress.ts';
import type { Lab } from '../../core/provider.ts';
import { FakeHost } from '../../hosts/fake.ts';
import { planSeed } from '../../profiles/v1.4.5/plan.ts';
import { loadTopology } from '../topology.ts';
import { Repairs } from './repairs.ts';
import type { Turn } from './turn.ts';
import { runWatched } from './watched.ts';

const { topology } = loadTopology('seed');
const MASTER = '10-10-102-91.master';
const NODE = '10-10-103-96.node';

function said(name: string): string {
  return readFileSync(new URL(`../../../fixtures/seed/outputs/${name}.txt`, import.meta.url), 'utf8');
}

interface Scene {
  readonly hosts: ReadonlyMap<string, FakeHost>;
  readonly repairs: Repairs;
  readonly told: string[];
  readonly run: (row: string, host: string, command: string) => Promise<string>;
}

function scene(lingeringMs?: number, on = topology): Scene {
  const hosts = new Map(on.hosts.map(({ name }) => [name, new FakeHost(name).when(() => true, {})]));
  const host = (name: string): FakeHost => {
    const found = hosts.get(name);
    if (!found) throw new Error(`no host ${name}`);
    return found;
  };
  const lab = { descriptor: { topology: on }, host } as unknown as Lab;
  const plan = planSeed({ topology: on, logapi: '' });
  const repairs = new Repairs({ lab, plan, ...(lingeringMs !== undefined && { lingeringMs }) });
  const told: string[] = [];
  const progress = { output: (_: string, line: string) => told.push(line) } as unknown as ProgressListener;
  const signal = new AbortController().signal;
  return {
    ...{ hosts, repairs, told },
    run: (row, name, command) => {
      const turn = { lab, repairs, progress, row, step: row, host: name, signal } as unknown as Turn;
      return runWatched({ command, timeoutMs: 5_000 }, host(name), turn);
    },
  };
}

/** Answers in turn; the last one again and again. */
function inTurn(
  host: FakeHost | undefined,
  word: string,
  answers: readonly { exitCode?: number; stdout: string }[],
): void {
  let at = 0;
  host?.when(
    (argv) => argv.join(' ').includes(word),
    () => answers[Math.min(at++, answers.length - 1)] ?? {},
  );
}

function commandsOf(host: FakeHost | undefined): readonly string[] {
  return (host?.commands ?? []).map(({ argv }) => (argv[2] ?? '').replace('exec 2>&1\n', ''));
}

test('what init says of leftovers and of the port is repaired on its host, and init is run again', async () => {
  const { hosts, repairs, told, run } = scene();
  const master = hosts.get(MASTER);
  inTurn(master, 'kubeadm init', [
    { exitCode: 1, stdout: said('kubeadm-init-not-empty') },
    { exitCode: 1, stdout: said('kubeadm-init-port-in-use') },
    { stdout: said('kubeadm-init') },
  ]);
  expect(await run('init', MASTER, 'kubeadm init')).toContain('initialised successfully');
  expect(commandsOf(master)).toEqual([
    'kubeadm init',
    'rm -rf /etc/kubernetes',
    'rm -rf /var/lib/etcd',
    'kubeadm init',
    'docker rmi $(docker images -q gcr.io/google_containers/etcd-amd64)',
    'kubeadm init',
  ]);
  expect(repairs.done.map(({ row, host }) => `${row} ${host}`)).toEqual([
    `repair-kubernetes-not-empty ${MASTER}`,
    `repair-etcd-not-empty ${MASTER}`,
    `repair-port-in-use ${MASTER}`,
  ]);
  expect(told.join('\n')).toContain('repaired as the seed says in 3.3.2');
});

test('an error that is there after its repair ends it with a clear word, and no second repair', async () => {
  const { hosts, run } = scene();
  inTurn(hosts.get(MASTER), 'kubeadm init', [{ exitCode: 1, stdout: said('kubeadm-init-port-in-use') }]);
  await expect(run('init', MASTER, 'kubeadm init')).rejects.toThrow(
    /says still: Port 2379 is in use\nalthough it was repaired as the seed says in 3\.3\.2/,
  );
  expect(commandsOf(hosts.get(MASTER)).filter((command) => command.startsWith('docker rmi'))).toHaveLength(1);
});

test('where discovery is refused, the firewall goes on every host, once for both nodes', async () => {
  const { hosts, repairs, run } = scene();
  const output = `${said('kubeadm-join-no-route')}${said('kubeadm-join')}`;
  for (const { name } of topology.hosts) inTurn(hosts.get(name), 'kubeadm join', [{ stdout: output }]);
  const [one, other] = await Promise.all([
    run('join', NODE, 'kubeadm join'),
    run('join', '10-10-103-97.node', 'kubeadm join'),
  ]);
  expect(one).toBe(output);
  expect(other).toBe(output);
  expect(repairs.done).toHaveLength(1);
  for (const host of hosts.values()) {
    expect(commandsOf(host).filter((command) => command === 'setenforce 0')).toHaveLength(1);
  }
});

test('a discovery that is refused long after the repair is given up', async () => {
  const { hosts, run } = scene(0);
  inTurn(hosts.get(NODE), 'kubeadm join', [{ exitCode: 1, stdout: said('kubeadm-join-no-route') }]);
  await expect(run('join', NODE, 'kubeadm join')).rejects.toThrow('says still: <node/discovery> failed');
});

test('data of etcd are not deleted on a host that carries a member', async () => {
  const stacked = {
    ...topology,
    hosts: topology.hosts.map((host) =>
      host.name === MASTER ? { ...host, roles: ['master', 'etcd'] as const } : host,
    ),
  };
  const { hosts, run } = scene(undefined, stacked);
  inTurn(hosts.get(MASTER), 'kubeadm init', [{ exitCode: 1, stdout: '\t/var/lib/etcd is not empty\n' }]);
  await expect(run('init', MASTER, 'kubeadm init')).rejects.toThrow(
    'would delete the cluster’s data'.replace('’', "'"),
  );
  expect(commandsOf(hosts.get(MASTER))).toEqual(['kubeadm init']);
});

test('a command that fails otherwise fails with all that it said', async () => {
  const { hosts, repairs, run } = scene();
  inTurn(hosts.get(MASTER), 'kubeadm init', [
    { exitCode: 1, stdout: 'unknown flag: --use-kubernetes-version\n' },
  ]);
  await expect(run('init', MASTER, 'kubeadm init')).rejects.toThrow('unknown flag: --use-kubernetes-version');
  expect(repairs.done).toEqual([]);
});
