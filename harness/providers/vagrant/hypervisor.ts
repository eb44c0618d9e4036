// What holdfast asks of a hypervisor itself, past vagrant: vagrant switches machines off kindly, and knows no cables.
import type { PowerState } from '../../core/host.ts';
import type { HypervisorName } from './settings.ts';

/** Machines are named as the hypervisor knows them. Each deed may be done twice. */
export interface Hypervisor {
  readonly name: HypervisorName;
  /** Why it cannot be used here, in words; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  state(machine: string): Promise<PowerState>;
  /** Takes its power away: nothing in it is told. */
  cut(machine: string): Promise<void>;
  start(machine: string): Promise<void>;
  pause(machine: string): Promise<void>;
  resume(machine: string): Promise<void>;
  /** Whether the cable of its interface on that network is plugged in. */
  plug(machine: string, network: string, link: 'up' | 'down'): Promise<void>;
  /** Memory and disk, as they are. A snapshot of the same name is replaced. */
  snapshot(machine: string, label: string): Promise<void>;
  restore(machine: string, label: string): Promise<void>;
  /** A shell line that makes a machine run, and does nothing to one that does. */
  lineThatStarts(machine: string): string;
  /** Removes what vagrant left of a lab: by its names alone. @returns what was removed */
  sweep(lab: LabNames): Promise<readonly string[]>;
}

export interface LabNames {
  /** Before the names of its machines. */
  readonly prefix: string;
  /** Of its networks, one of which may go on from there. */
  readonly network: string;
}
