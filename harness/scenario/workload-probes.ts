// What watches a scenario in which the workload is what counts.
import type { ProbeSelection } from '../probes/index.ts';

const SELDOM = { intervalMs: 250 };

/**
 * The API is asked less often than usual: pods that start take all the cores that a small machine has, and to measure
 * must not take more of them than what is measured.
 */
export const WORKLOAD_FIRST: ProbeSelection = {
  without: ['api-vip-new-h2', 'api-vip-reused-h2', 'apiserver-<host>-livez'],
  each: {
    'api-vip-new': SELDOM,
    'api-vip-reused': SELDOM,
    'api-read-quorum': SELDOM,
    'api-read-cached': SELDOM,
    'api-write': SELDOM,
    'apiserver-<host>': SELDOM,
  },
};
