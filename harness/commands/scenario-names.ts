// Scenarios are found by their files: a new one needs no list.
import { readdirSync } from 'node:fs';

const SCENARIOS = new URL('../../scenarios/', import.meta.url);
const SCENARIO_FILE = /^(.+)\.scenario\.ts$/;

export function scenarioNames(): readonly string[] {
  return readdirSync(SCENARIOS)
    .flatMap((file) => SCENARIO_FILE.exec(file)?.[1] ?? [])
    .sort();
}

export function scenarioFile(name: string): URL {
  return new URL(`${name}.scenario.ts`, SCENARIOS);
}
