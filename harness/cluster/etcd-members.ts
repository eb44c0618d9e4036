// Asking etcd's members how they are. Over plain HTTP the observer does, as a client would. Where members want a client
// certificate, each host asks the member on it: the certificate and its key stay where they are.
import { CommandError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { hostsWithRole, type FoundCluster, type HostPlan } from '../core/topology.ts';
import { etcdEndpoints } from './etcd.ts';

type Tls = NonNullable<FoundCluster['etcd']['tls']>;

const STATUS_PATH = '/v3/maintenance/status';
/** kubeadm lets etcd tell its health and its metrics there, to its own host and in the clear (--listen-metrics-urls). */
const METRICS_URL = 'http://127.0.0.1:2381';
const TIMEOUT_MS = 10_000;
/** Of a shell: there is no such program. */
const NOT_FOUND = 127;

/** What an etcd client presents, and whom it trusts. */
export interface EtcdCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Endpoints of members that answer a health request, which in etcd means a proposal that was committed. */
export async function healthyEtcdEndpoints(lab: Lab): Promise<readonly string[]> {
  const { topology } = lab.descriptor;
  const tls = topology.found?.etcd.tls;
  const members = hostsWithRole(topology, 'etcd');
  const results = await Promise.all(
    etcdEndpoints(topology).map(async (endpoint, index) => {
      const host = lab.host(members[index]?.name ?? '');
      const said = tls ? await healthSaid(host, endpoint, tls) : await plainHealth(lab.observer, endpoint);
      return /"health"\s*:\s*"?true/.test(said) ? endpoint : undefined;
    }),
  );
  return results.filter((endpoint) => endpoint !== undefined);
}

/** The host of etcd's leader by the members' own account; undefined when none of them leads. */
export async function etcdLeaderOf(lab: Lab): Promise<string | undefined> {
  const { topology } = lab.descriptor;
  const tls = topology.found?.etcd.tls;
  const leaders = await Promise.all(
    hostsWithRole(topology, 'etcd').map(async (plan) => {
      const isLeader = tls ? await leadsBehindTls(lab.host(plan.name), plan, tls) : await leads(lab, plan);
      return isLeader ? plan.name : undefined;
    }),
  );
  return leaders.find((name) => name !== undefined);
}

/** For a client on the lab network; undefined where members want no certificate, or no host gives one. */
export async function readEtcdCredentials(lab: Lab): Promise<EtcdCredentials | undefined> {
  const { topology } = lab.descriptor;
  const tls = topology.found?.etcd.tls;
  if (!tls) return undefined;
  const hosts = hostsWithRole(topology, 'etcd').map(({ name }) => lab.host(name));
  return Promise.any(
    hosts.map(async (host) => {
      const files = await Promise.all([tls.ca, tls.cert, tls.key].map((path) => host.download(path)));
      const [caPem = '', certPem = '', keyPem = ''] = files.map(String);
      return { caPem, certPem, keyPem };
    }),
  ).catch(() => undefined);
}

/** Members whose client port a client on the lab network cannot connect to, as behind a firewall. */
export async function unreachableMembers(lab: Lab): Promise<readonly string[]> {
  const { topology } = lab.descriptor;
  const endpoints = etcdEndpoints(topology);
  const unreachable = await Promise.all(
    hostsWithRole(topology, 'etcd').map(async ({ name }, index) => {
      // Whether it likes a client without a certificate is another question.
      const argv = ['curl', '-sk', '-o', '/dev/null', '-m', '2', `${endpoints[index] ?? ''}/version`];
      const acceptExitCodes = Array.from({ length: 256 }, (_, code) => code);
      const { exitCode } = await lab.observer.run(argv, { acceptExitCodes, timeoutMs: TIMEOUT_MS });
      return [7, 28].includes(exitCode) ? [name] : [];
    }),
  );
  return unreachable.flat();
}

async function plainHealth(observer: Host, endpoint: string): Promise<string> {
  const argv = ['curl', '-fsS', '-m', '3', `${endpoint}/health`];
  const { stdout } = await observer.run(argv, { acceptExitCodes: [0, 7, 22, 28], timeoutMs: 6_000 });
  return stdout;
}

async function leads({ observer }: Lab, { address }: HostPlan): Promise<boolean> {
  const url = `http://${address}:2379${STATUS_PATH}`;
  const { stdout } = await observer.run(['curl', '-s', '-m', '2', '-d', '{}', url], {
    acceptExitCodes: [0, 7, 28, 52, 56],
    timeoutMs: 5_000,
  });
  return saysItLeads(stdout);
}

function saysItLeads(status: string): boolean {
  const memberId = /"member_id":"(\d+)"/.exec(status)?.[1];
  return memberId !== undefined && memberId === /"leader":"(\d+)"/.exec(status)?.[1];
}

async function healthSaid(host: Host, endpoint: string, tls: Tls): Promise<string> {
  return onHost(
    host,
    `${secureCurl(tls)} -f ${endpoint}/health || curl -fsS -m 3 ${METRICS_URL}/health || true`,
  );
}

async function leadsBehindTls(host: Host, { address }: HostPlan, tls: Tls): Promise<boolean> {
  const said = await onHost(
    host,
    `${secureCurl(tls)} -f -d '{}' https://${address}:2379${STATUS_PATH} ||
  curl -fsS -m 3 ${METRICS_URL}/metrics | grep '^etcd_server_is_leader ' || true`,
  );
  return saysItLeads(said) || /^etcd_server_is_leader 1$/m.test(said);
}

function secureCurl({ ca, cert, key }: Tls): string {
  return `curl -sS -m 3 --cacert ${ca} --cert ${cert} --key ${key}`;
}

/** A host that does not answer says nothing of its member. */
async function onHost(host: Host, script: string): Promise<string> {
  const without =
    'command -v curl > /dev/null || { echo "there is no curl here, with which etcd is asked" >&2; exit 127; }';
  try {
    const { stdout } = await host.run(['sh', '-c', `${without}\n${script}`], { timeoutMs: TIMEOUT_MS });
    return stdout;
  } catch (thrown) {
    // Without curl nothing is known of the member, which is not the same as that it says nothing.
    if (thrown instanceof CommandError && thrown.failure.exitCode === NOT_FOUND) throw thrown;
    return '';
  }
}
