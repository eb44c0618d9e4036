// Steady state: what must hold before a fault is injected and must hold again afterwards.
import { asError } from '../core/errors.ts';
import { clusterMembers } from '../core/topology.ts';
import type { Attempt } from '../core/wait.ts';
import type { Cluster } from './cluster.ts';
import { etcdEndpoints } from './etcd.ts';
import { preferredHolder } from './keepalived.ts';

/** One demand: undefined when it holds, else what was found instead. */
type Demand = (cluster: Cluster) => Promise<string | undefined>;

const DEMANDS: Readonly<Record<string, Demand>> = {
  'all nodes Ready': async (cluster) => {
    const { ready } = await cluster.nodeStates();
    const missing = clusterMembers(cluster.topology).filter((host) => !ready.includes(host.name));
    return missing.length === 0 ? undefined : `not Ready: ${missing.map((host) => host.name).join(', ')}`;
  },
  'all logapi replicas available': async (cluster) => {
    const { wanted, available } = await cluster.logapiReplicas();
    return wanted > 0 && available === wanted ? undefined : `${available} of ${wanted} available`;
  },
  'every kubelet heard of since its host booted': async (cluster) => {
    const silent = await cluster.silentSinceBoot();
    return silent.length === 0 ? undefined : `not yet: ${silent.join(', ')}`;
  },
  'logapi answers on every node': async (cluster) => {
    const silent = await cluster.logapiSilentOn();
    return silent.length === 0 ? undefined : `not on ${silent.join(', ')}`;
  },
  'VIP on the preferred master alone': async (cluster) => {
    const holders = await cluster.vipHolders();
    const preferred = preferredHolder(cluster.topology).name;
    return holders.length === 1 && holders[0] === preferred
      ? undefined
      : `held by ${holders.join(', ') || 'nobody'}, preferred is ${preferred}`;
  },
  // It may be on the right host while clients still send to the one that had it before.
  'API answers through the VIP': (cluster) => cluster.vipSilence(),
  'every host sends to the holder of the VIP': async (cluster) => {
    const misled = await cluster.misled();
    if (!misled) return 'nobody holds it alone';
    return misled.hosts.length === 0 ? undefined : `${misled.hosts.join(', ')} to another`;
  },
  'keepalived runs on every master': async (cluster) => {
    const silent = await cluster.withoutKeepalived();
    return silent.length === 0 ? undefined : `not on ${silent.join(', ')}`;
  },
  // A scenario may want it in another variant than the topology says.
  'no pod of kube-dns missing': async (cluster) => {
    const replicas = await cluster.dnsReplicas();
    if (!replicas) return (cluster.topology.dns ?? 'none') === 'none' ? undefined : 'there is no kube-dns';
    const { wanted, available } = replicas;
    return wanted > 0 && available === wanted ? undefined : `${available} of ${wanted} available`;
  },
  'all etcd members healthy': async (cluster) => {
    const healthy = await cluster.etcdHealthy();
    const missing = etcdEndpoints(cluster.topology).filter((endpoint) => !healthy.includes(endpoint));
    return missing.length === 0 ? undefined : `not healthy: ${missing.join(', ')}`;
  },
};

export interface SteadyFindings {
  readonly ok: boolean;
  /** One line per demand, kept or not. */
  readonly findings: readonly string[];
}

/** Asks every demand once. A demand that cannot be asked does not hold. */
export async function inspectSteadyState(cluster: Cluster): Promise<SteadyFindings> {
  const answers = await Promise.all(Object.keys(DEMANDS).map((name) => ask(cluster, name)));
  return { ok: answers.every((answer) => answer.ok), findings: answers.map((answer) => answer.line) };
}

/**
 * For waitFor: the findings once all hold, or the first that does not. Asks one demand after the other, the cheapest
 * first, so that waiting for a cluster to come back does not load the machine that it comes back on.
 */
export async function attemptSteadyState(cluster: Cluster): Promise<Attempt<SteadyFindings>> {
  const findings: string[] = [];
  for (const name of Object.keys(DEMANDS)) {
    const answer = await ask(cluster, name);
    if (!answer.ok) return { missing: answer.line };
    findings.push(answer.line);
  }
  return { done: { ok: true, findings } };
}

async function ask(cluster: Cluster, name: string): Promise<{ readonly ok: boolean; readonly line: string }> {
  const found = await DEMANDS[name]?.(cluster).catch((thrown: unknown) => asError(thrown).message);
  return { ok: found === undefined, line: found === undefined ? `${name}: yes` : `${name}: no, ${found}` };
}
