// The plan of a cluster as data. Read and validated by harness/cluster/topology.ts.

export type HostRole = 'master' | 'node' | 'etcd';

/** How a host that exists already is reached over SSH; what is absent is said by an ssh_config(5), or is OpenSSH's default. */
export interface SshSettings {
  /** Path of an ssh_config; absent: the user's own. */
  readonly config?: string;
  /** What the host is called there, when it is not the name by which its cluster knows it. */
  readonly alias?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: string;
  /** The environment variable that holds the password. */
  readonly passwordFrom?: string;
  /** Commands are run through `sudo -n`. */
  readonly sudo?: boolean;
  /** "[user@]host[:port]", or a name of the ssh_config. */
  readonly jump?: string;
  readonly proxyCommand?: string;
  /** Path of a known_hosts file. */
  readonly knownHosts?: string;
}

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
  /** Present on hosts that exist already (the inventory provider), on no others. */
  readonly ssh?: SshSettings;
  readonly power?: PowerCommands;
}

/** How a host that exists already is switched off and on: shell lines, run on the harness's machine. */
export interface PowerCommands {
  /** A power cut, never a shutdown: `ipmitool … chassis power off`. */
  readonly off: string;
  readonly on: string;
}

/** A program of the cluster is a unit of systemd, or a static pod of the kubelet. */
export type Supervisor = 'systemd' | 'static-pod';

/** What is other in a cluster that somebody else built, as `holdfast attach` found it. Plain JSON, without secrets. */
export interface FoundCluster {
  /** As the apiserver says: "v1.20.2". */
  readonly kubernetesVersion: string;
  readonly apiPort: number;
  /** Of the one address under which clients ask for the API; absent: the apiservers'. */
  readonly endpointPort?: number;
  /** Who is told /readyz: absent, everybody, as is usual; else whoever shows a certificate (--anonymous-auth=false). */
  readonly health?: 'authenticated';
  readonly etcd: {
    readonly supervisor: Supervisor;
    /** Its --election-timeout, where that is set; absent: etcd's default of 1 s. */
    readonly electionTimeoutMs?: number;
    /** Paths on every etcd host; absent: clients speak plain HTTP. */
    readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  };
  /** Who moves the VIP; "other": HAProxy, kube-vip, a cloud's load balancer, of which holdfast knows no arithmetic. */
  readonly vip: {
    readonly by: 'keepalived' | 'other';
    readonly supervisor?: Supervisor;
    readonly conf?: string;
  };
  readonly runtime: 'containerd' | 'docker' | 'cri-o';
  /** Whether logapi runs there: without it there are no series and no scenarios of a workload. */
  readonly hasWorkload: boolean;
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
  readonly observer: ObserverPlan;
  /** Present on a cluster that somebody else built; absent: it is as holdfast builds them. */
  readonly found?: FoundCluster;
  /** Hosts that no fault may touch. */
  readonly protect?: readonly string[];
}

export interface ObserverPlan {
  readonly name: string;
  readonly address: string;
  /** Present on a host that exists already. */
  readonly ssh?: SshSettings;
  /** The harness's own machine is the client. */
  readonly local?: true;
}

export function hostsWithRole(topology: Topology, role: HostRole): readonly HostPlan[] {
  return topology.hosts.filter((host) => host.roles.includes(role));
}

/** Hosts that are members of the Kubernetes cluster: all but those that carry etcd alone. */
export function clusterMembers(topology: Topology): readonly HostPlan[] {
  return topology.hosts.filter((host) => host.roles.includes('master') || host.roles.includes('node'));
}
