// All that a scenario file may import.
export { performSchedule, soakSchedule } from './scenario/soak.ts';
export { scenario } from './vitest/scenario.ts';
export { inWords, missingOf } from './workload/logapi.ts';
