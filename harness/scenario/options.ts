// What performing a scenario needs: the scenario, the lab it is performed on, and where it is written down.
import type { RunClock } from '../core/clock.ts';
import type { Lab } from '../core/provider.ts';
import type { Recorder } from '../core/record.ts';
import type { Processes } from './cpu.ts';
import type { SafetyPolicy } from '../safety/policy.ts';
import type { ScenarioDefinition } from './definition.ts';

export interface ExecuteOptions {
  readonly name: string;
  readonly iteration: number;
  /** From 2 on when the same is asked again. Default 1. */
  readonly attempt?: number;
  /** The run's; all randomness comes from it. */
  readonly seed: number;
  /** What `--for` says: how long a scenario that can go on for any time is to. */
  readonly durationMs?: number | undefined;
  /** What a person has allowed. Default: what needs no leave. */
  readonly safety?: SafetyPolicy | undefined;
  readonly definition: ScenarioDefinition;
  readonly lab: Lab;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  /** The harness's own processes, whose cost is measured. */
  readonly processes: Processes;
}
