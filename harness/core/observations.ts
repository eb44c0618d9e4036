// What was seen while a scenario ran: the probes' samples, the VIP's holders, adverts and ARP on the wire, the cluster's
// own state. Part of the journal (harness/core/record.ts); `atMs` is on the run's axis. What extends Stamp was stamped by a
// host: by the one on which it was seen, the observer or the one that the event names.
import type { Stamp } from './clock.ts';

export type Capability =
  'api' | 'api-read' | 'api-write' | 'api-watch' | 'apiserver' | 'etcd' | 'service' | 'dns' | 'control';

export interface ProbeDefinition {
  /** The series' name, unique in a scenario: api-vip-new, apiserver-<host>, logapi-<host> … */
  readonly name: string;
  readonly kind: 'https' | 'http' | 'dns';
  readonly url: string;
  readonly connection: 'new' | 'reused';
  /** Absent: HTTP/1.1. */
  readonly httpVersion?: '2';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** What a client of this series gets. */
  readonly capability: Capability;
  /** The host that the series asks directly, if any. */
  readonly host?: string;
  /** The host on which the series runs, inside a pod; absent: on the observer. */
  readonly from?: string;
  /** Presents the client certificate of the prober's configuration. */
  readonly authenticated?: true;
  /**
   * What a sample does if it is not a plain GET. append: adds a numbered record to the ledger; watch: sees, in a watch,
   * the record whose append began with the sample.
   */
  readonly task?: 'append' | 'watch';
}

export interface ProbesStarted {
  readonly type: 'probes.started';
  readonly atMs: number;
  readonly probes: readonly ProbeDefinition[];
}

export type FailureKind = 'refused' | 'timeout' | 'reset' | 'unreachable' | 'tls' | 'status' | 'other';

/** One question to one series; stamped at its start. Keys are short: there are many of these. */
export interface Sample extends Stamp {
  readonly type: 'sample';
  /** The series' name. */
  readonly probe: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** How late the sample began against its cadence. */
  readonly lateMs: number;
  readonly failure?: FailureKind;
  readonly status?: number;
  readonly detail?: string | undefined;
  /** From the start until the connection stood; absent where none was opened. */
  readonly connectMs?: number;
  /** From there until the TLS handshake was complete. */
  readonly tlsMs?: number;
  /** From when the request was sent until the first byte of the answer. */
  readonly firstByteMs?: number;
  /** The host whose certificate the answering server showed; "unknown" when no host of the cluster has it. */
  readonly answeredBy?: string | undefined;
  readonly append?: LedgerAppend;
}

/** What became of one record of the ledger (harness/probes/prober/ledger.ts). */
export interface LedgerAppend {
  readonly key: string;
  /** From 1, rising over all keys. */
  readonly record: number;
  /** indeterminate: sent, and no answer that says whether it was written. refused: certainly not written. */
  readonly outcome: 'acknowledged' | 'refused' | 'indeterminate';
  /** The store's revision of an acknowledged record (metadata.resourceVersion). */
  readonly revision?: number | undefined;
}

/** All that the ledger holds, read back with quorum when the cluster was whole again. */
export interface LedgerRead {
  readonly type: 'ledger.read';
  readonly atMs: number;
  /** The host that was asked. */
  readonly host: string;
  readonly entries: readonly { readonly key: string; readonly record: number; readonly revision: number }[];
}

/** The ledger's watch through the VIP. Its deliveries are the samples of its series. */
export interface WatchChanged extends Stamp {
  readonly type: 'watch';
  readonly probe: string;
  readonly change: 'opened' | 'closed';
  readonly detail?: string | undefined;
  readonly answeredBy?: string | undefined;
}

/** The sampler's own account, at the end and every few seconds. */
export interface ProberNoise extends Stamp {
  readonly type: 'noise';
  /** Where the sampler ran; absent: on the observer. */
  readonly from?: string;
  /** Over the window since the last one. */
  readonly windowMs: number;
  readonly latenessMsP99: number;
  readonly latenessMsMax: number;
  readonly eventLoopStallMsMax: number;
  /** Samples that were due and never sent. */
  readonly lost: number;
  /** CPU time of the prober in the window, as a share of one core. */
  readonly proberCpuShare: number;
  /** The machine's steal time in the window as a share, from /proc/stat. */
  readonly stealShare: number;
  /** How far the wall clock was moved against the monotonic one in the window. */
  readonly wallClockStepMs?: number | undefined;
  /** Resident memory of the prober at the window's end. */
  readonly residentMiB?: number | undefined;
}

/** What the harness's own processes cost between probes.started and probes.stopped. */
export interface CpuMeasured {
  readonly type: 'cpu';
  readonly atMs: number;
  /** What the process is → its share of one core. */
  readonly shares: Readonly<Record<string, number>>;
}

/** What kept the machine busy on which the lab's hosts run, where they are all on this one. Cores: CPU seconds a second. */
export interface MachineLoad {
  readonly type: 'machine';
  readonly atMs: number;
  /** Over the window since the last one. */
  readonly windowMs: number;
  /** How many there are. */
  readonly cores: number;
  /** Not idle: used by anybody, or taken away by whoever shares the hardware. */
  readonly busyCores: number;
  /** Of those: used by the lab's hosts, the observer among them. */
  readonly labCores: number;
  /** Of those: used by the harness's own processes. */
  readonly harnessCores: number;
}

export interface ProbesStopped {
  readonly type: 'probes.stopped';
  readonly atMs: number;
  /** The host on which they ran; absent: the observer. */
  readonly from?: string;
  readonly reason: string;
}

export interface VipAddress extends Stamp {
  readonly type: 'vip.address';
  readonly host: string;
  readonly present: boolean;
  /** snapshot: so it stood when the watch began; event: the kernel told; lost: the watch ended with its host. */
  readonly source: 'snapshot' | 'event' | 'lost';
}

export interface PowerChanged {
  readonly type: 'power';
  readonly atMs: number;
  readonly host: string;
  readonly state: 'on' | 'off';
}

/** The masters' link-layer addresses: what ARP names them by. */
export interface LinkAddresses {
  readonly type: 'link.addresses';
  readonly atMs: number;
  /** Host → address, lower case with colons. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** The capture on the observer's interface: what was not captured may have been there. */
export interface CaptureChanged {
  readonly type: 'capture';
  readonly atMs: number;
  readonly state: 'started' | 'stopped';
  /** Packets that the kernel dropped before they were read. */
  readonly dropped?: number;
  readonly detail?: string | undefined;
}

/** A VRRP advert on the wire (RFC 3768 section 5, RFC 5798 section 5). */
export interface VrrpAdvert extends Stamp {
  readonly type: 'vrrp.advert';
  readonly source: string;
  /** The host with that address; absent for a stranger. */
  readonly host?: string;
  readonly virtualRouterId: number;
  /** 0: the sender gives the address up. */
  readonly priority: number;
  readonly advertIntervalS: number;
}

/** A gratuitous ARP for the VIP on the wire (RFC 5227 section 3). */
export interface GratuitousArp extends Stamp {
  readonly type: 'arp.gratuitous';
  readonly linkAddress: string;
  readonly host?: string;
}

/** The observer's own ARP entry for the VIP. */
export interface ArpEntry extends Stamp {
  readonly type: 'arp.entry';
  /** Absent while there is none, or none that is resolved. */
  readonly linkAddress?: string;
  readonly host?: string;
  /** As the kernel calls it: REACHABLE, STALE, DELAY, PROBE, INCOMPLETE, FAILED …; absent: no entry. */
  readonly state?: string;
  /** snapshot: so it stood when the watch began; event: the kernel told; lost: the watch ended, nothing is known. */
  readonly source: 'snapshot' | 'event' | 'lost';
}

export interface NodesSeen {
  readonly type: 'nodes';
  readonly atMs: number;
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

/** The harness's own watch on the cluster, straight to one apiserver after the other: in between, nothing was seen. */
export interface ClusterWatch extends Stamp {
  readonly type: 'cluster.watch';
  /** The apiserver's host. */
  readonly host: string;
  readonly change: 'opened' | 'closed';
  readonly detail?: string | undefined;
}

/** A node's Ready condition as the watch told it, at first and whenever it changed. */
export interface NodeCondition extends Stamp {
  readonly type: 'node';
  readonly node: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason?: string | undefined;
}

/** A pod's state as the watch told it, at first and whenever one of these changed. */
export interface PodState extends Stamp {
  readonly type: 'pod';
  /** <namespace>/<name> */
  readonly pod: string;
  readonly node?: string | undefined;
  readonly phase: string;
  readonly ready: boolean;
  /** Its deletion has begun, or it is gone. */
  readonly deleted?: 'begun' | 'gone' | undefined;
}

/** A leader-election lease, at first and at every renewal that the watch told. */
export interface LeaseSeen extends Stamp {
  readonly type: 'lease';
  /** kube-controller-manager, kube-scheduler */
  readonly lease: string;
  /** The host in the holder's identity; the identity itself when it names none. Absent: nobody. */
  readonly holder?: string | undefined;
  readonly transitions: number;
  readonly durationS: number;
}

/** An etcd member's own account, at first and whenever one of these changed. */
export interface EtcdMember extends Stamp {
  readonly type: 'etcd.member';
  readonly host: string;
  readonly memberId: string;
  /** Absent: it knows of no leader. */
  readonly leaderId?: string | undefined;
  readonly term: number;
}

/** A host's clock beside the harness's. It is measured at the beginning and the end, after each boot, and in between. */
export interface ClockMeasured {
  readonly type: 'clock.measured';
  readonly atMs: number;
  readonly host: string;
  /** The host's life: measures of one boot can be compared. */
  readonly boot: string;
  /** same kernel: there is nothing to measure. Else how the host read its clock (harness/probes/clock/ways.ts). */
  readonly way: 'same kernel' | 'perl' | 'python' | 'node' | 'timer_list' | 'uptime';
  /** The host's CLOCK_MONOTONIC minus the harness's, in nanoseconds, as a decimal string (JSON has no bigint). */
  readonly offsetNs: string;
  /** It is certainly no further from that. */
  readonly uncertaintyMs: number;
  /** Of the exchange that it was measured by: the one with the least. */
  readonly roundTripMs?: number;
  /** The host's wall clock minus its CLOCK_MONOTONIC, as a decimal string: it changes when somebody sets the wall clock. */
  readonly wallAheadNs?: string;
  readonly wallUncertaintyMs?: number;
}

/** When each host booted and each of its units started: what changed that no fault declared? */
export interface VitalsTaken {
  readonly type: 'vitals';
  readonly atMs: number;
  readonly when: 'before' | 'after';
  /** Host → what (boot, keepalived.service …) → since when, in a form that is equal as long as it is the same life. */
  readonly lives: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type Observation =
  | ProbesStarted
  | Sample
  | LedgerRead
  | WatchChanged
  | ProberNoise
  | CpuMeasured
  | MachineLoad
  | ProbesStopped
  | VipAddress
  | PowerChanged
  | LinkAddresses
  | CaptureChanged
  | VrrpAdvert
  | GratuitousArp
  | ArpEntry
  | NodesSeen
  | ClusterWatch
  | NodeCondition
  | PodState
  | LeaseSeen
  | EtcdMember
  | ClockMeasured
  | VitalsTaken;
