// What a run's journal holds: one JSON object a line, in the order in which things were written down.
// `atMs` is always on the run's axis (harness/core/clock.ts). All else that holdfast says is computed from this.
import type { ClockOrigin } from './clock.ts';
import type { Observation } from './observations.ts';
import type { LabDescriptor } from './provider.ts';
import type { Topology } from './topology.ts';

export type * from './observations.ts';

export const JOURNAL_VERSION = 1;

export interface RunStarted {
  readonly type: 'run.started';
  readonly atMs: number;
  readonly journalVersion: number;
  readonly id: string;
  readonly startedAt: string;
  readonly clock: ClockOrigin;
  readonly seed: number;
  readonly holdfast: string;
  readonly command: string;
  readonly topology: Topology;
  readonly profile: string;
  readonly provider: string;
  /** Scenario names in the order in which they are to run. */
  readonly plan: readonly string[];
}

export interface StepEvent {
  readonly type: 'step.started' | 'step.finished' | 'step.failed';
  readonly atMs: number;
  /** engine, images, hosts, cluster, teardown. */
  readonly phase: string;
  readonly step: string;
  readonly durationMs?: number;
  readonly error?: string;
}

export interface LabReady {
  readonly type: 'lab.ready';
  readonly atMs: number;
  readonly descriptor: LabDescriptor;
  /** True when the lab was up before this run. */
  readonly reused: boolean;
}

/** A VRRP instance as read from a host's live keepalived.conf. Units as in the file: seconds. */
export interface VrrpInstance {
  readonly host: string;
  readonly address: string;
  readonly name: string;
  readonly state: 'MASTER' | 'BACKUP';
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly advertIntervalS: number;
  readonly preempt: boolean;
  /** Seconds after which a holder repeats its gratuitous ARP. 0, keepalived's default, or absent: never. */
  readonly garpMasterRefreshS?: number;
  readonly trackScripts: readonly TrackScript[];
  readonly virtualAddresses: readonly string[];
  /** VRRP protocol version; absent means 2, keepalived's default. It decides how skew time is counted. */
  readonly version?: 2 | 3;
}

export interface TrackScript {
  readonly name: string;
  readonly command: string;
  /** What the file holds that the command is, where it is a script and somebody else's. */
  readonly content?: string;
  readonly intervalS: number;
  readonly timeoutS: number;
  readonly weight: number;
  readonly fall: number;
  readonly rise: number;
}

export interface ScenarioStarted {
  readonly type: 'scenario.started';
  readonly atMs: number;
  readonly scenario: string;
  /** Which of the repeats, from 1. */
  readonly iteration: number;
  /** From 2 on: asked again, because nothing could be learned the time before. Absent: 1. */
  readonly attempt?: number;
  readonly hypothesis: string;
  /** Names of the checks that judge it. */
  readonly checks: readonly string[];
  /** It breaks nothing on purpose: then nothing may fail. */
  readonly faultless?: true;
}

export interface VrrpConfigured {
  readonly type: 'vrrp.configured';
  readonly atMs: number;
  readonly instances: readonly VrrpInstance[];
}

export interface SteadyState {
  readonly type: 'steady';
  readonly atMs: number;
  /** between: seen again in the course of the scenario, after a fault was healed. */
  readonly when: 'before' | 'between' | 'after';
  readonly ok: boolean;
  /** What was demanded and what was found, a line each. */
  readonly findings: readonly string[];
}

/** What the scenario itself demanded at a point of its course, beside what its checks ask, and what was found. */
export interface DemandMade {
  readonly type: 'demand';
  /** When it was kept, or given up. */
  readonly atMs: number;
  /** When it was first asked. */
  readonly fromMs: number;
  /** A state in words: "12 replicas of logapi available". */
  readonly what: string;
  readonly kept: boolean;
  /** What was found at last. */
  readonly found: string;
  /** How long it might take; absent when it had to hold at once. */
  readonly limitMs?: number;
}

/** Written before the deed (write-ahead): what has to be undone if nobody says otherwise. */
export interface FaultPrepared {
  readonly type: 'fault.prepared';
  readonly atMs: number;
  readonly id: string;
  readonly kind: string;
  /** A host's name, or several with commas between. */
  readonly target: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** After this it is undone by itself. Absent in older records. */
  readonly limitMs?: number;
  /** What the fault takes away while it is in force. */
  readonly effect?: FaultEffect;
}

/** What a fault takes away while it is in force, in the terms from which the oracle computes what can still work. */
export interface FaultEffect {
  /** Hosts without power: nothing on them runs, and nothing answers for them. */
  readonly hostsDown?: readonly string[];
  /** Of these, the ones that come back by themselves: while the fault is in force they may be down, or back. */
  readonly hostsComeBack?: readonly string[];
  /** Hosts on which nothing runs while their kernel still answers: addresses stay, connections open, requests hang. */
  readonly hostsFrozen?: readonly string[];
  readonly processesDown?: readonly {
    readonly host: string;
    readonly process: ProcessName;
    /**
     * stopped: asked to end, it could say goodbye; killed (the default): it could not; paused: it is there and does
     * nothing.
     */
    readonly how?: 'stopped' | 'killed' | 'paused';
    /** Whoever supervises it starts it again while the fault is in force. */
    readonly comesBack?: true;
  }[];
  /** One way each: packets from one host to the other are lost. */
  readonly cuts?: readonly {
    readonly from: string;
    readonly to: string;
    /** vrrp: only adverts are lost. */
    readonly traffic: 'all' | 'vrrp';
  }[];
  /** Hosts that run, but so poorly that nothing on them can be relied upon. `by` says why, in words. */
  readonly impaired?: readonly { readonly host: string; readonly by: string }[];
}

export type ProcessName =
  | 'kubelet'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'keepalived'
  | 'etcd'
  | 'containerd';

/** A fault that was asked for and not injected: nothing was touched. */
export interface FaultRefused {
  readonly type: 'fault.refused';
  readonly atMs: number;
  readonly kind: string;
  readonly target: string;
  readonly reason: string;
}

export interface FaultInjected {
  readonly type: 'fault.injected';
  readonly atMs: number;
  readonly id: string;
  /** The deed took effect between these two. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FaultEvidence {
  readonly type: 'fault.evidence';
  readonly atMs: number;
  readonly id: string;
  readonly evidence: readonly Evidence[];
}

/** An independent witness that a fault took effect (or did not). */
export interface Evidence {
  readonly witness: string;
  readonly holds: boolean;
  readonly detail: string;
}

export interface FaultHealed {
  readonly type: 'fault.healed';
  readonly atMs: number;
  /** When undoing it began: from then on it may have lost its effect. Absent in older records. */
  readonly fromMs?: number;
  readonly id: string;
  readonly by: 'scenario' | 'harness';
}

/** The hosts' state that a scenario may not change for good; the parts are compared one by one. */
export interface FingerprintTaken {
  readonly type: 'fingerprint';
  readonly atMs: number;
  readonly when: 'before' | 'after';
  /** "<host> <aspect>" or "cluster <aspect>" → its normalized text. */
  readonly parts: Readonly<Record<string, string>>;
}

/** A safety condition was met: everything is healed at once, and the run ends. */
export interface SafetyAborted {
  readonly type: 'safety.abort';
  readonly atMs: number;
  /** As it was said: "api down 60s". */
  readonly condition: string;
  /** Since when it had held. */
  readonly sinceMs: number;
  /** What was seen, in words. */
  readonly detail: string;
}

export interface Note {
  readonly type: 'note';
  readonly atMs: number;
  readonly text: string;
}

/** Hosts went on sending to a master that had lost the VIP, until the harness took their ARP entries away. */
export interface MisledMended {
  readonly type: 'vip.misled';
  readonly atMs: number;
  /** The one master that held it. */
  readonly holder: string;
  readonly hosts: readonly string[];
  /** For how long they were seen to, at least. */
  readonly forMs: number;
}

export interface ScenarioFinished {
  readonly type: 'scenario.finished';
  readonly atMs: number;
  readonly scenario: string;
  readonly iteration: number;
  /** Set when the body threw: the experiment did not run to its end. */
  readonly error?: string;
  /** Beside `error`, where nothing had been broken yet: why it cannot be done on this cluster. */
  readonly unavailable?: string;
}

export interface RunInterrupted {
  readonly type: 'run.interrupted';
  readonly atMs: number;
  readonly reason: string;
}

export interface RunFinished {
  readonly type: 'run.finished';
  readonly atMs: number;
  readonly finishedAt: string;
}

export type JournalEvent =
  | RunStarted
  | StepEvent
  | LabReady
  | ScenarioStarted
  | VrrpConfigured
  | SteadyState
  | DemandMade
  | Observation
  | FaultRefused
  | FaultPrepared
  | FaultInjected
  | FaultEvidence
  | FaultHealed
  | FingerprintTaken
  | SafetyAborted
  | MisledMended
  | Note
  | ScenarioFinished
  | RunInterrupted
  | RunFinished;

/** Where events are written down. `append` returns only after the line has left the process. */
export interface Recorder {
  append(event: JournalEvent): void;
}

/** One scenario's part of the journal, with what was known when it began. */
export interface ScenarioRecord {
  readonly run: RunStarted;
  readonly started: ScenarioStarted;
  readonly events: readonly JournalEvent[];
  /** undefined when the journal ends inside the scenario. */
  readonly finished: ScenarioFinished | undefined;
}

/** What is told of a run as a whole: all but what its scenarios are judged by. */
export interface RunFrame {
  readonly run: RunStarted;
  /** In the order of the journal; its last event is always there. */
  readonly events: readonly JournalEvent[];
  /** Lines that could not be read: a journal cut off in the middle of a line has one. */
  readonly unreadableLines: number;
}

/** A whole run as read back from its journal. */
export interface RunRecord extends RunFrame {
  readonly scenarios: readonly ScenarioRecord[];
}
