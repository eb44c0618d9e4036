// What the parent process hands to the process that runs one scenario: a small JSON file, named in the environment.
import { readFileSync } from 'node:fs';
import type { ClockOrigin } from '../core/clock.ts';
import type { LabDescriptor } from '../core/provider.ts';
import type { SafetyPolicy } from '../safety/policy.ts';

export const SCENARIO_CONTEXT_VARIABLE = 'HOLDFAST_SCENARIO_CONTEXT';

export interface ScenarioContext {
  /** The process that owns the run; without it a scenario heals what it broke and ends. */
  readonly ownerPid: number;
  readonly scenario: string;
  readonly iteration: number;
  readonly attempt: number;
  /** The run's. */
  readonly seed: number;
  /** What `--for` says. */
  readonly durationMs?: number;
  readonly safety: SafetyPolicy;
  readonly journal: string;
  /** How long the journal was before. */
  readonly journalFromByte: number;
  readonly clock: ClockOrigin;
  readonly lab: LabDescriptor;
}

/** undefined outside of a run: then a scenario file is only read, for its hypothesis. */
export function scenarioContext(environment: NodeJS.ProcessEnv): ScenarioContext | undefined {
  const path = environment[SCENARIO_CONTEXT_VARIABLE];
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as ScenarioContext);
}
