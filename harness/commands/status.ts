// holdfast status: which labs exist, and how their hosts, VIP, nodes and etcd are. Works when half of it is down.
import type { Command } from 'commander';
import type { Cluster, NodeStates } from '../cluster/cluster.ts';
import { etcdEndpoints, etcdMemberName } from '../cluster/etcd.ts';
import { vipHolders } from '../cluster/vip.ts';
import { explainError } from '../core/errors.ts';
import type { PowerState } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import { withTimeout } from '../core/wait.ts';
import { findLabs, type FoundLab } from './labs.ts';

const QUESTION_TIMEOUT_MS = 15_000;

/** Why there is no answer. */
interface Unknown {
  readonly unknown: string;
}

export interface LabStatus {
  readonly run: string;
  readonly provider: string;
  /** 0 has the topology's own addresses. */
  readonly instance: number;
  readonly topology: string;
  readonly createdAt: string;
  readonly hosts: readonly HostStatus[];
  readonly vip: { readonly address: string; readonly holders: readonly string[] };
  readonly nodes: NodeStates | Unknown;
  readonly etcd: readonly EtcdMemberStatus[] | Unknown;
}

interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly string[];
  readonly power: PowerState | Unknown;
}

interface EtcdMemberStatus {
  readonly name: string;
  readonly host: string;
  readonly healthy: boolean;
}

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('which labs exist, and how their hosts, VIP, nodes and etcd are')
    .option('--json', 'as JSON: {"labs": […]}')
    .addHelpText(
      'after',
      '\nExamples:\n  holdfast status\n  holdfast status --json | jq ".labs[].vip.holders"',
    )
    .action(async ({ json }: { json?: true }) => {
      const labs = await Promise.all((await findLabs()).map(labStatus));
      process.stdout.write(json ? `${JSON.stringify({ labs }, null, 2)}\n` : renderStatus(labs));
    });
}

/** Asks everything at once. What does not answer within its limit is unknown, with the reason. */
export async function labStatus({ descriptor, attach }: FoundLab): Promise<LabStatus> {
  const { runId, provider, instance, createdAt, topology } = descriptor;
  const lab = await answer('the lab', attach());
  const known = isUnknown(lab) ? { hosts: [], holders: [], nodes: lab, etcd: lab } : await askLab(lab);
  const { holders, ...rest } = known;
  const vip = { address: topology.vip.address, holders };
  return { run: runId, provider, instance, topology: topology.name, createdAt, vip, ...rest };
}

async function askLab(
  lab: Lab,
): Promise<Pick<LabStatus, 'hosts' | 'nodes' | 'etcd'> & { holders: readonly string[] }> {
  const { topology } = lab.descriptor;
  const masters = hostsWithRole(topology, 'master').map(({ name }) => lab.host(name));
  const machines = [...topology.hosts, { ...topology.observer, roles: ['observer'] }];
  const [hosts, holders, cluster] = await Promise.all([
    Promise.all(
      machines.map(async ({ name, address, roles }) => {
        const power = await answer('its power state', lab.power(name).state());
        return { name, address, roles, power };
      }),
    ),
    vipHolders(masters, topology.vip.address),
    answer('a master with credentials', attachCluster(lab)),
  ]);
  if (isUnknown(cluster)) return { hosts, holders, nodes: cluster, etcd: cluster };
  const [nodes, healthy] = await Promise.all([
    answer('the list of nodes', cluster.nodeStates()),
    answer("etcd's health", cluster.etcdHealthy()),
  ]);
  cluster.close();
  return { hosts, holders, nodes, etcd: isUnknown(healthy) ? healthy : etcdMembers(topology, healthy) };
}

async function attachCluster(lab: Lab): Promise<Cluster> {
  // Loaded when there is a lab to ask: the Kubernetes client is the slowest of all packages.
  const cluster = await import('../cluster/cluster.ts');
  return cluster.Cluster.attach(lab);
}

function etcdMembers(topology: Topology, healthy: readonly string[]): EtcdMemberStatus[] {
  const endpoints = etcdEndpoints(topology);
  return hostsWithRole(topology, 'etcd').map((host, index) => ({
    name: topology.found ? (host.etcdName ?? host.name) : etcdMemberName(host),
    host: host.name,
    healthy: healthy.includes(endpoints[index] ?? ''),
  }));
}

async function answer<T>(what: string, question: Promise<T>): Promise<T | Unknown> {
  try {
    return await withTimeout(what, QUESTION_TIMEOUT_MS, question);
  } catch (thrown) {
    return { unknown: explainError(thrown) };
  }
}

function isUnknown(value: object | string): value is Unknown {
  return typeof value === 'object' && 'unknown' in value;
}

export function renderStatus(labs: readonly LabStatus[]): string {
  if (labs.length === 0) return 'no lab exists\n';
  return labs.map((lab) => `${renderLab(lab).join('\n')}\n`).join('\n');
}

function renderLab(lab: LabStatus): string[] {
  const width = Math.max(0, ...lab.hosts.map(({ name }) => name.length));
  return [
    `run ${lab.run}: topology ${lab.topology}, provider ${lab.provider}, instance ${lab.instance}, since ${lab.createdAt}`,
    ...lab.hosts.map(({ name, address, roles, power }) => {
      const state = isUnknown(power) ? whyUnknown(power) : power;
      return `  ${name.padEnd(width)}  ${address.padEnd(15)}  ${state.padEnd(3)}  ${roles.join(', ')}`;
    }),
    `  VIP ${lab.vip.address}: ${holdersText(lab.vip.holders)}`,
    `  nodes: ${isUnknown(lab.nodes) ? whyUnknown(lab.nodes) : nodesText(lab.nodes)}`,
    `  etcd: ${isUnknown(lab.etcd) ? whyUnknown(lab.etcd) : etcdText(lab.etcd)}`,
  ];
}

function holdersText(holders: readonly string[]): string {
  if (holders.length === 0) return 'held by no master that answers';
  return `held by ${holders.join(' AND ')}`;
}

function nodesText({ ready, notReady }: NodeStates): string {
  const total = ready.length + notReady.length;
  const missing = notReady.length === 0 ? '' : `; not Ready: ${notReady.join(', ')}`;
  return `${ready.length} of ${total} Ready${missing}`;
}

function etcdText(members: readonly EtcdMemberStatus[]): string {
  return members
    .map(({ name, host, healthy }) => `${name} on ${host} ${healthy ? 'healthy' : 'NOT healthy'}`)
    .join(', ');
}

/** The first line; --json has it whole. */
function whyUnknown({ unknown }: Unknown): string {
  return `not known: ${unknown.split('\n', 1)[0] ?? ''}`;
}
