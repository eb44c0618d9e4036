// What a topology must keep beyond its shape: the seed's rules and those of the programs that will run on it.
import ipaddr from 'ipaddr.js';
import { hasWorkload } from '../core/facts.ts';
import { hostsWithRole, type HostPlan, type HostRole, type Topology } from '../core/topology.ts';
import { etcdFindings } from '../oracle/lint.ts';

export interface Problem {
  /** Where in the file, as keys and positions in lists: ["hosts", 2, "address"]. */
  readonly path: readonly (string | number)[];
  /** What was found, what was expected and what to do. */
  readonly text: string;
}

/** kubeadm's preflight refuses a master where this folder is not empty (the seed's chapter 3.2). */
const KUBEADM_ETCD_DIR = '/var/lib/etcd';

export function problemsOf(topology: Topology): readonly Problem[] {
  // How somebody else built a cluster is a fact and no mistake; only who is who must be clear.
  if (topology.found) return [...roleProblems(topology), ...duplicateProblems(topology)];
  return [
    ...roleProblems(topology),
    ...duplicateProblems(topology),
    ...addressProblems(topology),
    ...vipProblems(topology),
    ...networkProblems(topology),
    ...topology.hosts.flatMap(hostProblems),
    ...protectProblems(topology),
  ];
}

/** What works, but less well than its author may think: the first of what `holdfast lint` says. */
export function warningsOf(topology: Topology): readonly string[] {
  return etcdFindings(topology).map(({ what }) => what);
}

function roleProblems(topology: Topology): Problem[] {
  const needed: [HostRole, string][] = [
    ['master', 'the control plane runs there'],
    ['node', 'logapi, the service under test, runs there'],
    ['etcd', 'Kubernetes keeps all its state there'],
  ];
  return needed
    .filter(([role]) => role !== 'node' || hasWorkload(topology))
    .filter(([role]) => hostsWithRole(topology, role).length === 0)
    .map(([role, why]) => ({
      path: ['hosts'],
      text: `found no ${role}, expected at least one host with the role ${role}: ${why}`,
    }));
}

function duplicateProblems(topology: Topology): Problem[] {
  const machines = machinesOf(topology);
  const hosts = topology.hosts.map((host, index) => ({ host, path: ['hosts', index] as const }));
  return [
    ...repeated(machines.map(({ name, path }) => ({ value: name, path: [...path, 'name'] }))),
    ...repeated(machines.map(({ address, path }) => ({ value: address, path: [...path, 'address'] }))),
    ...repeated(hosts.map(({ host, path }) => ({ value: host.etcdName, path: [...path, 'etcdName'] }))),
    // keepalived itself has a rule for equals: the higher address wins.
    ...(topology.found
      ? []
      : repeated(hosts.map(({ host, path }) => ({ value: host.priority, path: [...path, 'priority'] })))),
  ];
}

interface Placed {
  readonly value: string | number | undefined;
  readonly path: readonly (string | number)[];
}

function repeated(entries: readonly Placed[]): Problem[] {
  const first = new Map<string | number, Placed>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    if (entry.value === undefined) continue;
    const earlier = first.get(entry.value);
    if (earlier) {
      const text = `found ${entry.value}, which ${formatPath(earlier.path)} has already; expected each to be different`;
      problems.push({ path: entry.path, text });
    } else first.set(entry.value, entry);
  }
  return problems;
}

function addressProblems(topology: Topology): Problem[] {
  const reserved = [
    ipaddr.IPv4.networkAddressFromCIDR(topology.network).toString(),
    ipaddr.IPv4.broadcastAddressFromCIDR(topology.network).toString(),
  ];
  return machinesOf(topology).flatMap(({ address, path }) => {
    if (!contains(topology.network, address)) {
      const text = `found ${address}, expected an address in network ${topology.network}; move the host or widen the network`;
      return [{ path: [...path, 'address'], text }];
    }
    if (!reserved.includes(address)) return [];
    const text = `found ${address}, which is no host's: expected an address between the first and the last of ${topology.network}`;
    return [{ path: [...path, 'address'], text }];
  });
}

function vipProblems(topology: Topology): Problem[] {
  const { address: vip, prefixLength } = topology.vip;
  const holder = machinesOf(topology).find((machine) => machine.address === vip);
  if (holder) {
    const text = `found ${vip}, the own address of ${holder.name}; expected an address that no host has`;
    return [{ path: ['vip'], text }];
  }
  if (!contains(topology.network, vip)) {
    return [{ path: ['vip'], text: `found ${vip}, expected an address in network ${topology.network}` }];
  }
  const outside = hostsWithRole(topology, 'master')
    .map((master) => master.address)
    .filter((address) => !contains(`${vip}/${prefixLength}`, address));
  if (outside.length === 0) return [];
  const text =
    `found ${vip}/${prefixLength}, expected a VIP on the masters' network, but ${outside.join(', ')} is not on it; ` +
    'take an address next to the masters, or a shorter prefix';
  return [{ path: ['vip'], text }];
}

function networkProblems(topology: Topology): Problem[] {
  const pairs = [
    ['podNetwork', 'network'],
    ['serviceNetwork', 'network'],
    ['serviceNetwork', 'podNetwork'],
  ] as const;
  return pairs
    .filter(([one, other]) => overlap(topology[one], topology[other]))
    .map(([one, other]) => ({
      path: [one],
      text: `found ${topology[one]}, which overlaps ${other} ${topology[other]}; expected networks that have no address in common`,
    }));
}

function hostProblems(host: HostPlan, index: number): Problem[] {
  const at = (key: keyof HostPlan, text: string): Problem => ({ path: ['hosts', index, key], text });
  const problems: Problem[] = [];
  if (new Set(host.roles).size < host.roles.length) {
    problems.push(at('roles', `found ${host.roles.join(', ')}, expected each role once`));
  }
  if (host.roles.includes('master') && host.roles.includes('node')) {
    problems.push(
      at('roles', 'found master and node, expected one of the two: a host joins the cluster once'),
    );
  }
  if (!host.roles.includes('master') && host.priority !== undefined) {
    problems.push(at('priority', `found ${host.priority} on a host that is no master; remove it`));
  }
  for (const key of ['etcdName', 'etcdDataDir'] as const) {
    if (!host.roles.includes('etcd') && host[key] !== undefined) {
      problems.push(at(key, `found ${host[key]} on a host without the role etcd; remove it or add the role`));
    }
  }
  const dataDir = host.etcdDataDir;
  if (host.roles.includes('master') && dataDir && `${dataDir}/`.startsWith(`${KUBEADM_ETCD_DIR}/`)) {
    problems.push(
      at(
        'etcdDataDir',
        `found ${dataDir} on a master, expected a folder outside of ${KUBEADM_ETCD_DIR}, which kubeadm wants ` +
          'empty there; set for example etcdDataDir: /var/lib/lab-etcd',
      ),
    );
  }
  return problems;
}

/** A name with a slip in it would protect nobody. */
function protectProblems({ protect = [], hosts }: Topology): Problem[] {
  const names = hosts.map(({ name }) => name);
  return protect.flatMap((name, index) => {
    if (names.includes(name)) return [];
    const text = `found ${name}, expected the name of one of the hosts: ${names.join(', ')}`;
    return [{ path: ['protect', index], text }];
  });
}

interface Machine {
  readonly name: string;
  readonly address: string;
  readonly path: readonly (string | number)[];
}

/** All that gets a name and an address on the lab network. */
function machinesOf(topology: Topology): Machine[] {
  return [
    ...topology.hosts.map(({ name, address }, index) => ({ name, address, path: ['hosts', index] })),
    { ...topology.observer, path: ['observer'] },
  ];
}

function contains(network: string, address: string): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(network));
}

function overlap(one: string, other: string): boolean {
  const first = (network: string): string => ipaddr.IPv4.networkAddressFromCIDR(network).toString();
  return contains(one, first(other)) || contains(other, first(one));
}

/** ["hosts", 2, "address"] as hosts[2].address. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
