// Connections that were begun and never answered, as the hosts' kernels go on remembering them (nf_conntrack, SYN_SENT: 120 s).
// One that was begun while its service had no rule, or led to a dead pod, stays translated as it was: whoever gets the same
// source port again within that time is led into the same void, long after the service is whole.
import type { Host } from '../core/host.ts';

const FORGET =
  'command -v conntrack > /dev/null || exit 0; conntrack -D -p tcp --state SYN_SENT 2>&1 > /dev/null || true';

/** @returns how many each host has forgotten, of those that had any */
export async function forgetHalfOpen(hosts: readonly Host[]): Promise<ReadonlyMap<string, number>> {
  const forgotten = await Promise.all(
    hosts.map(async (host) => {
      const { stdout } = await host.run(['sh', '-c', FORGET], { timeoutMs: 10_000 });
      return [host.name, deletedOf(stdout)] as const;
    }),
  );
  return new Map(forgotten.filter(([, count]) => count > 0));
}

/** "conntrack v1.4.7 (conntrack-tools): 300 flow entries have been deleted." */
export function deletedOf(said: string): number {
  return Number(/(\d+) flow entries have been deleted/.exec(said)?.[1] ?? 0);
}
