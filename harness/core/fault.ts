// A fault is a deed with evidence and an undo. All of it is told by names, so that another process can undo.
import type { Lab } from './provider.ts';
import type { Evidence, FaultEffect } from './record.ts';
import type { Topology } from './topology.ts';

export type FaultParams = Readonly<Record<string, string | number | boolean>>;

/** When the deed took effect, on CLOCK_MONOTONIC: somewhere between the two readings. */
export interface DeedTime {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** What is to be broken, before anything is. */
export interface FaultPlan {
  readonly topology: Topology;
  /** Names of hosts. */
  readonly targets: readonly string[];
  /** Complete: what was not said has its default. */
  readonly params: FaultParams;
}

export interface FaultCall extends FaultPlan {
  readonly lab: Lab;
  /** Names what the fault leaves on hosts: lower-case letters, digits and dashes. */
  readonly id: string;
  /** How long it may stand. After that it is undone without anybody asking, whatever became of the harness. */
  readonly limitMs: number;
}

/** What one host is to do to itself. Shell of a POSIX sh. */
export interface HostDeed {
  readonly host: string;
  /** Waited for before the deed, within 60 s: what it is to strike may be on its way back from something else. */
  readonly ready?: string;
  readonly deed: string;
  /** Idempotent, and does nothing where the deed was never done. A command of it that fails is tried again later. */
  readonly undo: string;
}

export interface Parameter {
  /** A few words; printed by `holdfast list`. */
  readonly summary: string;
  /** Absent: it has to be said. */
  readonly default?: string | number | boolean;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

export interface Fault {
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** What the oracle is to expect of it. Pure. */
  effect(plan: FaultPlan): FaultEffect;
  /** Why it cannot be done here, in words; undefined when it can. Changes nothing. */
  unavailable?(call: FaultCall): Promise<string | undefined>;
  /** What its hosts would do, where shells of theirs do all of it. Pure. */
  preview?(plan: FaultPlan & { readonly id: string }): readonly HostDeed[];
  /** The same in words, where it is done to a host from outside of it. Pure; each fault has this or `preview`. */
  outside?(plan: FaultPlan): readonly HostDeed[];
  /** Arms what undoes it at its limit, then does it. */
  inject(call: FaultCall): Promise<DeedTime>;
  /** Asks independent witnesses, without relying on what `inject` believed. */
  evidence(call: FaultCall): Promise<readonly Evidence[]>;
  /** Idempotent; does nothing on a host that is whole. Works without the process that injected. */
  heal(call: FaultCall): Promise<void>;
}
