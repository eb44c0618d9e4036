// A fault is a deed with evidence and an undo. All three take a target by name, so that another process can undo.
import type { Lab } from './provider.ts';
import type { Evidence, FaultEffect } from './record.ts';

export type FaultParams = Readonly<Record<string, string | number | boolean>>;

/** When the deed took effect, on CLOCK_MONOTONIC: somewhere between the two readings. */
export interface DeedTime {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

export interface Fault {
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** What the oracle is to expect of it. Pure. */
  effect(target: string, params: FaultParams): FaultEffect;
  inject(lab: Lab, target: string, params: FaultParams): Promise<DeedTime>;
  /** Asks independent witnesses, without relying on what `inject` believed. */
  evidence(lab: Lab, target: string, params: FaultParams): Promise<readonly Evidence[]>;
  /** Idempotent; does nothing on a host that is whole. Works without the process that injected. */
  heal(lab: Lab, target: string, params: FaultParams): Promise<void>;
}
