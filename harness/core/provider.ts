// Who makes hosts. A provider stops short of Kubernetes.
import type { Host, Power } from './host.ts';
import type { ProgressListener } from './progress.ts';
import type { Topology } from './topology.ts';

/** All that another process needs to find a lab again; plain JSON. */
export interface LabDescriptor {
  readonly provider: string;
  readonly runId: string;
  /** 0 is the topology's own addresses; n shifts them so that labs do not collide. */
  readonly instance: number;
  readonly createdAt: string;
  /** With the addresses as they are in this instance. */
  readonly topology: Topology;
}

export interface Lab {
  readonly descriptor: LabDescriptor;
  /** The cluster's hosts, in the topology's order; the observer is not one of them. */
  readonly hosts: readonly Host[];
  /** The client: a host on the lab network from which everything is measured. */
  readonly observer: Host;
  host(name: string): Host;
  power(name: string): Power;
  /**
   * CPU time that each host has used since it was switched on, in seconds, the observer among them. Absent where the hosts
   * are not on this machine.
   */
  cpuSeconds?(): Promise<ReadonlyMap<string, number>>;
  readonly watchdog: Watchdog;
  /** Absent: on the observer, in folders of root's. */
  readonly places?: LabPlaces;
}

/** Where a lab keeps what belongs to holdfast and not to the cluster. */
export interface LabPlaces {
  /** A folder in which the lab and the runs on it are noted, and the host that has it. */
  readonly notes: { readonly host: Host; readonly folder: string };
  /** A folder on the observer for programs that run there; whoever logs in may write it. */
  readonly programs: string;
}

/**
 * Brings hosts back that cannot do so by themselves, having no power or being frozen. It runs where the power switch is,
 * in a process of its own, which outlives the harness.
 */
export interface Watchdog {
  /**
   * Resolves when it stands guard: from then on the hosts are thawed and switched on when the limit is reached, unless it
   * is called off. It ends without a deed when their lab is removed.
   * @param id lower-case letters, digits and dashes; each is armed once
   */
  arm(id: string, hosts: readonly string[], limitMs: number): Promise<void>;
  /** Idempotent; works from another process than the one that armed it. */
  disarm(id: string): Promise<void>;
}

/** What hosts that exist already must have before a cluster can be made on them. */
export interface ClusterNeeds {
  /** Container images, as containerd knows them. */
  readonly images: readonly string[];
  /** As kubeadm says it: "v1.20.2". */
  readonly kubernetesVersion: string;
}

export interface ProvisionOptions {
  readonly topology: Topology;
  readonly runId: string;
  /**
   * Asked of hosts that exist already; hosts that are made have it. Absent: such hosts need systemd and no more, all else is
   * brought and installed when the cluster is made.
   */
  readonly needs?: ClusterNeeds;
  /** A fixed instance number, or the first free one when absent. */
  readonly instance?: number;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
  /** One host after the other, for comparison in the benchmark. */
  readonly sequential?: boolean;
}

export interface Provider {
  readonly name: string;
  /** Why this provider cannot work here, in words; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  provision(options: ProvisionOptions): Promise<Lab>;
  attach(descriptor: LabDescriptor): Promise<Lab>;
  /** Every lab of ours that exists now, also one that another process made or left half-made. */
  list(): Promise<readonly LabDescriptor[]>;
  /** Removes a lab whole, or with no run id all that carries our label. Idempotent. Returns what it removed. */
  destroy(runId?: string): Promise<readonly string[]>;
}

const NOTES_FOLDER = '/etc/holdfast';

/** Where the lab is noted: on its own observer, unless it says otherwise, so that the notes go when the lab does. */
export function labNotes({ places, observer }: Pick<Lab, 'places' | 'observer'>): LabPlaces['notes'] {
  return places?.notes ?? { host: observer, folder: NOTES_FOLDER };
}
