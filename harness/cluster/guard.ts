// What the guard on a master is told (fixtures/guard/holdfast-guard.sh).
import { API_PORT } from '../core/ports.ts';
import { hostsWithRole, type HostPlan, type Topology } from '../core/topology.ts';
import { GUARD_ROUNDS } from '../oracle/guard.ts';

export const GUARD_UNIT = 'holdfast-guard.service';

/** Its environment, for /etc/default/holdfast-guard. */
export function guardDefaults(topology: Topology, host: HostPlan): string {
  const others = topology.hosts.filter((one) => one !== host);
  const masters = hostsWithRole(topology, 'master').filter((one) => one !== host);
  const addresses = (hosts: readonly HostPlan[]): string => hosts.map(({ address }) => address).join(' ');
  return `GUARD_MASTERS="${addresses(masters)}"
GUARD_OTHERS="${addresses(others.filter((one) => !masters.includes(one)))}"
GUARD_API_PORT=${API_PORT}
GUARD_INTERVAL_S=${GUARD_ROUNDS.intervalS}
GUARD_FALL=${GUARD_ROUNDS.fall}
GUARD_RISE=${GUARD_ROUNDS.rise}
`;
}
