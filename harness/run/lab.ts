// The cluster that a run works on: one that `up` left for it, or a new one that goes when the run does.
import { createCluster } from '../cluster/create.ts';
import { collectHostLogs } from '../cluster/host-logs.ts';
import type { BundleFolder } from '../cluster/legacy/bundle-folder.ts';
import { createSeedCluster, type SeedCluster } from '../cluster/legacy/create.ts';
import { readMarker } from '../cluster/marker.ts';
import { neededImages } from '../cluster/steps/hosts.ts';
import { asError, HoldfastError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { ClusterNeeds, Lab, LabDescriptor, Provider } from '../core/provider.ts';
import type { StepTime } from '../core/result.ts';
import type { Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';
import type { SeedPlan } from '../profiles/v1.4.5/plan.ts';

export interface NewClusterOptions {
  readonly provider: Provider;
  readonly topology: Topology;
  readonly profile: Profile;
  readonly runId: string;
  readonly instance?: number;
  readonly sequential?: boolean;
  readonly progress: ProgressListener;
  readonly signal: AbortSignal;
  /** Where the hosts' logs go if creation fails. */
  readonly logFolder: string;
}

export interface NewCluster {
  readonly lab: Lab;
  readonly steps: readonly StepTime[];
}

/** Hosts, then the cluster on them. If it fails, the logs are brought home and the hosts are removed before it throws. */
export async function makeCluster(options: NewClusterOptions): Promise<NewCluster> {
  const { profile, topology, progress, signal, sequential } = options;
  const needs = {
    images: neededImages({ profile, topology }),
    kubernetesVersion: profile.kubernetesVersion,
  };
  return onNewHosts({ ...options, needs }, async (lab) => {
    const more = { signal, ...(sequential !== undefined && { sequential }) };
    return { steps: await createCluster({ lab, profile, progress, ...more }) };
  });
}

export type NewSeedClusterOptions = Omit<NewClusterOptions, 'profile' | 'sequential'> & {
  readonly bundle: BundleFolder;
  /** On the topology as the hosts have it: their addresses may be shifted. */
  readonly planOn: (topology: Topology) => Promise<SeedPlan>;
};

/** The same for Kubernetes v1.4.5, as the seed makes it. */
export async function makeSeedCluster(
  options: NewSeedClusterOptions,
): Promise<NewCluster & Pick<SeedCluster, 'repairs'>> {
  const { bundle, planOn, progress, signal } = options;
  return onNewHosts(options, async (lab) => {
    const plan = await planOn(lab.descriptor.topology);
    return createSeedCluster({ lab, plan, bundle, progress, signal });
  });
}

async function onNewHosts<Made extends { readonly steps: readonly StepTime[] }>(
  options: Omit<NewClusterOptions, 'profile'> & { readonly needs?: ClusterNeeds },
  create: (lab: Lab) => Promise<Made>,
): Promise<Made & { readonly lab: Lab }> {
  const { provider, topology, runId, needs, instance, sequential, progress, signal } = options;
  const startedAt = performance.now();
  const lab = await provider.provision({
    topology,
    runId,
    progress,
    signal,
    ...(instance !== undefined && { instance }),
    ...(sequential !== undefined && { sequential }),
    ...(needs && { needs }),
  });
  const hostsMs = performance.now() - startedAt;
  try {
    const made = await create(lab);
    return { ...made, lab, steps: [{ name: 'hosts booted', ms: hostsMs }, ...made.steps] };
  } catch (thrown) {
    if (signal.aborted) {
      await provider.destroy(runId);
      throw thrown;
    }
    await collectHostLogs(lab.hosts, options.logFolder);
    await provider.destroy(runId);
    const cause = asError(thrown);
    throw new HoldfastError(`the cluster did not come up; the hosts' logs are in ${options.logFolder}`, {
      cause,
    });
  }
}

/** A finished cluster of the same plan and version that no other command is using, if there is one. */
export async function findIdleCluster(
  provider: Provider,
  topology: Topology,
  profile: Profile,
  isBusy: (runId: string) => Promise<boolean>,
): Promise<Lab | undefined> {
  for (const descriptor of await provider.list()) {
    if (!isOfPlan(descriptor, topology) || (await isBusy(descriptor.runId))) continue;
    const lab = await attachToFinished(provider, descriptor, profile);
    if (lab) return lab;
  }
  return undefined;
}

/** Two plans of one name are two plans; where addresses were not shifted they are the plan's own. */
function isOfPlan({ instance, topology: made }: LabDescriptor, topology: Topology): boolean {
  if (made.name !== topology.name || made.hosts.length !== topology.hosts.length) return false;
  return topology.hosts.every(({ name, address }, index) => {
    const host = made.hosts[index];
    return host?.name === name && (instance !== 0 || host.address === address);
  });
}

/** undefined for a lab that is not whole, does not answer, or whose cluster was never finished: `down` is for those. */
async function attachToFinished(
  provider: Provider,
  descriptor: LabDescriptor,
  profile: Profile,
): Promise<Lab | undefined> {
  try {
    const lab = await provider.attach(descriptor);
    return (await readMarker(lab)) === profile.name ? lab : undefined;
  } catch {
    return undefined;
  }
}
