// Steady state: what must hold before a fault is injected and must hold again afterwards.
import { asError } from '../core/errors.ts';
import { whyWithout, type Need } from '../core/facts.ts';
import { clusterMembers } from '../core/topology.ts';
import type { Attempt } from '../core/wait.ts';
import type { Cluster } from './cluster.ts';
import { etcdEndpoints } from './etcd.ts';
import { preferredHolder } from './keepalived.ts';
import { effectivePriority, electMaster } from '../oracle/vrrp.ts';

/** What is missing; undefined when the demand holds, else what was found instead. */
type Demand = (cluster: Cluster) => Promise<string | undefined>;

const DEMANDS: Readonly<Record<string, { readonly needs?: readonly Need[]; readonly ask: Demand }>> = {
  'all nodes Ready': {
    ask: async (cluster) => {
      const { ready } = await cluster.nodeStates();
      const missing = clusterMembers(cluster.topology).filter((host) => !ready.includes(host.name));
      return missing.length === 0 ? undefined : `not Ready: ${missing.map((host) => host.name).join(', ')}`;
    },
  },
  'all logapi replicas available': {
    needs: ['workload'],
    ask: async (cluster) => {
      const { wanted, available } = await cluster.logapiReplicas();
      return wanted > 0 && available === wanted ? undefined : `${available} of ${wanted} available`;
    },
  },
  'every kubelet heard of since its host booted': {
    ask: async (cluster) => {
      const silent = await cluster.silentSinceBoot();
      return silent.length === 0 ? undefined : `not yet: ${silent.join(', ')}`;
    },
  },
  'logapi answers on every node': {
    needs: ['workload'],
    ask: async (cluster) => {
      const silent = await cluster.logapiSilentOn();
      return silent.length === 0 ? undefined : `not on ${silent.join(', ')}`;
    },
  },
  'VIP on the preferred master alone': {
    needs: ['vrrp'],
    ask: async (cluster) => {
      const holders = await cluster.vipHolders();
      const preferred = await preferredNow(cluster);
      const isRight = preferred === undefined || holders[0] === preferred;
      return holders.length === 1 && isRight
        ? undefined
        : `held by ${holders.join(', ') || 'nobody'}, preferred is ${preferred ?? 'any one master'}`;
    },
  },
  // It may be on the right host while clients still send to the one that had it before.
  'API answers through the VIP': { ask: (cluster) => cluster.vipSilence() },
  'every host sends to the holder of the VIP': {
    needs: ['vrrp'],
    ask: async (cluster) => {
      const misled = await cluster.misled();
      if (!misled) return 'nobody holds it alone';
      return misled.hosts.length === 0 ? undefined : `${misled.hosts.join(', ')} to another`;
    },
  },
  'keepalived runs on every master': {
    needs: ['vrrp'],
    ask: async (cluster) => {
      const silent = await cluster.withoutKeepalived();
      return silent.length === 0 ? undefined : `not on ${silent.join(', ')}`;
    },
  },
  // A scenario may want it in another variant than the topology says.
  'no pod of kube-dns missing': {
    ask: async (cluster) => {
      const replicas = await cluster.dnsReplicas();
      if (!replicas) {
        return (cluster.topology.dns ?? 'none') === 'none' ? undefined : 'there is no kube-dns';
      }
      const { wanted, available } = replicas;
      // Who built the cluster may have scaled it to nothing.
      const isWanted = wanted > 0 || cluster.topology.found !== undefined;
      return isWanted && available === wanted ? undefined : `${available} of ${wanted} available`;
    },
  },
  'all etcd members healthy': {
    ask: async (cluster) => {
      const healthy = await cluster.etcdHealthy();
      const missing = etcdEndpoints(cluster.topology).filter((endpoint) => !healthy.includes(endpoint));
      return missing.length === 0 ? undefined : `not healthy: ${missing.join(', ')}`;
    },
  },
};

/**
 * Where the VIP has to be while all are well. Somebody else's keepalived may not preempt, or have equals: then whoever has
 * it keeps it, and any one master will do (undefined).
 */
async function preferredNow(cluster: Cluster): Promise<string | undefined> {
  if (!cluster.topology.found) return preferredHolder(cluster.topology).name;
  const instances = await cluster.vrrpInstances();
  const best = electMaster(instances);
  if (!best?.preempt) return undefined;
  const equals = instances.filter((one) => effectivePriority(one) === effectivePriority(best));
  return equals.length === 1 ? best.host : undefined;
}

function demandsOf({ topology }: Cluster): readonly string[] {
  return Object.keys(DEMANDS).filter((name) => whyWithout(topology, DEMANDS[name]?.needs) === undefined);
}

export interface SteadyFindings {
  readonly ok: boolean;
  /** One line per demand, kept or not. */
  readonly findings: readonly string[];
}

/** Asks every demand once. A demand that cannot be asked does not hold. */
export async function inspectSteadyState(cluster: Cluster): Promise<SteadyFindings> {
  const answers = await Promise.all(demandsOf(cluster).map((name) => ask(cluster, name)));
  return { ok: answers.every((answer) => answer.ok), findings: answers.map((answer) => answer.line) };
}

/**
 * For waitFor: the findings once all hold, or the first that does not. Asks one demand after the other, the cheapest
 * first, so that waiting for a cluster to come back does not load the machine that it comes back on.
 */
export async function attemptSteadyState(cluster: Cluster): Promise<Attempt<SteadyFindings>> {
  const findings: string[] = [];
  for (const name of demandsOf(cluster)) {
    const answer = await ask(cluster, name);
    if (!answer.ok) return { missing: answer.line };
    findings.push(answer.line);
  }
  return { done: { ok: true, findings } };
}

async function ask(cluster: Cluster, name: string): Promise<{ readonly ok: boolean; readonly line: string }> {
  const found = await DEMANDS[name]?.ask(cluster).catch((thrown: unknown) => asError(thrown).message);
  return { ok: found === undefined, line: found === undefined ? `${name}: yes` : `${name}: no, ${found}` };
}
