// kubeadm init on the first master behind the VIP, then the others join through it.
import { createHash, X509Certificate } from 'node:crypto';
import type { Host } from '../../core/host.ts';
import { firstMaster, onEach, plannedHosts, type ClusterContext, type PlannedHost } from '../context.ts';
import { initConfiguration, joinConfiguration } from '../kubeadm.ts';
import { preferredHolder } from '../keepalived.ts';

const ADMIN_CONF = '/etc/kubernetes/admin.conf';
const KUBEADM_CONF = '/run/kubeadm.yaml';

/** The seed's chapter 3.3.2: the VIP is bound by hand before init; keepalived takes it over later. */
export async function bindVip(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { address, prefixLength } = context.topology.vip;
  const { host } = initMaster(context);
  await host.run(['ip', 'address', 'replace', `${address}/${prefixLength}`, 'dev', 'eth0'], { signal });
}

export async function initializeControlPlane(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { plan, host } = initMaster(context);
  const configuration = initConfiguration(context.topology, plan, context.profile, context.secrets);
  await host.upload(KUBEADM_CONF, configuration, { mode: 0o600 });
  const { stdout } = await host.run(
    ['kubeadm', 'init', '--config', KUBEADM_CONF, '--upload-certs', skipPhases(context, ['addon/coredns'])],
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
  const nodes = plannedHosts(context).filter(
    ({ plan }) => !plan.roles.includes('master') && plan.roles.includes('node'),
  );
  await join(context, nodes, signal);
}

/** The seed's chapter 3.3.6, with its typing error mended: it labels "10-10-102-91.node", the host is called .master. */
export async function labelNodes(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { host } = initMaster(context);
  const labelling = plannedHosts(context).map(({ plan }) => {
    const role = plan.roles.includes('master') ? 'master' : 'node';
    return `kubectl label --overwrite node ${plan.name} kubeadm.alpha.kubernetes.io/role=${role}`;
  });
  await kubectlScript(host, labelling, signal);
}

export async function awaitNodesReady(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { host } = initMaster(context);
  const nodes = context.topology.hosts.map((plan) => `node/${plan.name}`).join(' ');
  await kubectlScript(host, [`kubectl wait --for=condition=Ready --timeout=100s ${nodes}`], signal);
}

export async function awaitKubeProxy(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { host } = initMaster(context);
  await kubectlScript(
    host,
    ['kubectl --namespace kube-system rollout status --timeout=60s daemonset/kube-proxy'],
    signal,
  );
}

/** Every master runs a candidate, and each election has exactly one holder that is one of them. */
export async function verifyLeaderElection(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const { host } = initMaster(context);
  const masters = plannedHosts(context, 'master').map(({ plan }) => plan.name);
  for (const component of ['kube-controller-manager', 'kube-scheduler']) {
    const manifest = `/etc/kubernetes/manifests/${component}.yaml`;
    await onEach(context, plannedHosts(context, 'master'), async (master) => {
      await master.host.run(['grep', '-q', '--', '--leader-elect=true', manifest], { signal });
    });
    const { resource, namespace } = context.profile.leaderElection;
    const lease = `${resource}/${component}`;
    const { stdout } = await kubectlScript(
      host,
      [`kubectl --namespace ${namespace} get ${lease} --output 'jsonpath={.spec.holderIdentity}'`],
      signal,
    );
    if (!masters.some((name) => stdout.startsWith(`${name}_`))) {
      throw new Error(
        `${component}: the lease's holder is "${stdout}", expected one of ${masters.join(', ')}`,
      );
    }
  }
}

async function join(
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

async function kubectlScript(
  host: Host,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<{ stdout: string }> {
  const script = [`export KUBECONFIG=${ADMIN_CONF}`, ...lines].join('\n');
  return host.run(['sh', '-eu', '-s'], { stdin: script, timeoutMs: 120_000, signal });
}

function initMaster(context: ClusterContext): PlannedHost {
  return firstMaster(context, preferredHolder(context.topology));
}
