// What every step of cluster creation is given.
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { hostsWithRole, type HostPlan, type HostRole, type Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';
import { preferredHolder } from './keepalived.ts';
import type { JoinSecrets } from './kubeadm.ts';

export interface ClusterContext {
  readonly lab: Lab;
  readonly topology: Topology;
  readonly profile: Profile;
  readonly secrets: JoinSecrets;
  /** One host after the other, for comparison in the benchmark. */
  readonly sequential: boolean;
}

/** What a step needs that only works on hosts which are there. */
export type Place = Pick<ClusterContext, 'lab' | 'topology' | 'sequential'>;

export interface PlannedHost {
  readonly plan: HostPlan;
  readonly host: Host;
}

export function plannedHosts(
  context: Pick<Place, 'lab' | 'topology'>,
  role?: HostRole,
): readonly PlannedHost[] {
  const plans = role ? hostsWithRole(context.topology, role) : context.topology.hosts;
  return plans.map((plan) => ({ plan, host: context.lab.host(plan.name) }));
}

/** The master on which the cluster is initialized: the one that is to hold the VIP. */
export function initMaster({ lab, topology }: Pick<Place, 'lab' | 'topology'>): PlannedHost {
  const plan = preferredHolder(topology);
  return { plan, host: lab.host(plan.name) };
}

/** Does the same on several hosts, side by side or one after the other. */
export async function onEach(
  context: Pick<Place, 'sequential'>,
  hosts: readonly PlannedHost[],
  work: (planned: PlannedHost) => Promise<void>,
): Promise<void> {
  if (!context.sequential) {
    await Promise.all(hosts.map(work));
    return;
  }
  for (const planned of hosts) await work(planned);
}
