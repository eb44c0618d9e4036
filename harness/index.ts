// All that a scenario file may import.
export { scenario } from './vitest/scenario.ts';
