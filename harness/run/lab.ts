// The cluster that a run works on: one that `up` left for it, or a new one that goes when the run does.
import { createCluster } from '../cluster/create.ts';
import { collectHostLogs } from '../cluster/host-logs.ts';
import { readMarker } from '../cluster/marker.ts';
import { neededImages } from '../cluster/steps/hosts.ts';
import { asError, HoldfastError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { Lab, LabDescriptor, Provider } from '../core/provider.ts';
import type { StepTime } from '../core/result.ts';
import type { Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';

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
  const { provider, topology, profile, runId, instance, sequential, progress, signal } = options;
  const startedAt = performance.now();
  const lab = await provider.provision({
    topology,
    runId,
    needs: { images: neededImages({ profile, topology }), kubernetesVersion: profile.kubernetesVersion },
    progress,
    signal,
    ...(instance !== undefined && { instance }),
    ...(sequential !== undefined && { sequential }),
  });
  const hostsMs = performance.now() - startedAt;
  try {
    const steps = await createCluster({
      lab,
      profile,
      progress,
      signal,
      ...(sequential !== undefined && { sequential }),
    });
    return { lab, steps: [{ name: 'hosts booted', ms: hostsMs }, ...steps] };
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
