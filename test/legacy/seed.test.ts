// The seed's chapter 3 gone through whole on five systemd hosts, with stand-ins for its rpms and images (fixtures/legacy): what is
// run is what the plan has, in its order; each of the seed's errors shows once and is repaired its way; twice does no harm.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureImages } from '../../harness/artifacts/index.ts';
import type { BundleFolder } from '../../harness/cluster/legacy/bundle-folder.ts';
import { createSeedCluster, type SeedCluster } from '../../harness/cluster/legacy/create.ts';
import { planFor } from '../../harness/cluster/legacy/plan.ts';
import { readMarker } from '../../harness/cluster/marker.ts';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { silentProgress, type ProgressListener } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { tokenIn } from '../../harness/profiles/v1.4.5/errors.ts';
import type { SeedPlan } from '../../harness/profiles/v1.4.5/plan.ts';
import { ContainersProvider } from '../../harness/providers/containers.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { compareWithPlan } from './compare.ts';
import { overSsh } from './over-ssh.ts';
import { recordedLab, type RecordedHost } from './recorder.ts';
import { buildStandInBundle } from './stand-in-bundle.ts';

const docker = new Docker();
const MASTER1 = '10-10-102-91.master';
const ETCD_CONTAINER = 'docker run -d --net=host gcr.io/google_containers/etcd-amd64:2.2.5';

async function newProvider(): Promise<ContainersProvider> {
  const images = await ensureImages({
    docker,
    profile: DEFAULT_PROFILE,
    host: 'rpm-host',
    logDir: join(tmpdir(), 'holdfast-test-images'),
    progress: silentProgress,
  });
  return new ContainersProvider({ docker, images });
}

/** What makes the seed's errors show: CentOS' firewall on every host, leftovers and an etcd on the first master. */
async function layPitfalls(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map((host) => host.run(['systemctl', 'enable', '--now', 'firewalld'])));
  const leftovers = 'mkdir -p /etc/kubernetes /var/lib/etcd/member; echo left > /etc/kubernetes/kubelet.conf';
  await lab.host(MASTER1).run(['sh', '-c', leftovers]);
}

describe.each(['docker exec', 'ssh'] as const)('over %s', (transport) => {
  const runId = newRunId(new Date());
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-legacy-'));
  /** By docker exec: what the test itself looks at. */
  let lab: Lab;
  /** The one that is gone through. */
  let place: Lab;
  let recorded: { lab: Lab; hosts: readonly RecordedHost[] };
  let bundle: BundleFolder;
  let plan: SeedPlan;
  let made: SeedCluster;
  const told: string[] = [];
  const progress: ProgressListener = {
    ...silentProgress,
    output: (step, line) => told.push(`${step}: ${line}`),
  };
  const shell = async (host: string, script: string): Promise<string> =>
    (await lab.host(host).run(['sh', '-c', script])).stdout.trim();

  beforeAll(async () => {
    const provider = await newProvider();
    lab = await provider.provision({
      topology: loadTopology('seed').topology,
      runId,
      progress: silentProgress,
    });
    bundle = await buildStandInBundle(lab.host(MASTER1), join(folder, 'bundle'));
    plan = await planFor(lab.descriptor.topology, {}, bundle);
    place = transport === 'ssh' ? await overSsh(lab, folder) : lab;
    await layPitfalls(lab);
    recorded = recordedLab(place, async (host, deed) => {
      if (host === MASTER1 && deed.includes('docker load -i $tar\ndone'))
        await lab.host(host).run(ETCD_CONTAINER.split(' '));
    });
    made = await createSeedCluster({ lab: recorded.lab, plan, bundle, progress }).catch((thrown: unknown) => {
      process.stderr.write(`${told.slice(-40).join('\n')}\n`);
      throw thrown;
    });
  });
  afterAll(async () => {
    await (await newProvider()).destroy(runId);
    rmSync(folder, { recursive: true, force: true });
  });

  test('what was run on each host is what the plan has for it, in its order', async () => {
    const token = tokenIn(await shell(MASTER1, 'cat /root/kubeadm-init.log')) ?? '';
    expect(token).toMatch(/^[0-9a-f]{6}\.[0-9a-f]{16}$/);
    for (const { name, log } of recorded.hosts) {
      const { deviations, compared } = compareWithPlan(log, name, plan, { bundle, token });
      expect(deviations, name).toEqual([]);
      expect(compared, name).toBeGreaterThan(30);
    }
    // Steps are rows, in the plan's order; and the comparison sees what is not as planned.
    expect(made.steps.map(({ name }) => name)).toEqual(
      plan.rows.map(({ row }) => `${row.chapter} ${row.id}`),
    );
    const [first] = recorded.hosts;
    const without = (first?.log ?? []).filter(({ deed }) => !deed.startsWith('ifconfig'));
    expect(compareWithPlan(without, MASTER1, plan, { bundle, token }).deviations).not.toEqual([]);
  });

  test('each of the seed’s errors showed, was told, and was repaired once, as the seed says', () => {
    expect(made.repairs.map(({ row }) => row).toSorted()).toEqual([
      'repair-etcd-not-empty',
      'repair-kubernetes-not-empty',
      'repair-no-route',
      'repair-port-in-use',
    ]);
    const commands = (row: string): readonly string[] =>
      made.repairs.find((one) => one.row === row)?.commands ?? [];
    expect(commands('repair-kubernetes-not-empty')).toEqual([`${MASTER1}: rm -rf /etc/kubernetes`]);
    expect(commands('repair-etcd-not-empty')).toEqual([`${MASTER1}: rm -rf /var/lib/etcd`]);
    expect(commands('repair-port-in-use')).toEqual([
      `${MASTER1}: docker rmi $(docker images -q gcr.io/google_containers/etcd-amd64)`,
    ]);
    expect(commands('repair-no-route')).toEqual(
      lab.hosts.flatMap(({ name }) =>
        ['setenforce 0', 'systemctl stop firewalld', 'systemctl disable firewalld'].map(
          (one) => `${name}: ${one}`,
        ),
      ),
    );
    expect(made.repairs.find(({ row }) => row === 'repair-no-route')?.said).toMatch(
      /^<node\/discovery> failed to request cluster info, will try again: \[Get http:.*:9898: getsockopt: no route to host\]$/,
    );
    expect(told.filter((line) => line.includes('repaired as the seed says'))).toHaveLength(4);
  });

  test('the hosts are as the seed has them afterwards', async () => {
    const { vip, hosts } = lab.descriptor.topology;
    await waitFor('the VIP on the first master', { timeoutMs: 20_000 }, async () => {
      const addresses = await shell(MASTER1, 'ip -4 -o addr show dev eth0');
      return addresses.includes(` ${vip.address}/24 `) ? { done: undefined } : { missing: addresses };
    });
    expect(await shell(MASTER1, 'kubectl get nodes')).toMatch(/(.*Ready.*\n?){5}/);
    for (const [role, count] of [
      ['master', 3],
      ['node', 2],
    ] as const) {
      const labelled = await shell(MASTER1, `kubectl get nodes -l kubeadm.alpha.kubernetes.io/role=${role}`);
      expect(labelled.split('\n')).toHaveLength(count + 1);
    }
    const dns = await shell(MASTER1, 'kubectl get deployment kube-dns -n kube-system -o yaml');
    expect(dns).toContain('kubeadm.alpha.kubernetes.io/role: master');
    expect(dns).toContain('replicas: 3');
    for (const { name, roles } of hosts) {
      expect(
        await shell(name, "tr '\\0' ' ' < /proc/$(systemctl show -P MainPID kubelet)/cmdline"),
      ).toContain('--cluster-dns=10.0.0.10 --cluster-domain=cluster.local');
      expect(await shell(name, 'iptables -S | grep -c STAND-IN-FIREWALLD || true')).toBe('0');
      if (!roles.includes('master')) continue;
      expect(await shell(name, 'cat /etc/kubernetes/manifests/kube-scheduler.json')).toContain(
        '"--leader-elect"',
      );
      // The seed redirects the log after keepalived's last start, so the file is there with the next thing it says.
      await shell(name, 'kill -HUP "$(systemctl show -P MainPID keepalived)"');
      await waitFor(`a log of keepalived on ${name}`, { timeoutMs: 20_000 }, async () => {
        const log = await shell(name, 'cat /var/log/keepalived.log || true');
        return log.includes('Keepalived') ? { done: undefined } : { missing: log };
      });
      expect(await shell(name, 'systemctl is-enabled keepalived')).toBe('enabled');
    }
    expect(await readMarker(place)).toBe('v1.4.5');
  });

  test('gone through again it finds all done: nobody is initialized, joined or repaired twice', async () => {
    const again = recordedLab(place, () => Promise.resolve());
    const { repairs } = await createSeedCluster({ lab: again.lab, plan, bundle, progress: silentProgress });
    expect(repairs).toEqual([]);
    const deeds = again.hosts.flatMap(({ log }) => log.map(({ deed }) => deed));
    expect(
      deeds.filter((deed) => /^(kubeadm|bring|yum|ifconfig|kubectl (label|delete))|localinstall/.test(deed)),
    ).toEqual([]);
    expect(await shell(MASTER1, 'grep -c " 10-10-103-97.node$" /etc/hosts')).toMatch(/^[12]$/);
  });
});
