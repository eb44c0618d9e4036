// What a client notices of an outage beyond the outage itself.
import type { ProbeDefinition } from './record.ts';

/**
 * Sampling bounds an outage from outside by up to one interval at each end. A kept connection whose server vanished is
 * given up only after the request's timeout, and a watch on it is found silent only after one more.
 */
export function noticeMs({ intervalMs, timeoutMs, connection, task }: ProbeDefinition): number {
  return 2 * intervalMs + (connection === 'reused' ? timeoutMs : 0) + (task === 'watch' ? timeoutMs : 0);
}
