// What a run's journal holds: one JSON object a line, in the order in which things were written down.
// `atMs` is always on the run's axis (harness/core/clock.ts). All else that holdfast says is computed from this.
import type { ClockOrigin } from './clock.ts';
import type { LabDescriptor } from './provider.ts';
import type { Topology } from './topology.ts';

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
  readonly trackScripts: readonly TrackScript[];
  readonly virtualAddresses: readonly string[];
  /** VRRP protocol version; absent means 2, keepalived's default. It decides how skew time is counted. */
  readonly version?: 2 | 3;
}

export interface TrackScript {
  readonly name: string;
  readonly command: string;
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
  readonly hypothesis: string;
  /** Names of the checks that judge it. */
  readonly checks: readonly string[];
}

export interface VrrpConfigured {
  readonly type: 'vrrp.configured';
  readonly atMs: number;
  readonly instances: readonly VrrpInstance[];
}

export interface SteadyState {
  readonly type: 'steady';
  readonly atMs: number;
  readonly when: 'before' | 'after';
  readonly ok: boolean;
  /** What was demanded and what was found, a line each. */
  readonly findings: readonly string[];
}

export interface ProbeDefinition {
  /** The series' name, unique in a scenario: api-vip-new, api-vip-reused, apiserver-<host>, logapi-<host>. */
  readonly name: string;
  readonly kind: 'https' | 'http';
  readonly url: string;
  readonly connection: 'new' | 'reused';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** What a client of this series gets: api, apiserver, service, control. */
  readonly capability: 'api' | 'apiserver' | 'service' | 'control';
  /** The host that the series asks directly, if any. */
  readonly host?: string;
}

export interface ProbesStarted {
  readonly type: 'probes.started';
  readonly atMs: number;
  readonly probes: readonly ProbeDefinition[];
}

export type FailureKind = 'refused' | 'timeout' | 'reset' | 'unreachable' | 'tls' | 'status' | 'other';

/** One question to one series; stamped at its start. Keys are short: there are many of these. */
export interface Sample {
  readonly type: 'sample';
  readonly atMs: number;
  /** The series' name. */
  readonly probe: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** How late the sample began against its cadence. */
  readonly lateMs: number;
  readonly failure?: FailureKind;
  readonly status?: number;
  readonly detail?: string;
}

/** The sampler's own account, at the end and every few seconds. */
export interface ProberNoise {
  readonly type: 'noise';
  readonly atMs: number;
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
}

/** What the harness's own processes cost between probes.started and probes.stopped. */
export interface CpuMeasured {
  readonly type: 'cpu';
  readonly atMs: number;
  /** What the process is → its share of one core. */
  readonly shares: Readonly<Record<string, number>>;
}

export interface ProbesStopped {
  readonly type: 'probes.stopped';
  readonly atMs: number;
  readonly reason: string;
}

export interface VipAddress {
  readonly type: 'vip.address';
  readonly atMs: number;
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

/** Written before the deed (write-ahead): what has to be undone if nobody says otherwise. */
export interface FaultPrepared {
  readonly type: 'fault.prepared';
  readonly atMs: number;
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
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
  readonly id: string;
  readonly by: 'scenario' | 'harness';
}

export interface NodesSeen {
  readonly type: 'nodes';
  readonly atMs: number;
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

/** The hosts' state that a scenario may not change for good; the parts are compared one by one. */
export interface FingerprintTaken {
  readonly type: 'fingerprint';
  readonly atMs: number;
  readonly when: 'before' | 'after';
  /** "<host> <aspect>" or "cluster <aspect>" → its normalized text. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface Note {
  readonly type: 'note';
  readonly atMs: number;
  readonly text: string;
}

export interface ScenarioFinished {
  readonly type: 'scenario.finished';
  readonly atMs: number;
  readonly scenario: string;
  readonly iteration: number;
  /** Set when the body threw: the experiment did not run to its end. */
  readonly error?: string;
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
  | ProbesStarted
  | Sample
  | ProberNoise
  | CpuMeasured
  | ProbesStopped
  | VipAddress
  | PowerChanged
  | FaultPrepared
  | FaultInjected
  | FaultEvidence
  | FaultHealed
  | NodesSeen
  | FingerprintTaken
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

/** A whole run as read back from its journal. */
export interface RunRecord {
  readonly run: RunStarted;
  readonly events: readonly JournalEvent[];
  readonly scenarios: readonly ScenarioRecord[];
  /** Lines that could not be read: a journal cut off in the middle of a line has one. */
  readonly unreadableLines: number;
}
