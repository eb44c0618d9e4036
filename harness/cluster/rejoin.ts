// A node that left the cluster, or never was in it, joins: as one that is made new, through the VIP.
import { asError, EnvironmentError, HoldfastError } from '../core/errors.ts';
import { whyWithout } from '../core/facts.ts';
import { letTimePass } from '../core/wait.ts';
import { profileNamed } from '../profiles/index.ts';
import type { Cluster } from './cluster.ts';
import { initMaster, plannedHosts } from './context.ts';
import type { JoinSecrets } from './kubeadm.ts';
import { readMarker } from './marker.ts';
import { join, labelNodes } from './steps/control-plane.ts';

/** As a person would make one for a host that comes late (the seed keeps the one of kubeadm init). */
const NEW_TOKEN = ['kubeadm', 'token', 'create', '--ttl'];
/** Long enough for an answer of the API, and several more tries. */
const VOUCHED_WITHIN_S = 5;
const KUBELET_IDENTITIES = ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/bootstrap-kubelet.conf'];

/** The API forgets the node, and gives its pods to others; the host itself is not asked. Otherwise says what went wrong. */
export async function forgetNode(cluster: Cluster, name: string): Promise<string | undefined> {
  const { status } = await cluster.request('DELETE', `/api/v1/nodes/${name}`);
  return status === 200 ? undefined : `HTTP ${status}`;
}

/** Resolves when kubeadm is done; the node is Ready a little later. */
export async function joinNode(cluster: Cluster, name: string, signal: AbortSignal): Promise<void> {
  const bootstrapToken = await newToken(cluster, '10m', signal);
  await joinWith(cluster, name, { bootstrapToken }, signal);
}

/**
 * kubeadm's words when it refuses; undefined when it joins.
 * @param bootstrapToken as in JoinSecrets
 */
export async function joinRefusal(
  cluster: Cluster,
  name: string,
  bootstrapToken: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await joinWith(cluster, name, { bootstrapToken, vouchedWithinS: VOUCHED_WITHIN_S }, signal);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    return asError(thrown).message;
  }
}

/** A token that was good until now. */
export async function expiredToken(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const token = await newToken(cluster, '1s', signal);
  await letTimePass(1_500, signal);
  return token;
}

/** Whether the host has anything by which it would be known to a cluster. */
export async function hasIdentity({ lab }: Cluster, name: string): Promise<boolean> {
  const script = `for file in ${KUBELET_IDENTITIES.join(' ')}; do [ ! -e $file ] || echo $file; done`;
  const { stdout } = await lab.host(name).run(['sh', '-c', script], { timeoutMs: 10_000 });
  return stdout.trim() !== '';
}

async function newToken(cluster: Cluster, ttl: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await initMaster(cluster).host.run([...NEW_TOKEN, ttl], { timeoutMs: 20_000, signal });
  return stdout.trim();
}

async function joinWith(
  { lab, topology }: Cluster,
  name: string,
  secrets: Omit<JoinSecrets, 'certificateKey'>,
  signal: AbortSignal,
): Promise<void> {
  const foreign = whyWithout(topology, ['own build']);
  if (foreign !== undefined) throw new EnvironmentError(`${name} cannot join: ${foreign}`);
  const profileName = await readMarker(lab);
  const planned = plannedHosts({ lab, topology }, 'node').find(({ plan }) => plan.name === name);
  if (profileName === undefined || !planned) throw new HoldfastError(`${name} is no node that could join`);
  const context = {
    lab,
    topology,
    profile: profileNamed(profileName),
    // Only masters need the key.
    secrets: { ...secrets, certificateKey: '' },
    sequential: false,
  };
  await join(context, [planned], signal);
}

/** The labels by which pods are placed; a node that joined has none. Idempotent. */
export async function labelAllNodes({ lab, topology }: Cluster): Promise<void> {
  await labelNodes({ lab, topology, sequential: false });
}

/** What is missing until a node is Ready; undefined when it is. */
export async function notReady(cluster: Cluster, name: string): Promise<string | undefined> {
  const { ready } = await cluster.nodeStates();
  return ready.includes(name) ? undefined : 'not yet';
}
