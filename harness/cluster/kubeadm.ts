// kubeadm's configuration for the seed's cluster: external etcd, the VIP as the one endpoint, every master a node too.
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { API_PORT } from '../core/ports.ts';
import { hostsWithRole, type HostPlan, type Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';
import { etcdEndpoints } from './etcd.ts';

/** What proves a new host's right to join. Made for one cluster, held by its creator, written to no record. */
export interface JoinSecrets {
  /** "<6>.<16>" lower-case letters and digits. */
  readonly bootstrapToken: string;
  /** 32 bytes as hex: encrypts the certificates that masters 2 and 3 fetch. */
  readonly certificateKey: string;
  /** How long a joining host waits for the cluster to vouch for its token. Default: kubeadm's five minutes. */
  readonly vouchedWithinS?: number;
}

/** A token of the right form, which no cluster knows yet. */
export function randomToken(): string {
  return `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`;
}

export function controlPlaneEndpoint(topology: Topology): string {
  return `${topology.vip.address}:${API_PORT}`;
}

export function initConfiguration(
  topology: Topology,
  host: HostPlan,
  profile: Profile,
  secrets: JoinSecrets,
): string {
  return documents([
    {
      apiVersion: profile.kubeadm.apiVersion,
      kind: 'InitConfiguration',
      bootstrapTokens: [{ token: secrets.bootstrapToken, ttl: '2h0m0s' }],
      certificateKey: secrets.certificateKey,
      localAPIEndpoint: { advertiseAddress: host.address, bindPort: API_PORT },
      nodeRegistration: nodeRegistration(host, profile),
    },
    clusterConfiguration(topology, profile),
    kubeletConfiguration(profile),
    kubeProxyConfiguration(topology, profile),
  ]);
}

export function joinConfiguration(
  topology: Topology,
  host: HostPlan,
  profile: Profile,
  secrets: JoinSecrets,
  caCertHash: string,
): string {
  const controlPlane = {
    localAPIEndpoint: { advertiseAddress: host.address, bindPort: API_PORT },
    certificateKey: secrets.certificateKey,
  };
  return documents([
    {
      apiVersion: profile.kubeadm.apiVersion,
      kind: 'JoinConfiguration',
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: controlPlaneEndpoint(topology),
          token: secrets.bootstrapToken,
          caCertHashes: [caCertHash],
        },
        ...timeoutAt('discovery.timeout', profile, secrets),
      },
      ...timeoutAt('timeouts.discovery', profile, secrets),
      nodeRegistration: nodeRegistration(host, profile),
      ...(host.roles.includes('master') && { controlPlane }),
    },
  ]);
}

function nodeRegistration(host: HostPlan, profile: Profile): object {
  // No taints: in the seed masters are nodes like the others, and labels alone say what runs where.
  return {
    name: host.name,
    criSocket: profile.kubelet.criSocket,
    taints: [],
    kubeletExtraArgs: extraArgs(profile, { 'node-ip': host.address }),
  };
}

/** At the one of its two places that this version's API has. */
function timeoutAt(
  place: Profile['kubeadm']['discoveryTimeout'],
  { kubeadm }: Profile,
  { vouchedWithinS }: JoinSecrets,
): object {
  if (vouchedWithinS === undefined || kubeadm.discoveryTimeout !== place) return {};
  const limit = `${vouchedWithinS}s`;
  return place === 'discovery.timeout' ? { timeout: limit } : { timeouts: { discovery: limit } };
}

function extraArgs({ kubeadm }: Profile, args: Readonly<Record<string, string>>): object {
  return kubeadm.extraArgs === 'mapping'
    ? args
    : Object.entries(args).map(([name, value]) => ({ name, value }));
}

function clusterConfiguration(topology: Topology, profile: Profile): object {
  const masters = hostsWithRole(topology, 'master').flatMap((master) => [master.name, master.address]);
  return {
    apiVersion: profile.kubeadm.apiVersion,
    kind: 'ClusterConfiguration',
    kubernetesVersion: profile.kubernetesVersion,
    imageRepository: profile.images.repository,
    controlPlaneEndpoint: controlPlaneEndpoint(topology),
    apiServer: { certSANs: [topology.vip.address, ...masters] },
    etcd: { external: { endpoints: etcdEndpoints(topology) } },
    networking: { serviceSubnet: topology.serviceNetwork },
  };
}

function kubeletConfiguration({ kubelet }: Profile): object {
  return {
    apiVersion: kubelet.apiVersion,
    kind: 'KubeletConfiguration',
    cgroupDriver: kubelet.cgroupDriver,
    failSwapOn: false,
    // The hosts share one disk with all else on the machine: its fill level must not evict pods or delete the
    // images that are baked into the host.
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}

function kubeProxyConfiguration(topology: Topology, { kubeProxy }: Profile): object {
  return {
    apiVersion: kubeProxy.apiVersion,
    kind: 'KubeProxyConfiguration',
    clusterCIDR: topology.podNetwork,
    // Zero leaves the kernel's settings alone: a container host may not write them, and kube-proxy exits if it fails.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

function documents(objects: readonly object[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}
