// The cluster's DNS in another variant than its topology says, for as long as a scenario needs it.
import type { DnsVariant } from '../core/topology.ts';
import type { Cluster } from './cluster.ts';
import { deployDns, removeDns } from './steps/dns.ts';

/** Ready, and answering pods on every node; what there was in the other variant goes when this one answers. Idempotent. */
export async function useDns({ lab, topology }: Cluster, variant: DnsVariant): Promise<void> {
  const place = { lab, topology: { ...topology, dns: variant }, sequential: false };
  if (variant !== 'none') await deployDns(place);
  await removeDns(place, variant);
}
