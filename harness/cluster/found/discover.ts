// A cluster that somebody else built, as its hosts and its API tell of it. Reads, and changes nothing.
import ipaddr from 'ipaddr.js';
import { EnvironmentError, UsageError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { FoundCluster, HostPlan, HostRole, KeepalivedPlan, Topology } from '../../core/topology.ts';
import { kubeClient, readCredentials } from '../kube-client.ts';
import type { Inventory, InventoryHost } from './inventory.ts';
import { askKubernetes, type FoundKubernetes, type FoundNode } from './kubernetes.ts';
import { flagOf, podRunning, staticPods, type StaticPod } from './manifests.ts';
import { surveyHost, type HostSurvey, type UnreachedHost } from './survey.ts';
import { findVip, type FoundVip } from './vip.ts';

export interface Discovery {
  /** With `found`. */
  readonly topology: Topology;
  readonly kubernetes: FoundKubernetes;
  readonly surveys: readonly HostSurvey[];
  readonly vip: FoundVip;
}

export interface DiscoveryRequest {
  readonly inventory: Inventory;
  /** By the names of the inventory. */
  readonly hosts: readonly Host[];
  readonly observer: Host;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** kubeadm's, where a flag is left out. */
const DEFAULT_API_PORT = 6443;
const DEFAULT_POD_NETWORK = '10.244.0.0/16';
const DEFAULT_SERVICE_NETWORK = '10.96.0.0/12';

/**
 * @throws EnvironmentError that names every host that could not be asked; UsageError when there is no control plane on them
 */
export async function discover({ inventory, hosts, observer }: DiscoveryRequest): Promise<Discovery> {
  const surveys = reached(await Promise.all(hosts.map(surveyHost)));
  const masters = surveys.flatMap((survey) => {
    const apiserver = podRunning(staticPods(survey.manifests), 'kube-apiserver');
    return apiserver ? [{ survey, apiserver }] : [];
  });
  const [first] = masters;
  if (!first) {
    throw new UsageError('on none of these hosts kubelet runs an apiserver (/etc/kubernetes/manifests)', {
      hint: 'name the masters as hosts; a control plane that is not made of static pods cannot be attached to',
    });
  }
  if (first.survey.server === undefined) {
    throw new UsageError(`${first.survey.name} has no /etc/kubernetes/admin.conf that could be read`, {
      hint: first.survey.isRoot ? 'copy the administrator’s kubeconfig there' : 'say ssh: { sudo: true }',
    });
  }
  const master = hostNamed(hosts, first.survey.name);
  const apiPort = Number(flagOf(first.apiserver, 'secure-port') ?? DEFAULT_API_PORT);
  const client = kubeClient({
    observer,
    address: flagOf(first.apiserver, 'advertise-address') ?? master.address,
    port: apiPort,
    credentials: await readCredentials(master),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  try {
    const kubernetes = await askKubernetes(client);
    const { endpoint } = inventory;
    const server = endpoint === undefined ? first.survey.server : endpointUrl(endpoint, apiPort);
    const vip = await findVip(server, surveys, master);
    const isPublic = await isHealthPublic(observer, vip);
    const topology = topologyOf({
      inventory,
      surveys,
      kubernetes,
      vip,
      apiserver: first.apiserver,
      apiPort,
      observer,
      isHealthPublic: isPublic,
    });
    return { topology, kubernetes, surveys, vip };
  } finally {
    client.close();
  }
}

function reached(answers: readonly (HostSurvey | UnreachedHost)[]): readonly HostSurvey[] {
  const unreached = answers.filter((answer) => 'error' in answer);
  if (unreached.length === 0) return answers.flatMap((answer) => ('error' in answer ? [] : answer));
  const causes = unreached.map(({ error }) => error);
  // A key that nobody has accepted, or no way to log in: what the user has to mend says so itself.
  const own = causes.flatMap((error) => [error, error.cause]).find((error) => error instanceof UsageError);
  if (own) throw own;
  throw new EnvironmentError(
    `not reached: ${unreached.map(({ name, error }) => `${name} (${error.message})`).join('; ')}`,
    {
      cause: new AggregateError(causes, 'hosts answered'),
    },
  );
}

function endpointUrl(endpoint: string, apiPort: number): string {
  return `https://${endpoint.includes(':') ? endpoint : `${endpoint}:${apiPort}`}`;
}

/**
 * Whether a client without credentials is told that the API is ready, through the endpoint that all clients use.
 * @throws EnvironmentError where the observer gets no answer there at all: nothing could be measured from it
 */
async function isHealthPublic(observer: Host, { address, port }: FoundVip): Promise<boolean> {
  const url = `https://${address}:${port}/readyz`;
  const argv = ['curl', '-sSk', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', url];
  try {
    const { stdout } = await observer.run(argv, { timeoutMs: REQUEST_TIMEOUT_MS });
    return !['401', '403'].includes(stdout.trim());
  } catch (thrown) {
    throw new EnvironmentError(`${observer.name} gets no answer from the API at ${url}`, {
      cause: thrown,
      hint: 'name a host as observer that reaches the API as its clients do, and that has curl',
    });
  }
}

interface Pieces {
  readonly inventory: Inventory;
  readonly surveys: readonly HostSurvey[];
  readonly kubernetes: FoundKubernetes;
  readonly vip: FoundVip;
  /** Of one master: its flags are all masters'. */
  readonly apiserver: StaticPod;
  readonly apiPort: number;
  readonly observer: Host;
  readonly isHealthPublic: boolean;
}

function topologyOf(pieces: Pieces): Topology {
  const { inventory, surveys, kubernetes, vip, apiserver, apiPort, observer } = pieces;
  const hosts = surveys.map((survey) => planOf(survey, inventory, kubernetes.nodes, vip));
  const controller = surveys
    .map(({ manifests }) => podRunning(staticPods(manifests), 'kube-controller-manager'))
    .find((pod) => pod !== undefined);
  const runtime = kubernetes.nodes[0]?.runtime ?? 'containerd';
  const found: FoundCluster = {
    kubernetesVersion: kubernetes.version,
    apiPort,
    ...(vip.port !== apiPort && { endpointPort: vip.port }),
    ...(!pieces.isHealthPublic && { health: 'authenticated' }),
    etcd: etcdOf(surveys, apiserver),
    vip: vip.facts,
    runtime,
    hasWorkload: kubernetes.hasWorkload,
  };
  return {
    name: inventory.name,
    network: networkOf(surveys, hosts),
    vip: { address: vip.address, prefixLength: vip.prefixLength },
    podNetwork: flagOf(controller, 'cluster-cidr')?.split(',')[0] ?? DEFAULT_POD_NETWORK,
    serviceNetwork: flagOf(apiserver, 'service-cluster-ip-range')?.split(',')[0] ?? DEFAULT_SERVICE_NETWORK,
    keepalived: keepalivedOf(vip),
    hosts,
    observer: { ...inventory.observer, address: inventory.observer.address ?? observer.address },
    found,
    ...(inventory.protect && {
      protect: inventory.protect.map((name) => memberName(name, surveys, kubernetes.nodes)),
    }),
  };
}

function planOf(
  survey: HostSurvey,
  inventory: Inventory,
  nodes: readonly FoundNode[],
  { instances }: FoundVip,
): HostPlan {
  const entry = inventory.hosts.find(({ name }) => name === survey.name);
  const node = nodeOn(survey, nodes);
  const pods = staticPods(survey.manifests);
  const etcd = podRunning(pods, 'etcd');
  const isMember = etcd !== undefined || survey.units.includes('etcd');
  const isMaster = podRunning(pods, 'kube-apiserver') !== undefined;
  const roles: HostRole[] = [
    ...(isMaster ? (['master'] as const) : []),
    ...(node && !isMaster ? (['node'] as const) : []),
    ...(isMember ? (['etcd'] as const) : []),
  ];
  if (roles.length === 0) {
    throw new UsageError(
      `${survey.name} is no part of the cluster: no node has one of its addresses, and no etcd runs there`,
      {
        hint: 'leave it out of the inventory, or name it as observer',
      },
    );
  }
  const priority = instances.find(({ host }) => host === survey.name)?.priority;
  return {
    name: node?.name ?? survey.name,
    address: node?.addresses[0] ?? entry?.address ?? survey.addresses[0]?.split('/')[0] ?? '',
    roles,
    ...(isMaster && priority !== undefined && { priority }),
    ...(isMember && {
      etcdName: flagOf(etcd, 'name') ?? survey.hostname,
      etcdDataDir: flagOf(etcd, 'data-dir') ?? '/var/lib/etcd',
    }),
    ssh: sshOf(survey.name, node, entry),
    ...(entry?.power && { power: entry.power }),
  };
}

/** Under its own name it is known to the cluster, under another one perhaps to the ssh_config. */
function sshOf(
  name: string,
  node: FoundNode | undefined,
  entry: InventoryHost | undefined,
): HostPlan['ssh'] & object {
  return { ...entry?.ssh, ...(node && node.name !== name && { alias: name }) };
}

function nodeOn({ addresses, hostname }: HostSurvey, nodes: readonly FoundNode[]): FoundNode | undefined {
  const own = new Set(addresses.map((address) => address.split('/')[0]));
  return (
    nodes.find((node) => node.addresses.some((address) => own.has(address))) ??
    nodes.find(({ name }) => name === hostname)
  );
}

function memberName(name: string, surveys: readonly HostSurvey[], nodes: readonly FoundNode[]): string {
  const survey = surveys.find((one) => one.name === name);
  return (survey && nodeOn(survey, nodes)?.name) ?? name;
}

function etcdOf(surveys: readonly HostSurvey[], apiserver: StaticPod): FoundCluster['etcd'] {
  const pod = surveys
    .map(({ manifests }) => podRunning(staticPods(manifests), 'etcd'))
    .find((one) => one !== undefined);
  const electionTimeout = flagOf(pod, 'election-timeout');
  const [ca, cert, key] = ['etcd-cafile', 'etcd-certfile', 'etcd-keyfile'].map((flag) =>
    flagOf(apiserver, flag),
  );
  const isTls = flagOf(apiserver, 'etcd-servers')?.startsWith('https:') ?? false;
  return {
    supervisor: pod ? 'static-pod' : 'systemd',
    ...(electionTimeout !== undefined && { electionTimeoutMs: Number(electionTimeout) }),
    ...(isTls && ca !== undefined && cert !== undefined && key !== undefined && { tls: { ca, cert, key } }),
  };
}

/** The network on which the first master has its address. */
function networkOf(surveys: readonly HostSurvey[], hosts: readonly HostPlan[]): string {
  const addresses = new Set(hosts.map(({ address }) => address));
  const cidr = surveys
    .flatMap((survey) => survey.addresses)
    .find((one) => addresses.has(one.split('/')[0] ?? '') && ipaddr.IPv4.isValidCIDR(one));
  if (cidr === undefined) return '0.0.0.0/0';
  return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${cidr.split('/')[1] ?? '32'}`;
}

/** Without its password: nothing that is written down needs it. */
function keepalivedOf({ instances }: FoundVip): KeepalivedPlan {
  const [first] = instances;
  const [check] = first?.trackScripts ?? [];
  return {
    virtualRouterId: first?.virtualRouterId ?? 0,
    advertIntervalS: first?.advertIntervalS ?? 1,
    authPass: '',
    check: { intervalS: check?.intervalS ?? 1, weight: check?.weight ?? 0 },
    ...(first?.garpMasterRefreshS !== undefined && { garpMasterRefreshS: first.garpMasterRefreshS }),
  };
}

function hostNamed(hosts: readonly Host[], name: string): Host {
  const host = hosts.find((one) => one.name === name);
  if (!host) throw new Error(`no host ${name}`);
  return host;
}
