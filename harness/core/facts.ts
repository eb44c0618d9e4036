// What depends on who built a cluster: as holdfast builds them, unless the topology says what was found.
import { API_PORT } from './ports.ts';
import type { ProcessName } from './record.ts';
import type { Supervisor, Topology } from './topology.ts';

/** Any topology; of it only what was found is asked. */
export type Facts = Pick<Topology, 'found'>;

const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

/** cri-o calls its unit by another name than itself (cri-o, contrib/systemd/crio.service). */
const RUNTIME_UNITS = { containerd: 'containerd', docker: 'docker', 'cri-o': 'crio' } as const;

/** Of every apiserver. */
export function apiPort({ found }: Facts): number {
  return found?.apiPort ?? API_PORT;
}

/** Of the VIP: a load balancer may listen on another port than the apiservers behind it. */
export function endpointPort(facts: Facts): number {
  return facts.found?.endpointPort ?? apiPort(facts);
}

/** Whether only who shows credentials is told /readyz and /livez. */
export function isHealthSecret({ found }: Facts): boolean {
  return found?.health === 'authenticated';
}

/** Whether logapi runs there. */
export function hasWorkload({ found }: Facts): boolean {
  return found?.hasWorkload ?? true;
}

/** Whether the VIP is keepalived's, whose elections and timers the oracle knows. */
export function hasVrrp({ found }: Facts): boolean {
  return found?.vip.by !== 'other';
}

/** Path on every master. */
export function keepalivedConf({ found }: Facts): string {
  return found?.vip.conf ?? KEEPALIVED_CONF;
}

/** Who starts the process again when it ends. */
export function supervisorOf(process: ProcessName, { found }: Facts): Supervisor {
  switch (process) {
    case 'kubelet':
    case 'containerd':
      return 'systemd';
    case 'etcd':
      return found?.etcd.supervisor ?? 'systemd';
    case 'keepalived':
      return found?.vip.supervisor ?? 'systemd';
    default:
      return 'static-pod';
  }
}

/** The process's unit, without ".service". "containerd" stands for whatever runtime there is. */
export function unitOf(process: ProcessName, { found }: Facts): string {
  return process === 'containerd' ? RUNTIME_UNITS[found?.runtime ?? 'containerd'] : process;
}

/**
 * Whether an apiserver asks the etcd member on its own host and no other, as kubeadm sets it up where etcd is stacked
 * (kubeadm, "Stacked etcd topology": each apiserver communicates with its local member only).
 */
export function asksOwnMemberOnly(topology: Topology, master: string): boolean {
  if (topology.found?.etcd.supervisor !== 'static-pod') return false;
  return topology.hosts.some(({ name, roles }) => name === master && roles.includes('etcd'));
}

const MISSING = {
  vrrp: {
    isThere: hasVrrp,
    why: 'the VIP is not moved by keepalived there: who holds it, and when it moves, is not known',
  },
  workload: { isThere: hasWorkload, why: 'logapi, the workload under test, does not run there' },
  'own build': {
    isThere: ({ found }: Facts): boolean => found === undefined,
    why: 'somebody else built that cluster: holdfast does not know how its parts are installed and joined',
  },
} as const;

/** What a scenario, a fault or a check may need beyond Kubernetes itself. "own build": that holdfast built the cluster. */
export type Need = keyof typeof MISSING;

/** Why a cluster has not all that is needed, in words; undefined when it has. */
export function whyWithout(facts: Facts, needs: readonly Need[] = []): string | undefined {
  const missing = needs.find((need) => !MISSING[need].isThere(facts));
  return missing === undefined ? undefined : MISSING[missing].why;
}
