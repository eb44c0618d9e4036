// All that a scenario file may import.
export { useDns } from './cluster/dns-variant.ts';
export { rehearsePitfalls } from './cluster/preflight.ts';
export { randomToken } from './cluster/kubeadm.ts';
export {
  expiredToken,
  forgetNode,
  hasIdentity,
  joinNode,
  joinRefusal,
  labelAllNodes,
  notReady,
} from './cluster/rejoin.ts';
export { performSchedule, soakSchedule } from './scenario/soak.ts';
export { WORKLOAD_FIRST } from './scenario/workload-probes.ts';
export { scenario } from './vitest/scenario.ts';
export { inWords, missingOf } from './workload/logapi.ts';
