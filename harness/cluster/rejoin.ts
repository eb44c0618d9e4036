// A node that left the cluster, or never was in it, joins: as one that is made new, through the VIP.
import { HoldfastError } from '../core/errors.ts';
import { profileNamed } from '../profiles/index.ts';
import type { Cluster } from './cluster.ts';
import { initMaster, plannedHosts } from './context.ts';
import { readMarker } from './marker.ts';
import { join, labelNodes } from './steps/control-plane.ts';

/** As a person would make one for a host that comes late (the seed keeps the one of kubeadm init). */
const NEW_TOKEN = ['kubeadm', 'token', 'create', '--ttl', '10m'];

/** Resolves when kubeadm is done; the node is Ready a little later. */
export async function joinNode({ lab, topology }: Cluster, name: string, signal: AbortSignal): Promise<void> {
  const profileName = await readMarker(lab.observer);
  const planned = plannedHosts({ lab, topology }, 'node').find(({ plan }) => plan.name === name);
  if (profileName === undefined || !planned) throw new HoldfastError(`${name} is no node that could join`);
  const { host: master } = initMaster({ lab, topology });
  const { stdout } = await master.run(NEW_TOKEN, { timeoutMs: 20_000, signal });
  const context = {
    lab,
    topology,
    profile: profileNamed(profileName),
    // Only masters need the key.
    secrets: { bootstrapToken: stdout.trim(), certificateKey: '' },
    sequential: false,
  };
  await join(context, [planned], signal);
}

/** The labels by which pods are placed; a node that joined has none. Idempotent. */
export async function labelAllNodes({ lab, topology }: Cluster): Promise<void> {
  await labelNodes({ lab, topology, sequential: false });
}
