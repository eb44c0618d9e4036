// Whom a fault strikes, said by role: the hosts that a selector means now.
import type { Cluster } from '../cluster/cluster.ts';
import { hostAliases } from '../core/host-names.ts';
import { EnvironmentError, HoldfastError } from '../core/errors.ts';
import { hasVrrp, whyWithout } from '../core/facts.ts';
import { unknownName } from '../core/suggest.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';

/** Draws the next number from 0 to below 1; from the run's seed. */
export type Random = () => number;

/** What knows who is who: the live cluster, or a design alone. */
export type WhoIsWho = Pick<Cluster, 'topology' | 'vipHolders' | 'etcdLeader' | 'leaseHolder'>;

interface Asked {
  readonly cluster: WhoIsWho;
  readonly random: Random;
}

type Selector = (asked: Asked) => Promise<readonly string[]>;

const masters = ({ cluster }: Pick<Asked, 'cluster'>): string[] =>
  hostsWithRole(cluster.topology, 'master').map(({ name }) => name);
const members = ({ cluster }: Asked): string[] =>
  hostsWithRole(cluster.topology, 'etcd').map(({ name }) => name);
const everyone = ({ cluster }: Asked): string[] => cluster.topology.hosts.map(({ name }) => name);

/** By name, with what each means. */
const SELECTORS: Readonly<Record<string, { readonly summary: string; readonly select: Selector }>> = {
  'vip-holder': { summary: 'the master that holds the VIP', select: vipHolder },
  standby: {
    summary: 'a master that does not hold the VIP, the next to take it over',
    select: async (asked) => (await standbys(asked)).slice(0, 1),
  },
  standbys: { summary: 'all masters that do not hold the VIP', select: standbys },
  masters: { summary: 'all masters', select: (asked) => Promise.resolve(masters(asked)) },
  nodes: {
    summary: 'all nodes',
    select: ({ cluster }) => Promise.resolve(hostsWithRole(cluster.topology, 'node').map(({ name }) => name)),
  },
  all: { summary: 'every host', select: (asked) => Promise.resolve(everyone(asked)) },
  'etcd-leader': { summary: "the host of etcd's leader", select: etcdLeader },
  'etcd-follower': {
    summary: 'the first host of an etcd member that does not lead',
    select: async (asked) => {
      const [leader] = await etcdLeader(asked);
      return members(asked)
        .filter((name) => name !== leader)
        .slice(0, 1);
    },
  },
  minority: {
    summary: 'as many etcd members as may fail, or one if none may',
    select: (asked) => {
      const all = members(asked);
      return Promise.resolve(all.slice(0, Math.max(1, Math.ceil(all.length / 2) - 1)));
    },
  },
  'controller-manager-leader': {
    summary: 'the master whose controller-manager leads',
    select: (asked) => leaseHolder(asked, 'kube-controller-manager'),
  },
  'scheduler-leader': {
    summary: 'the master whose scheduler leads',
    select: (asked) => leaseHolder(asked, 'kube-scheduler'),
  },
  random: {
    summary: 'any host, drawn from the seed',
    select: (asked) => Promise.resolve(drawn(everyone(asked), asked.random)),
  },
  'random-master': {
    summary: 'any master, drawn from the seed',
    select: (asked) => Promise.resolve(drawn(masters(asked), asked.random)),
  },
};

export const SELECTOR_SUMMARIES = Object.entries(SELECTORS).map(([name, { summary }]) => ({ name, summary }));

/**
 * The hosts, where all of them are named and the cluster need not be asked who is who; undefined where it must be.
 * @throws UsageError for a name that means nothing
 */
export function namedTargets(topology: Topology, text: string): readonly string[] | undefined {
  const aliases = hostAliases(topology);
  const hosts = partsOf(text).map((part) => {
    if (!aliases.has(part) && !(part in SELECTORS)) throw unknownTarget(topology, part);
    return aliases.get(part);
  });
  return hosts.every((host) => host !== undefined) ? [...new Set(hosts)] : undefined;
}

/**
 * The hosts that are meant: a host's name, master2 or node1 by the topology's order, a selector, or several of these
 * with commas between. None twice.
 * @throws UsageError for a name that means nothing; HoldfastError when nobody is what is asked for
 */
export async function resolveTargets(asked: Asked, text: string): Promise<readonly string[]> {
  const hosts: string[] = [];
  for (const part of partsOf(text)) hosts.push(...(await resolveOne(asked, part)));
  return [...new Set(hosts)];
}

function partsOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

function unknownTarget(topology: Topology, part: string): Error {
  return unknownName('target', part, [...hostAliases(topology).keys(), ...Object.keys(SELECTORS)]);
}

async function resolveOne(asked: Asked, part: string): Promise<readonly string[]> {
  const { topology } = asked.cluster;
  const named = hostAliases(topology).get(part);
  if (named !== undefined) return [named];
  const selector = SELECTORS[part];
  if (!selector) throw unknownTarget(topology, part);
  const hosts = await selector.select(asked);
  if (hosts.length === 0) throw new HoldfastError(`no host is ${selector.summary} now`);
  return hosts;
}

async function vipHolder({ cluster }: Asked): Promise<readonly string[]> {
  const missing = whyWithout(cluster.topology, ['vrrp']);
  if (missing !== undefined) throw new EnvironmentError(missing);
  const holders = await cluster.vipHolders();
  if (holders.length === 1) return holders;
  throw new HoldfastError(`expected one holder of the VIP, found ${holders.join(', ') || 'none'}`);
}

/** Where no master holds it, that is all of them. */
async function standbys(asked: Asked): Promise<readonly string[]> {
  if (!hasVrrp(asked.cluster.topology)) return masters(asked);
  const [holder] = await vipHolder(asked);
  return masters(asked).filter((name) => name !== holder);
}

async function etcdLeader({ cluster }: Asked): Promise<readonly string[]> {
  const leader = await cluster.etcdLeader();
  if (leader === undefined) throw new HoldfastError('etcd has no leader now');
  return [leader];
}

async function leaseHolder({ cluster }: Asked, lease: string): Promise<readonly string[]> {
  const holder = await cluster.leaseHolder(lease);
  if (holder === undefined) throw new HoldfastError(`nobody holds the lease ${lease} now`);
  if (cluster.topology.found && !masters({ cluster }).includes(holder)) {
    throw new HoldfastError(`the lease ${lease} is held by ${holder}, which is the name of no master`);
  }
  return [holder];
}

function drawn(hosts: readonly string[], random: Random): string[] {
  const host = hosts[Math.floor(random() * hosts.length)];
  return host === undefined ? [] : [host];
}
