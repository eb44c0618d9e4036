// Who is who by the design alone, for a preview without a cluster: the holder of the VIP is the preferred master. Who leads
// is nobody's design: the first that could.
import { preferredHolder } from '../cluster/keepalived.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import type { WhoIsWho } from './targets.ts';

export function byDesign(topology: Topology): WhoIsWho {
  const first = (role: 'master' | 'etcd'): Promise<string | undefined> =>
    Promise.resolve(hostsWithRole(topology, role)[0]?.name);
  return {
    topology,
    vipHolders: () => Promise.resolve([preferredHolder(topology).name]),
    etcdLeader: () => first('etcd'),
    leaseHolder: () => first('master'),
  };
}
