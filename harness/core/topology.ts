// The plan of a cluster as data. Read and validated by harness/cluster/topology.ts.

export type HostRole = 'master' | 'node' | 'etcd';

export interface HostPlan {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly HostRole[];
  /** etcd's data directory on this host (the seed's chapter 3.2); present on etcd hosts. */
  readonly etcdDataDir?: string;
  /** The member's name as in the seed: etcd01, etcd02 … */
  readonly etcdName?: string;
  /** VRRP priority; present on masters. */
  readonly priority?: number;
}

export interface KeepalivedPlan {
  readonly virtualRouterId: number;
  readonly advertIntervalS: number;
  readonly authPass: string;
  /** Seconds after which a holder repeats its gratuitous ARP; 0 or absent: never, keepalived's default. */
  readonly garpMasterRefreshS?: number;
  readonly check: { readonly intervalS: number; readonly weight: number };
}

/** deployment: three replicas; daemonset: one on each master. The seed's chapter 3.3.7 has both. */
export type DnsVariant = 'none' | 'deployment' | 'daemonset';

export interface Topology {
  readonly name: string;
  /** The lab network that holds every host, as CIDR. */
  readonly network: string;
  readonly vip: { readonly address: string; readonly prefixLength: number };
  readonly podNetwork: string;
  readonly serviceNetwork: string;
  readonly keepalived: KeepalivedPlan;
  /** Whether every master stops its keepalived when it is of no use (fixtures/guard). Absent in older records: off. */
  readonly guard?: 'on' | 'off';
  /** How the cluster's DNS runs on the masters. Absent in older records: none. */
  readonly dns?: DnsVariant;
  readonly hosts: readonly HostPlan[];
  readonly observer: { readonly name: string; readonly address: string };
}

export function hostsWithRole(topology: Topology, role: HostRole): readonly HostPlan[] {
  return topology.hosts.filter((host) => host.roles.includes(role));
}

/** Hosts that are members of the Kubernetes cluster: all but those that carry etcd alone. */
export function clusterMembers(topology: Topology): readonly HostPlan[] {
  return topology.hosts.filter((host) => host.roles.includes('master') || host.roles.includes('node'));
}
