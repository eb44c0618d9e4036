// Everything that a host has to know before any program of the cluster starts, written in one go per host.
import { KUBE_DNS_IMAGE, LOGAPI_IMAGES } from '../../artifacts/index.ts';
import { shellQuote } from '../../core/host.ts';
import { plannedHosts, onEach, type ClusterContext, type PlannedHost } from '../context.ts';
import { etcdDefaults } from '../etcd.ts';
import { KEEPALIVED_DEFAULTS, KEEPALIVED_SYSLOG, keepalivedConf } from '../keepalived.ts';
import { addressedInterface } from '../link-addresses.ts';
import { cniConfiguration, podRoutesUnit } from '../pod-network.ts';

// kubelet asks a cloud's metadata service for registry credentials, and waits seconds for it where there is none.
const KUBELET_DEFAULTS = 'AWS_EC2_METADATA_DISABLED=true\n';
const ROUTES_UNIT = 'holdfast-pod-routes.service';

export async function configureHosts(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await onEach(context, plannedHosts(context), async ({ plan, host }) => {
    const device = await addressedInterface(host, signal);
    const files = filesOf(context, { plan, host }, device);
    await host.run(['sh', '-eu', '-s'], {
      stdin: [
        ...files.map(writeFile),
        `systemctl enable --now --quiet ${ROUTES_UNIT}`,
        ...restarts(plan.roles),
      ].join('\n'),
      timeoutMs: 30_000,
      signal,
    });
  });
}

/** The container runtime runs on every host and knows the images that are baked into the host. */
export async function verifyContainerd(context: ClusterContext, signal: AbortSignal): Promise<void> {
  await onEach(context, plannedHosts(context), async ({ host }) => {
    const { stdout } = await host.run(['ctr', '--namespace', 'k8s.io', 'images', 'ls', '-q'], {
      signal,
      timeoutMs: 20_000,
    });
    const present = new Set(stdout.split('\n'));
    const missing = neededImages(context).filter((image) => !present.has(image));
    if (missing.length > 0)
      throw new Error(`${host.name}: containerd lacks the baked images ${missing.join(', ')}`);
  });
}

/** Of every host. */
export function neededImages({
  profile,
  topology,
}: Pick<ClusterContext, 'profile' | 'topology'>): readonly string[] {
  const { apiServer, controllerManager, scheduler, kubeProxy, pause } = profile.images;
  const dns = (topology.dns ?? 'none') === 'none' ? [] : [`docker.io/${KUBE_DNS_IMAGE}`];
  return [apiServer, controllerManager, scheduler, kubeProxy, pause, `docker.io/${LOGAPI_IMAGES.v1}`, ...dns];
}

interface HostFile {
  readonly path: string;
  readonly content: string;
}

function filesOf(context: ClusterContext, { plan }: PlannedHost, device: string): readonly HostFile[] {
  const { topology, profile } = context;
  const files: HostFile[] = [
    { path: '/etc/cni/net.d/10-holdfast.conflist', content: cniConfiguration(topology, plan) },
    { path: '/etc/default/kubelet', content: KUBELET_DEFAULTS },
    { path: `/etc/systemd/system/${ROUTES_UNIT}`, content: podRoutesUnit(topology, plan) },
  ];
  if (plan.roles.includes('etcd')) {
    files.push({ path: '/etc/default/etcd', content: etcdDefaults(topology, plan) });
  }
  if (plan.roles.includes('master')) {
    files.push(
      { path: '/etc/keepalived/keepalived.conf', content: keepalivedConf(topology, plan, profile, device) },
      { path: '/etc/default/keepalived', content: KEEPALIVED_DEFAULTS },
      { path: '/etc/rsyslog.d/10-keepalived.conf', content: KEEPALIVED_SYSLOG },
    );
  }
  return files;
}

/** As kubeadm advises after init, so that kubectl on a master works for whoever looks around there. */
const KUBECTL_FINDS_ITS_CONFIGURATION =
  'mkdir -p /root/.kube && ln -sfn /etc/kubernetes/admin.conf /root/.kube/config';

function restarts(roles: readonly string[]): readonly string[] {
  // Only masters have a line for rsyslog to read.
  return roles.includes('master') ? ['systemctl restart rsyslog', KUBECTL_FINDS_ITS_CONFIGURATION] : [];
}

function writeFile(file: HostFile): string {
  const path = shellQuote([file.path]);
  return `mkdir -p "$(dirname ${path})"\ncat > ${path} <<'END_OF_FILE'\n${file.content}END_OF_FILE`;
}
