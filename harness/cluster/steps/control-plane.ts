// kubeadm init on the first master behind the VIP, then the others join through it.
import { createHash, X509Certificate } from 'node:crypto';
import type { Host } from '../../core/host.ts';
import { clusterMembers } from '../../core/topology.ts';
import {
  initMaster,
  onEach,
  plannedHosts,
  type ClusterContext,
  type Place,
  type PlannedHost,
} from '../context.ts';
import { initConfiguration, joinConfiguration } from '../kubeadm.ts';
import { kubectl } from '../kubectl.ts';
import { addressedInterface } from '../link-addresses.ts';

const KUBEADM_CONF = '/run/kubeadm.yaml';
const PREPARED_PHASES = ['certs all', 'kubeconfig all', 'control-plane all', 'kubelet-start'] as const;

/** The seed's chapter 3.3.2: the VIP is bound by hand before init; keepalived takes it over later. */
export async function bindVip(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { address, prefixLength } = context.topology.vip;
  const { host } = initMaster(context);
  const device = await addressedInterface(host, signal);
  await host.run(['ip', 'address', 'replace', `${address}/${prefixLength}`, 'dev', device], { signal });
}

/**
 * The phases of kubeadm init that need neither etcd nor the VIP, ahead of time: certificates, manifests, kubelet. A kubelet
 * of this age spends its first five seconds looking for a Docker that is not there (cAdvisor); etcd elects meanwhile.
 */
export async function prepareFirstMaster(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { plan, host } = initMaster(context);
  const configuration = initConfiguration(context.topology, plan, context.profile, context.secrets);
  await host.upload(KUBEADM_CONF, configuration, { mode: 0o600 });
  const phases = PREPARED_PHASES.map((phase) => `kubeadm init phase ${phase} --config ${KUBEADM_CONF}`);
  await host.run(['sh', '-eu', '-s'], { stdin: phases.join('\n'), timeoutMs: 50_000, signal });
}

export async function initializeControlPlane(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { host } = initMaster(context);
  const skipped = skipPhases(context, [
    'certs',
    'kubeconfig',
    'control-plane',
    'kubelet-start',
    'addon/coredns',
  ]);
  const { stdout } = await host.run(
    ['kubeadm', 'init', '--config', KUBEADM_CONF, '--upload-certs', skipped],
    { timeoutMs: 170_000, signal },
  );
  if (!stdout.includes('initialized successfully')) {
    throw new Error(`${host.name}: kubeadm init ended well but said nothing of success:\n${stdout}`);
  }
}

export async function joinMasters(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const first = initMaster(context);
  const others = plannedHosts(context, 'master').filter(({ plan }) => plan !== first.plan);
  await join(context, others, signal);
}

export async function joinNodes(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await join(context, plannedHosts(context, 'node'), signal);
}

/** The seed's chapter 3.3.6, with its typing error mended: it labels "10-10-102-91.node", the host is called .master. */
async function label(context: Place, role: 'master' | 'node', signal?: AbortSignal): Promise<void> {
  const names = plannedHosts(context, role).map(({ plan }) => plan.name);
  await kubectl(
    context,
    ['label', '--overwrite', 'node', ...names, `kubeadm.alpha.kubernetes.io/role=${role}`],
    signal ? { signal } : {},
  );
}

export async function labelNodes(context: Place, signal?: AbortSignal): Promise<void> {
  await label(context, 'node', signal);
}

export async function labelMasters(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await label(context, 'master', signal);
}

export async function awaitHostsReady(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const nodes = clusterMembers(context.topology).map((plan) => `node/${plan.name}`);
  await kubectl(context, ['wait', '--for=condition=Ready', '--timeout=100s', ...nodes], { signal });
}

export async function awaitKubeProxy(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const rollout = ['rollout', 'status', '--timeout=60s', 'daemonset/kube-proxy'];
  await kubectl(context, ['--namespace', 'kube-system', ...rollout], { signal });
}

/** Every master runs a candidate, and each election has exactly one holder that is one of them. */
export async function verifyLeaderElection(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { resource, namespace } = context.profile.leaderElection;
  const masters = plannedHosts(context, 'master');
  for (const component of ['kube-controller-manager', 'kube-scheduler']) {
    await onEach(context, masters, async ({ host }) => {
      const manifest = `/etc/kubernetes/manifests/${component}.yaml`;
      await host.run(['grep', '-q', '--', '--leader-elect=true', manifest], { signal });
    });
    const holder = ['get', `${resource}/${component}`, '--output', 'jsonpath={.spec.holderIdentity}'];
    const { stdout } = await kubectl(context, ['--namespace', namespace, ...holder], { signal });
    if (!masters.some(({ plan }) => stdout.startsWith(`${plan.name}_`))) {
      const names = masters.map(({ plan }) => plan.name).join(', ');
      throw new Error(`${component}: the holder of its ${resource} is "${stdout}", expected one of ${names}`);
    }
  }
}

/** What they say of themselves is in their configuration; the API is asked through the VIP. */
export async function join(
  context: ClusterContext,
  hosts: readonly PlannedHost[],
  signal: AbortSignal,
): Promise<void> {
  const caCertHash = await readCaCertHash(initMaster(context).host);
  await onEach(context, hosts, async ({ plan, host }) => {
    const configuration = joinConfiguration(
      context.topology,
      plan,
      context.profile,
      context.secrets,
      caCertHash,
    );
    await host.upload(KUBEADM_CONF, configuration, { mode: 0o600 });
    await host.run(['kubeadm', 'join', '--config', KUBEADM_CONF, skipPhases(context)], {
      timeoutMs: 110_000,
      signal,
    });
  });
}

function skipPhases({ profile }: ClusterContext, more: readonly string[] = []): string {
  return `--skip-phases=${[...profile.kubeadm.skipPhases, ...more].join(',')}`;
}

/** The pin by which a joining host recognizes the cluster: SHA-256 of the CA's public key, as kubeadm prints it. */
async function readCaCertHash(master: Host): Promise<string> {
  const certificate = new X509Certificate(await master.download('/etc/kubernetes/pki/ca.crt'));
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(publicKey).digest('hex')}`;
}
