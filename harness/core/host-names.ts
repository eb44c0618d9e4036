// How a person may name a host of a lab: by its name, by its place (master1, node2), by its etcd member, by address.
import { UsageError } from './errors.ts';
import { nearestName } from './suggest.ts';
import { hostsWithRole, type Topology } from './topology.ts';

/** Every name that works, with the host that it stands for. Hosts' own names come first and win. */
export function hostAliases(topology: Topology): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const add = (alias: string | undefined, name: string): void => {
    if (alias !== undefined && !aliases.has(alias)) aliases.set(alias, name);
  };
  const machines = [...topology.hosts, topology.observer];
  for (const { name } of machines) add(name, name);
  for (const role of ['master', 'node'] as const) {
    for (const [index, host] of hostsWithRole(topology, role).entries())
      add(`${role}${index + 1}`, host.name);
  }
  for (const host of hostsWithRole(topology, 'etcd')) add(host.etcdName, host.name);
  add('observer', topology.observer.name);
  for (const { name, address } of machines) add(address, name);
  return aliases;
}

/** @throws UsageError that lists what there is */
export function resolveHostName(topology: Topology, typed: string): string {
  const aliases = hostAliases(topology);
  const name = aliases.get(typed);
  if (name !== undefined) return name;
  const meant = nearestName(typed, [...aliases.keys()]);
  const known = machinesWithAliases(aliases).join(', ');
  throw new UsageError(`no host is called ${typed}`, {
    hint: `${meant === undefined ? '' : `did you mean ${meant}? `}There are: ${known}`,
  });
}

/** "10-10-102-91.master (master1)", and so on. */
function machinesWithAliases(aliases: ReadonlyMap<string, string>): string[] {
  return [...new Set(aliases.values())].map((name) => {
    const others = [...aliases]
      .filter(([alias, host]) => host === name && alias !== name && !/^[\d.]+$/.test(alias))
      .map(([alias]) => alias);
    return others.length === 0 ? name : `${name} (${others.join(', ')})`;
  });
}
