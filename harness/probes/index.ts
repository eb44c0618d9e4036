// The probes: which series a topology is watched with. Adding one is one entry here.
import { API_PORT, LOGAPI_NODE_PORT } from '../core/ports.ts';
import type { ProbeDefinition } from '../core/record.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';

export { startProbes } from './sampler.ts';
export { startVipWatch } from './vip-watch.ts';

export interface Cadence {
  readonly intervalMs: number;
  /** Limit on each sample. */
  readonly timeoutMs: number;
}

type Series = Omit<ProbeDefinition, keyof Cadence>;

export interface Probe {
  /** As in the names of its series; `<host>` stands for one series for each host. */
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  series(topology: Topology): readonly Series[];
}

export const probes: readonly Probe[] = [
  {
    name: 'api-vip-new',
    summary: 'GET /readyz through the VIP, on a new TLS connection each time: what a new client gets.',
    series: (topology) => [apiThroughVip(topology, 'new')],
  },
  {
    name: 'api-vip-reused',
    summary: 'GET /readyz through the VIP on one kept connection: what a client that is connected gets.',
    series: (topology) => [apiThroughVip(topology, 'reused')],
  },
  {
    name: 'apiserver-<host>',
    // Kept connections: a TLS handshake costs the prober more than all else that it does for a sample.
    summary: 'GET /readyz of each apiserver directly, on one kept connection each.',
    series: (topology) =>
      hostsWithRole(topology, 'master').map(({ name, address }) => ({
        name: `apiserver-${name}`,
        kind: 'https',
        url: `https://${address}:${API_PORT}/readyz`,
        connection: 'reused',
        capability: 'apiserver',
        host: name,
      })),
  },
  {
    name: 'logapi-<host>',
    summary: "GET the workload's greeting through each node's port, on a new connection each time.",
    series: (topology) =>
      hostsWithRole(topology, 'node').map(({ name, address }) => ({
        name: `logapi-${name}`,
        kind: 'http',
        url: `http://${address}:${LOGAPI_NODE_PORT}/api/log/greeting`,
        connection: 'new',
        capability: 'service',
        host: name,
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

/** Every probe's series for this topology, all at one cadence. */
export function defaultProbes(topology: Topology, cadence: Cadence): readonly ProbeDefinition[] {
  return probes.flatMap((probe) => probe.series(topology).map((series) => ({ ...series, ...cadence })));
}

function apiThroughVip({ vip }: Topology, connection: 'new' | 'reused'): Series {
  return {
    name: `api-vip-${connection}`,
    kind: 'https',
    url: `https://${vip.address}:${API_PORT}/readyz`,
    connection,
    capability: 'api',
  };
}
