// Hosts as a fault's parameters name them: by name, by place (master1, node2, etcd01), or by role.
import { UsageError } from '../core/errors.ts';
import type { FaultPlan } from '../core/fault.ts';
import { hostAliases } from '../core/host-names.ts';
import { unknownName } from '../core/suggest.ts';
import { hostsWithRole, type HostRole, type Topology } from '../core/topology.ts';

const ROLES: Readonly<Record<string, HostRole>> = { masters: 'master', nodes: 'node', etcd: 'etcd' };
const ALL = 'all';

/**
 * @param text names, roles and "all" (the observer excepted), with commas between
 * @returns the hosts' own names, none twice
 * @throws UsageError for a name that means nothing
 */
export function hostsMeant(topology: Topology, text: string): readonly string[] {
  const aliases = hostAliases(topology);
  const hosts = text.split(',').flatMap((part) => {
    const name = part.trim();
    if (name === ALL) return topology.hosts.map((host) => host.name);
    const role = ROLES[name];
    if (role !== undefined) return hostsWithRole(topology, role).map((host) => host.name);
    const host = aliases.get(name);
    if (host === undefined) throw unknownName('host', name, [...aliases.keys(), ...Object.keys(ROLES), ALL]);
    return [host];
  });
  return [...new Set(hosts)];
}

/** The observer too: who is measured by it is cut off from it as well. */
export function machinesOf({ hosts, observer }: Topology): readonly string[] {
  return [...hosts, observer].map(({ name }) => name);
}

export function addressOf({ hosts, observer }: Topology, name: string): string {
  const machine = [...hosts, observer].find((one) => one.name === name);
  if (!machine) throw new UsageError(`topology has no host ${name}`);
  return machine.address;
}

/**
 * The targets of a fault that stands on its hosts themselves.
 * @throws UsageError for the observer: nothing there would undo it if the harness were gone
 */
export function ownTargets({ targets, topology }: FaultPlan): readonly string[] {
  if (targets.includes(topology.observer.name)) {
    throw new UsageError('the observer cannot be the target of a network fault', {
      hint: 'it only measures; cut the hosts off from it instead',
    });
  }
  return targets;
}
