// Scenarios are found by their files: a new one needs no list.
import { readdirSync } from 'node:fs';
import type { ScenarioDefinition } from '../scenario/definition.ts';

const SCENARIOS = new URL('../../scenarios/', import.meta.url);
const SCENARIO_FILE = /^(.+)\.scenario\.ts$/;

export function scenarioNames(): readonly string[] {
  return readdirSync(SCENARIOS)
    .flatMap((file) => SCENARIO_FILE.exec(file)?.[1] ?? [])
    .sort();
}

/** Outside of a run a scenario file only says what it is. */
export async function loadScenario(name: string): Promise<ScenarioDefinition> {
  const file = new URL(`${name}.scenario.ts`, SCENARIOS);
  return ((await import(file.href)) as { readonly default: ScenarioDefinition }).default;
}
