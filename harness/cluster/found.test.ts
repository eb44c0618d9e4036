// Asking a cluster that somebody else built: its etcd behind TLS, its keepalived in a pod, its steady state.
import { describe, expect, test } from 'vitest';
import { BALANCED, FOUND, STACKED, STACKED_INSTANCES } from '../../fixtures/runs/found-topology.ts';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import type { VrrpInstance } from '../core/record.ts';
import type { Topology } from '../core/topology.ts';
import { fakeLab, type FakeLab } from '../hosts/fake-lab.ts';
import { Cluster } from './cluster.ts';
import { withScriptContents } from './check-scripts.ts';
import { etcdEndpoints } from './etcd.ts';
import {
  etcdLeaderOf,
  healthyEtcdEndpoints,
  readEtcdCredentials,
  unreachableMembers,
} from './etcd-members.ts';
import { takeFingerprint } from './fingerprint.ts';
import { preferredHolder } from './keepalived.ts';
import { attemptSteadyState, inspectSteadyState } from './steady.ts';
import { problemsOf } from './topology-rules.ts';
import { takeVitals } from './vitals.ts';

const PEM = Buffer.from('pem').toString('base64');
const ADMIN_CONF = `apiVersion: v1
kind: Config
current-context: c
contexts: [{ name: c, context: { cluster: k, user: u } }]
clusters: [{ name: k, cluster: { server: 'https://x', certificate-authority-data: ${PEM} } }]
users: [{ name: u, user: { client-certificate-data: ${PEM}, client-key-data: ${PEM} } }]
`;

async function clusterOn(topology: Topology): Promise<{ lab: FakeLab; cluster: Cluster }> {
  const lab = fakeLab(topology);
  await lab.host(topology.hosts[0]?.name ?? '').upload('/etc/kubernetes/admin.conf', ADMIN_CONF);
  return { lab, cluster: await Cluster.attach(lab) };
}

test('a cluster of which no master has credentials is not attached to, and one reason is told', async () => {
  await expect(Cluster.attach(fakeLab(STACKED))).rejects.toThrow(
    /^no master has credentials for the API: cp-1: .*admin\.conf/,
  );
});

/** Answers for what etcd's own hosts are asked with a shell. */
function members(lab: FakeLab, say: (host: string) => string | undefined): void {
  for (const host of lab.hosts) {
    host.when('sh -c', () => {
      const stdout = say(host.name);
      return stdout === undefined ? { exitCode: 255, stderr: 'no route' } : { stdout };
    });
  }
}

describe('etcd behind TLS', () => {
  test('is asked by its own hosts, with the certificates that are there', async () => {
    const lab = fakeLab(STACKED);
    members(lab, (host) =>
      host === 'cp-2' ? '{"health":"false"}' : host === 'cp-3' ? undefined : '{"health":"true"}',
    );
    expect(etcdEndpoints(STACKED)[0]).toBe('https://10.10.102.91:2379');
    expect(await healthyEtcdEndpoints(lab)).toEqual(['https://10.10.102.91:2379']);
    expect(lab.observer.commands).toEqual([]);
    const script = lab.host('cp-1').commands[0]?.argv.at(-1);
    expect(script).toContain(
      '--cacert /pki/etcd/ca.crt --cert /pki/etcd/client.crt --key /pki/etcd/client.key',
    );
    expect(script).toContain('http://127.0.0.1:2381/health');
  });

  test.each([
    ['its account', '{"header":{"member_id":"7"},"leader":"7"}', '{"header":{"member_id":"8"},"leader":"7"}'],
    ['its metrics', 'etcd_server_is_leader 1\n', 'etcd_server_is_leader 0\n'],
  ])('tells its leader by %s', async (_, leads, follows) => {
    const lab = fakeLab(STACKED);
    members(lab, (host) => (host === 'cp-3' ? leads : follows));
    expect(await etcdLeaderOf(lab)).toBe('cp-3');
    members(lab, () => follows);
    expect(await etcdLeaderOf(lab)).toBeUndefined();
  });

  test('cannot be asked on a host without curl, and that is no sick member', async () => {
    const lab = fakeLab(STACKED);
    for (const host of lab.hosts) host.when('sh -c', { exitCode: 127, stderr: 'there is no curl here' });
    await expect(healthyEtcdEndpoints(lab)).rejects.toThrow('no curl');
  });

  test('gives a client its credentials, from any host that has them', async () => {
    const lab = fakeLab(STACKED);
    expect(await readEtcdCredentials(lab)).toBeUndefined();
    for (const [path, text] of Object.entries({ ca: 'CA', client: 'CERT' })) {
      await lab.host('cp-2').upload(`/pki/etcd/${path}.crt`, text);
    }
    await lab.host('cp-2').upload('/pki/etcd/client.key', 'KEY');
    expect(await readEtcdCredentials(lab)).toEqual({ caPem: 'CA', certPem: 'CERT', keyPem: 'KEY' });
    expect(await readEtcdCredentials(fakeLab(TOPOLOGY))).toBeUndefined();
  });

  test('is out of reach where nothing answers, not where it wants a certificate', async () => {
    const lab = fakeLab(STACKED);
    lab.observer.when('curl', { exitCode: 56 });
    lab.observer.when((argv) => argv.at(-1)?.includes('10.10.102.92') === true, { exitCode: 7 });
    expect(await unreachableMembers(lab)).toEqual(['cp-2']);
  });
});

describe('keepalived', () => {
  test('in a pod runs where a process of it does', async () => {
    const { lab, cluster } = await clusterOn(STACKED);
    lab.host('cp-1').when('sh -c', { stdout: '7\n8\n' });
    lab.host('cp-2').when('sh -c', { stdout: '9\n' });
    lab.host('cp-3').when('sh -c', { exitCode: 1 });
    expect(await cluster.withoutKeepalived()).toEqual(['cp-3']);
  });

  test('is not asked for its configuration where it is not there', async () => {
    const { cluster } = await clusterOn(BALANCED);
    expect(await cluster.vrrpInstances()).toEqual([]);
    expect(preferredHolder(BALANCED).name).toBe('cp-1');
  });

  test('is read from where its configuration was found, with what its check script holds', async () => {
    const { lab, cluster } = await clusterOn(STACKED);
    for (const { name } of cluster.masters) {
      const conf = `vrrp_script check {\n script "/etc/ha/check.sh 1"\n interval 2\n}
vrrp_instance API {\n interface ens3\n virtual_router_id 7\n priority 100\n virtual_ipaddress { ${STACKED.vip.address} }\n track_script { check }\n}\n`;
      await lab.host(name).upload('/etc/ha/keepalived.conf', conf);
      lab.host(name).when('sh -c', ({ argv }) => ({ stdout: `#!/bin/sh\n# ${argv.at(-1) ?? ''}\n` }));
    }
    const [first] = await cluster.vrrpInstances();
    expect(first?.trackScripts[0]).toMatchObject({ content: '#!/bin/sh\n# /etc/ha/check.sh\n' });
  });

  test('may run a program as its check, of which nothing is to be read', async () => {
    const { lab } = await clusterOn(STACKED);
    lab.host('cp-1').when('sh -c', { stdout: '\u007FELF…' });
    const [instance] = await withScriptContents(lab.host('cp-1'), STACKED_INSTANCES.slice(0, 1));
    expect(instance?.trackScripts[0]).not.toHaveProperty('content');
  });
});

test('leaders are known by what their hosts call themselves', async () => {
  const { lab, cluster } = await clusterOn(STACKED);
  lab.host('cp-1').when('uname -n', { stdout: 'cp-1.rack7.test\n' });
  lab.host('cp-2').when('uname -n', { stdout: 'cp-2\n' });
  lab.host('cp-3').when('uname -n', { exitCode: 255 });
  expect(await cluster.hostsByHostname()).toEqual({ 'cp-1.rack7.test': 'cp-1', 'cp-2': 'cp-2' });
  lab.host('cp-3').when('uname -n', { stdout: 'node-c\n' });
  expect(await cluster.hostsByHostname()).toMatchObject({ 'node-c': 'cp-3' });
  const own = await clusterOn(TOPOLOGY);
  expect(await own.cluster.hostsByHostname()).toEqual({});
});

describe('steady state', () => {
  const demandsOn = async (topology: Topology): Promise<string[]> => {
    const { cluster } = await clusterOn(topology);
    return (await inspectSteadyState(cluster)).findings.map((line) => line.split(':')[0] ?? '');
  };

  test('demands nothing of a workload that is not there, nor of a VIP that is not keepalived’s', async () => {
    const whole = await demandsOn(TOPOLOGY);
    const stacked = await demandsOn(STACKED);
    const balanced = await demandsOn(BALANCED);
    expect(whole.filter((name) => !stacked.includes(name))).toEqual([
      'all logapi replicas available',
      'logapi answers on every node',
    ]);
    expect(stacked.filter((name) => !balanced.includes(name))).toEqual([
      'VIP on the preferred master alone',
      'every host sends to the holder of the VIP',
      'keepalived runs on every master',
    ]);
    expect(balanced).toContain('API answers through the VIP');
  });

  const whereItMayBe = async (instances: readonly VrrpInstance[], holder: string): Promise<string> => {
    const cluster = {
      topology: STACKED,
      nodeStates: () => Promise.resolve({ ready: STACKED.hosts.map(({ name }) => name), notReady: [] }),
      silentSinceBoot: () => Promise.resolve([]),
      vipHolders: () => Promise.resolve([holder]),
      vrrpInstances: () => Promise.resolve(instances),
      vipSilence: () => Promise.resolve('reached'),
    } as unknown as Cluster;
    const attempt = await attemptSteadyState(cluster);
    return 'missing' in attempt ? attempt.missing : 'steady';
  };
  const BEYOND = 'API answers through the VIP: no, reached';

  test('wants the VIP where keepalived elects it, by the live configuration', async () => {
    expect(await whereItMayBe(STACKED_INSTANCES, 'cp-1')).toBe(BEYOND);
    expect(await whereItMayBe(STACKED_INSTANCES, 'cp-2')).toContain('held by cp-2, preferred is cp-1');
  });

  test.each<[string, Partial<VrrpInstance>]>([
    ['nobody preempts', { preempt: false }],
    ['all are equals', { priority: 100 }],
  ])('leaves it with whoever has it where %s', async (_, change) => {
    const instances = STACKED_INSTANCES.map((instance) => ({ ...instance, ...change }));
    expect(await whereItMayBe(instances, 'cp-2')).toBe(BEYOND);
  });
});

describe('what hosts are asked before and after', () => {
  test('has no line of a workload that is not there, and asks the interface of the host’s own address', async () => {
    const { lab, cluster } = await clusterOn(STACKED);
    const stubbed = Object.assign(cluster, {
      nodeStates: () => Promise.resolve({ ready: [], notReady: [] }),
      etcdHealthy: () => Promise.resolve([]),
      dnsReplicas: () => Promise.resolve(undefined),
    });
    for (const host of lab.hosts) host.when('sh -s', { stdout: '@@ addresses\n10.10.102.91/23\n' });
    const parts = await takeFingerprint(stubbed);
    expect(parts).toMatchObject({ 'cp-1 addresses': '10.10.102.91/23' });
    expect(parts).not.toHaveProperty('cluster logapi replicas');
    const [{ argv, stdin } = { argv: [], stdin: '' }] = lab.host('cp-1').commands.slice(-1);
    expect(argv).toEqual(['sh', '-s', '--', '10.10.102.91']);
    expect(stdin).not.toContain('eth0');
    expect(stdin).toContain('crio');
  });

  test('tells the lives of what runs in pods', async () => {
    const lab = fakeLab(STACKED);
    for (const host of lab.hosts) host.when('sh -s', { stdout: 'boot=1\n' });
    await takeVitals(lab.hosts, STACKED);
    expect(lab.host('cp-1').commands[0]?.stdin).toContain('name["(etcd)"] = "etcd"; name["(keepalived)"]');
    await takeVitals(lab.hosts);
    expect(lab.host('cp-1').commands[1]?.stdin).not.toContain('name["(etcd)"]');
  });
});

test('how somebody else built a cluster is no mistake of a topology', () => {
  const odd: Topology = {
    ...STACKED,
    vip: { address: '192.0.2.7', prefixLength: 32 },
    hosts: STACKED.hosts.map((host) => ({ ...host, ...(host.priority !== undefined && { priority: 100 }) })),
    found: FOUND,
  };
  expect(problemsOf(odd)).toEqual([]);
  const { found, ...ours } = odd;
  expect(found && problemsOf(ours).length).toBeGreaterThan(0);
  const twice: Topology = { ...odd, hosts: [...odd.hosts, ...odd.hosts.slice(0, 1)] };
  expect(problemsOf(twice).map(({ text }) => text)).toContainEqual(expect.stringContaining('has already'));
});
