// The probes: which series a cluster is watched with. Adding one is one entry here.
import { apiPort, endpointPort, hasWorkload, isHealthSecret } from '../core/facts.ts';
import { LOGAPI_NODE_PORT } from '../core/ports.ts';
import type { ProbeDefinition } from '../core/record.ts';
import { hostsWithRole, type HostRole, type Topology, type HostPlan } from '../core/topology.ts';
import { type Probe, type ProbeContext, type ProbeSelection, type Series, select } from './selection.ts';

export { startArpWatch } from './arp-watch.ts';
export { MeasuredClocks } from './clock/host-clocks.ts';
export { startProbes, type ProbesOptions, type RunningProbes } from './sampler.ts';
export type { ProbeSelection } from './selection.ts';
export { startVipWatch } from './vip-watch.ts';
export { startWireWatch } from './wire-watch.ts';

const CONFIG_MAPS = '/api/v1/namespaces/holdfast/configmaps';
/** What is read: made before the probes start (harness/workload/ledger.ts). */
const PROBE_CONFIG_MAP = 'holdfast-probe';
const ETCD_CLIENT_PORT = 2379;
/** As in fixtures/manifests/logapi.yaml. */
const LOGAPI_SERVICE_PORT = 8080;
const GREETING = '/api/log/greeting';
const DNS_PORT = 53;
/** Every cluster with DNS has it. */
const DNS_NAME = 'kubernetes.default.svc.cluster.local';

/** For what no client asks, but what explains why clients got no answer. */
const COMPONENT_CADENCE = { intervalMs: 500, timeoutMs: 1000 } as const;

export const probes: readonly Probe[] = [
  {
    name: 'api-vip-new',
    summary: 'GET /readyz through the VIP, on a new TLS connection each time: what a new client gets.',
    series: ({ topology }) => [readyzThroughVip(topology, 'api-vip-new', { connection: 'new' })],
  },
  {
    name: 'api-vip-reused',
    summary: 'GET /readyz through the VIP on one kept connection: what a client that is connected gets.',
    series: ({ topology }) => [readyzThroughVip(topology, 'api-vip-reused', { connection: 'reused' })],
  },
  {
    name: 'api-vip-new-h2',
    summary: 'GET /readyz through the VIP over HTTP/2, on a new connection each time.',
    series: ({ topology }) => [
      readyzThroughVip(topology, 'api-vip-new-h2', { connection: 'new', httpVersion: '2' }),
    ],
  },
  {
    name: 'api-vip-reused-h2',
    summary: 'GET /readyz through the VIP over one kept HTTP/2 connection, as kubectl and controllers ask.',
    series: ({ topology }) => [
      readyzThroughVip(topology, 'api-vip-reused-h2', { connection: 'reused', httpVersion: '2' }),
    ],
  },
  {
    name: 'api-read-quorum',
    summary: 'GET one object through the VIP as the store has it now: needs a quorum of etcd.',
    series: ({ topology }) => [
      {
        name: 'api-read-quorum',
        ...authenticatedThroughVip(topology, `${CONFIG_MAPS}/${PROBE_CONFIG_MAP}`),
        capability: 'api-read',
      },
    ],
  },
  {
    name: 'api-read-cached',
    summary: "The same object from the apiserver's own cache (resourceVersion=0): needs no etcd.",
    // A GET of one object with resourceVersion=0 and a list of that object are answered alike, from the watch cache.
    series: ({ topology }) => [
      {
        name: 'api-read-cached',
        ...authenticatedThroughVip(
          topology,
          `${CONFIG_MAPS}?fieldSelector=metadata.name%3D${PROBE_CONFIG_MAP}&resourceVersion=0`,
        ),
        capability: 'api-read',
      },
    ],
  },
  {
    name: 'api-write',
    summary:
      'Appends a numbered record to the ledger through the VIP; afterwards all that was acknowledged must be there.',
    series: ({ topology }) => [
      {
        name: 'api-write',
        ...authenticatedThroughVip(topology, CONFIG_MAPS),
        capability: 'api-write',
        task: 'append',
      },
    ],
  },
  {
    name: 'api-watch',
    summary: 'Watches the ledger through the VIP: how long until a record that is appended now is seen.',
    series: ({ topology }) => [
      {
        name: 'api-watch',
        ...authenticatedThroughVip(topology, CONFIG_MAPS),
        capability: 'api-watch',
        task: 'watch',
      },
    ],
  },
  {
    name: 'apiserver-<host>',
    // Kept connections: a TLS handshake costs the prober more than all else that it does for a sample.
    summary: 'GET /readyz of each apiserver directly, on one kept connection each.',
    series: forEach('master', (host, topology) => ({
      name: `apiserver-${host.name}`,
      ...directly(host, topology, 'readyz'),
    })),
  },
  {
    name: 'apiserver-<host>-livez',
    summary: 'GET /livez of each apiserver directly: whether it thinks that restarting it would help.',
    cadence: COMPONENT_CADENCE,
    series: forEach('master', (host, topology) => ({
      name: `apiserver-${host.name}-livez`,
      ...directly(host, topology, 'livez'),
    })),
  },
  {
    name: 'etcd-<host>',
    summary: 'GET /health of each etcd member directly, and with it who leads in which term.',
    cadence: COMPONENT_CADENCE,
    series: forEach('etcd', ({ name, address }, { found }) => ({
      name: `etcd-${name}`,
      ...(found?.etcd.tls
        ? { kind: 'https', url: `https://${address}:${ETCD_CLIENT_PORT}/health` }
        : { kind: 'http', url: `http://${address}:${ETCD_CLIENT_PORT}/health` }),
      connection: 'reused',
      capability: 'etcd',
      host: name,
    })),
  },
  {
    name: 'logapi-<host>',
    summary: "GET the workload's greeting through each node's port, on a new connection each time.",
    series: whereWorkload((host) => greetingFrom(host, `logapi-${host.name}`, 'new')),
  },
  {
    name: 'logapi-<host>-reused',
    summary: "GET the workload's greeting through each node's port, on one kept connection each.",
    series: whereWorkload((host) => greetingFrom(host, `logapi-${host.name}-reused`, 'reused')),
  },
  {
    name: 'service-from-<node>',
    summary: "GET the workload's greeting through its service address from inside a pod on each node.",
    series: ({ topology, serviceAddress }) =>
      serviceAddress === undefined
        ? []
        : hostsWithRole(topology, 'node').map(({ name }) => ({
            name: `service-from-${name}`,
            kind: 'http',
            url: `http://${serviceAddress}:${LOGAPI_SERVICE_PORT}${GREETING}`,
            connection: 'new',
            capability: 'service',
            from: name,
          })),
  },
  {
    name: 'dns-from-<node>',
    summary: 'Asks the cluster DNS for the address of the API service from inside a pod on each node.',
    series: ({ topology, dnsAddress }) =>
      dnsAddress === undefined
        ? []
        : hostsWithRole(topology, 'node').map(({ name }) => ({
            name: `dns-from-${name}`,
            kind: 'dns',
            url: `dns://${dnsAddress}:${DNS_PORT}/${DNS_NAME}`,
            connection: 'new',
            capability: 'dns',
            from: name,
          })),
  },
  {
    name: 'control',
    summary: "GET from a server inside the prober itself: the harness's own noise.",
    // The prober puts its own server's port in.
    series: () => [
      {
        name: 'control',
        kind: 'http',
        url: 'http://127.0.0.1/',
        connection: 'reused',
        capability: 'control',
      },
    ],
  },
];

/**
 * The series of a cluster, each at its own cadence unless the selection says otherwise.
 * @throws UsageError when the selection names a probe that there is not, sets a cadence out of range, or leaves nothing
 */
export function selectProbes(
  context: ProbeContext,
  selection: ProbeSelection = {},
): readonly ProbeDefinition[] {
  return select(probes, context, selection);
}

function readyzThroughVip(
  topology: Topology,
  name: string,
  how: Pick<ProbeDefinition, 'connection' | 'httpVersion'>,
): Series {
  return {
    name,
    kind: 'https',
    url: `https://${throughVip(topology)}/readyz`,
    ...how,
    ...(isHealthSecret(topology) && { authenticated: true }),
    capability: 'api',
  };
}

function authenticatedThroughVip(topology: Topology, path: string): Omit<Series, 'name' | 'capability'> {
  return {
    kind: 'https',
    url: `https://${throughVip(topology)}${path}`,
    connection: 'reused',
    authenticated: true,
  };
}

function throughVip(topology: Topology): string {
  return `${topology.vip.address}:${endpointPort(topology)}`;
}

type SeriesOf = (host: HostPlan, topology: Topology) => Series;

function forEach(role: HostRole, seriesOf: SeriesOf): Probe['series'] {
  return ({ topology }) => hostsWithRole(topology, role).map((host) => seriesOf(host, topology));
}

/** On every node, where there is a workload to be asked. */
function whereWorkload(seriesOf: SeriesOf): Probe['series'] {
  return (context) => (hasWorkload(context.topology) ? forEach('node', seriesOf)(context) : []);
}

function directly(
  { name, address }: HostPlan,
  topology: Topology,
  endpoint: 'readyz' | 'livez',
): Omit<Series, 'name'> {
  return {
    kind: 'https',
    url: `https://${address}:${apiPort(topology)}/${endpoint}`,
    connection: 'reused',
    ...(isHealthSecret(topology) && { authenticated: true }),
    capability: 'apiserver',
    host: name,
  };
}

function greetingFrom({ name: host, address }: HostPlan, name: string, connection: 'new' | 'reused'): Series {
  const url = `http://${address}:${LOGAPI_NODE_PORT}${GREETING}`;
  return { name, kind: 'http', url, connection, capability: 'service', host };
}
