// What makes the control plane highly available and gives it work: keepalived on the masters, logapi on the nodes.
import { readFile } from 'node:fs/promises';
import type { Host } from '../../core/host.ts';
import { LOGAPI_NODE_PORT } from '../../core/ports.ts';
import { waitFor } from '../../core/wait.ts';
import { initMaster, onEach, plannedHosts, type ClusterContext } from '../context.ts';
import { preferredHolder } from '../keepalived.ts';
import { controlPlaneEndpoint } from '../kubeadm.ts';
import { kubectl } from '../kubectl.ts';
import { vipHolders } from '../vip.ts';

const MANIFESTS = new URL('../../../fixtures/manifests/', import.meta.url);

/**
 * The preferred master's keepalived takes over the VIP that was bound by hand. It does so before the cluster depends on
 * the VIP: while it waits out its first Master_Down_Interval, nobody holds the address.
 */
export async function startFirstKeepalived(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await startKeepalived(initMaster(context).host, signal);
  await awaitHolder(context, signal);
}

/** The backups join; exactly the preferred master goes on to hold the VIP. */
export async function startOtherKeepalived(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const preferred = preferredHolder(context.topology);
  const backups = plannedHosts(context, 'master').filter(({ plan }) => plan !== preferred);
  await onEach(context, backups, ({ host }) => startKeepalived(host, signal));
  await awaitHolder(context, signal);
}

async function startKeepalived(host: Host, signal: AbortSignal): Promise<void> {
  const script = 'systemctl enable --now --quiet keepalived && systemctl is-active keepalived';
  await host.run(['sh', '-c', script], { signal });
  await waitFor(`keepalived's own log file on ${host.name}`, { timeoutMs: 10_000, signal }, async () => {
    const { stdout } = await host.run(['cat', '/var/log/keepalived.log'], { signal });
    return stdout.includes('Keepalived') ? { done: undefined } : { missing: 'it says nothing of keepalived' };
  });
}

async function awaitHolder(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const masters = plannedHosts(context, 'master').map(({ host }) => host);
  const preferred = context.lab.host(preferredHolder(context.topology).name);
  await waitFor(
    `VIP on ${preferred.name} alone`,
    { timeoutMs: 30_000, intervalMs: 300, signal },
    async () => {
      const { stdout } = await preferred.run(
        ['grep', '-c', 'Entering MASTER STATE', '/var/log/keepalived.log'],
        {
          acceptExitCodes: [0, 1],
          signal,
        },
      );
      if (stdout.trim() === '0') return { missing: 'keepalived there is not MASTER yet' };
      const holders = await vipHolders(masters, context.topology.vip.address, signal);
      return holders.length === 1 && holders[0] === preferred.name
        ? { done: undefined }
        : { missing: `held by ${holders.join(', ') || 'nobody'}` };
    },
  );
}

/** logapi, and the pods from which it is asked by its service address. */
export async function deployWorkload(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const manifests = await Promise.all(
    ['logapi.yaml', 'probe-pods.yaml'].map((name) => readFile(new URL(name, MANIFESTS), 'utf8')),
  );
  await kubectl(context, ['apply', '--filename', '-'], { stdin: manifests.join('---\n'), signal });
}

/** All pods available, and each node answers on the node port as a client on the lab network sees it. */
export async function verifyWorkload(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await kubectl(context, ['rollout', 'status', '--timeout=100s', 'deployment/logapi'], { signal });
  const probePods = [
    'rollout',
    'status',
    '--timeout=60s',
    '--namespace=holdfast',
    'daemonset/holdfast-client',
  ];
  await kubectl(context, probePods, { signal });
  const nodes = plannedHosts(context, 'node');
  await onEach(context, nodes, async ({ plan }) => {
    const url = `http://${plan.address}:${LOGAPI_NODE_PORT}/api/log/greeting`;
    await waitFor(`logapi on ${plan.name}`, { timeoutMs: 20_000, signal }, async () => {
      const { stdout } = await context.lab.observer.run(['curl', '-fsS', '-m', '2', url], {
        timeoutMs: 5_000,
        signal,
      });
      return stdout.includes('Hello, World!')
        ? { done: undefined }
        : { missing: `${url} answered ${stdout}` };
    });
  });
}

/** The API answers through the VIP to a client on the lab network. */
export async function verifyVip(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const url = `https://${controlPlaneEndpoint(context.topology)}/readyz`;
  // The certificate is verified by the probes, which carry the cluster's CA; here only the answer counts.
  await waitFor(`API through the VIP (${url})`, { timeoutMs: 20_000, signal }, async () => {
    const { stdout } = await context.lab.observer.run(['curl', '-fsSk', '-m', '2', url], {
      timeoutMs: 5_000,
      signal,
    });
    return stdout === 'ok' ? { done: undefined } : { missing: `answered ${stdout}` };
  });
}
