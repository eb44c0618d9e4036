// The whole plan of v1.4.5 gone through on hosts in memory that answer as the seed shows: what is run is what the plan has.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openBundle, type BundleFolder } from '../../harness/cluster/legacy/bundle-folder.ts';
import { createSeedCluster } from '../../harness/cluster/legacy/create.ts';
import { planFor } from '../../harness/cluster/legacy/plan.ts';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { FakeHost } from '../../harness/hosts/fake.ts';
import { compareWithPlan } from '../legacy/compare.ts';
import { recordedLab } from '../legacy/recorder.ts';

const { topology } = loadTopology('seed');
const TOKEN = '6c7750.6c759069627a3c78';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function said(name: string): string {
  return readFileSync(new URL(`../../fixtures/seed/outputs/${name}.txt`, import.meta.url), 'utf8');
}

/** What the seed shows, by the beginning of the command. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ['etcdctl member list', said('etcdctl-member-list')],
  ['systemctl status docker', '   Active: active (running) since today\n'],
  ['kubeadm init', said('kubeadm-init')],
  ['kubeadm join', `${said('kubeadm-join-no-route')}${said('kubeadm-join')}`],
  ['kubectl get nodes', said('kubectl-get-nodes')],
  ['kubectl get pods', 'kube-apiserver-x\nkube-discovery-x\nkube-dns-x\n'],
  ['curl -k', 'ok'],
];

const EDITED: readonly (readonly [string, string])[] = [
  ['/root/etc-kubernetes.tar.gz', 'keys'],
  ['/etc/sysconfig/keepalived', 'KEEPALIVED_OPTIONS="-D"\n'],
  ['/etc/systemd/system/kubelet.service.d/10-kubeadm.conf', '[Service]\n'],
  ...['kube-controller-manager', 'kube-scheduler'].map(
    (name) =>
      [`/etc/kubernetes/manifests/${name}.json`, '{"spec":{"containers":[{"command":["x"]}]}}'] as const,
  ),
  [
    '/root/kube-dns-deployment.yaml',
    'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: kube-dns}\nspec: {template: {metadata: {}, spec: {}}}\n',
  ],
];

/** @param isDone what a question whether something is done already is answered with */
async function seedHost(
  { name, address }: { name: string; address: string },
  isDone: boolean,
): Promise<FakeHost> {
  const host = new FakeHost(name, address).when(() => true, {});
  for (const [command, stdout] of ANSWERS) {
    host.when((argv) => (argv[2] ?? '').startsWith(`exec 2>&1\n${command}`), { stdout });
  }
  host.when(([, option, script = '']) => option === '-c' && !script.includes('.part'), {
    exitCode: isDone ? 0 : 1,
  });
  for (const [path, content] of EDITED) await host.upload(path, content);
  if (isDone) await host.upload('/root/kubeadm-init.log', said('kubeadm-init'));
  return host;
}

async function goThrough(isDone: boolean): Promise<{
  readonly made: Awaited<ReturnType<typeof createSeedCluster>>;
  readonly hosts: ReturnType<typeof recordedLab>['hosts'];
  readonly plan: Awaited<ReturnType<typeof planFor>>;
  readonly bundle: BundleFolder;
  readonly fakes: readonly FakeHost[];
}> {
  mkdirSync(join(folder, 'network'), { recursive: true });
  for (const name of [
    'k8s-v1.4.5-rpms.tar.gz',
    'docker-engine-1.12.4-1.el7.centos.x86_64.rpm',
    'kubernates-v1.4.5-images.tar.gz',
    'network/weave.yaml',
  ]) {
    writeFileSync(join(folder, name), name);
  }
  const bundle = await openBundle(folder);
  const plan = await planFor(topology, {}, bundle);
  const fakes = await Promise.all(topology.hosts.map((host) => seedHost(host, isDone)));
  const host = (name: string): FakeHost => fakes.find((one) => one.name === name) ?? new FakeHost(name);
  const observer = new FakeHost('observer').when(() => true, {});
  const { lab, hosts } = recordedLab(
    { descriptor: { topology }, hosts: fakes, host, observer } as unknown as Lab,
    () => Promise.resolve(),
  );
  return {
    fakes,
    made: await createSeedCluster({ lab, plan, bundle, progress: silentProgress }),
    hosts,
    plan,
    bundle,
  };
}

test('every deed of every host is run, in the plan’s order, and nothing else', async () => {
  const { made, hosts, plan, bundle } = await goThrough(false);
  for (const { name, log } of hosts) {
    const { deviations, compared } = compareWithPlan(log, name, plan, { bundle, token: TOKEN });
    expect(deviations, name).toEqual([]);
    expect(compared, name).toBeGreaterThan(30);
    // The comparison sees what is missing, and what is out of its place.
    const at = log.findIndex(({ deed }) => deed.startsWith('systemctl enable kubelet'));
    const without = log.filter((_, index) => index !== at);
    const swapped = log
      .with(at, log[at + 1] ?? { deed: '', exitCode: 0 })
      .with(at + 1, log[at] ?? { deed: '', exitCode: 0 });
    for (const other of [without, swapped]) {
      expect(compareWithPlan(other, name, plan, { bundle, token: TOKEN }).deviations).not.toEqual([]);
    }
  }
  expect(made.repairs.map(({ row }) => row)).toEqual(['repair-no-route']);
  expect(made.steps.map(({ name }) => name)).toEqual(plan.rows.map(({ row }) => `${row.chapter} ${row.id}`));
});

test('nodes join with the token that init printed, and it is kept for root alone', async () => {
  const { fakes, hosts } = await goThrough(false);
  const joins = hosts.flatMap(({ log }) => log.filter(({ deed }) => deed.startsWith('kubeadm join')));
  expect(joins.map(({ deed }) => deed)).toEqual(Array(2).fill(`kubeadm join --token=${TOKEN} 10.10.102.21`));
  const kept = fakes.map(({ files }) => files.get('/root/kubeadm-init.log')?.mode);
  expect(kept).toEqual([0o600, undefined, undefined, undefined, undefined]);
});

test('what is done already is not done again', async () => {
  const { made, hosts, plan, bundle } = await goThrough(true);
  const deeds = hosts.flatMap(({ log }) => log.map(({ deed }) => deed));
  expect(deeds.filter((deed) => /^(kubeadm|bring|ifconfig|kubectl (label|delete))|yum/.test(deed))).toEqual(
    [],
  );
  expect(made.repairs).toEqual([]);
  for (const { name, log } of hosts) {
    expect(compareWithPlan(log, name, plan, { bundle, token: TOKEN }).deviations, name).toEqual([]);
  }
});
