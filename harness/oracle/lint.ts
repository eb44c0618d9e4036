// What is weak or wrong about a design, told from its plan and its configuration alone.
import type { Topology } from '../core/topology.ts';
import { hostsWithRole } from '../core/topology.ts';
import { count } from '../core/text.ts';
import { quorumOf, toleratedFailures } from './quorum.ts';

/** mistake: it does not do what it is there for. weakness: it works until something fails. note: good to know. */
export type Severity = 'mistake' | 'weakness' | 'note';

export interface LintFinding {
  /** Stable, for those who want to pass over one: etcd-tolerates-nothing, check-ignores-errors … */
  readonly id: string;
  readonly severity: Severity;
  /** A path in the topology, or host or file with the line. */
  readonly where: string;
  readonly what: string;
  readonly consequence: string;
  readonly remedy: string;
}

const ORDER: readonly Severity[] = ['mistake', 'weakness', 'note'];

/** The gravest first; what is found the same in several places is told once, with all of them. */
export function bySeverity(findings: readonly LintFinding[]): LintFinding[] {
  const merged = new Map<string, LintFinding>();
  for (const finding of findings) {
    const key = `${finding.id} ${finding.what}`;
    const known = merged.get(key);
    const where = known && known.where !== finding.where ? `${known.where}, ${finding.where}` : finding.where;
    merged.set(key, { ...finding, where });
  }
  return [...merged.values()].toSorted(
    (one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity),
  );
}

export function lintTopology(topology: Topology): LintFinding[] {
  return [
    ...etcdFindings(topology),
    ...etcdPlacementFindings(topology),
    ...masterFindings(topology),
    ...workloadFindings(topology),
    ...vipFindings(topology),
  ];
}

/** How many failures etcd outlives, where that is fewer than its number suggests. */
export function etcdFindings(topology: Topology): LintFinding[] {
  const members = hostsWithRole(topology, 'etcd').length;
  const tolerated = toleratedFailures(members);
  const isEven = members % 2 === 0;
  if (tolerated > 0 && !isEven) return [];
  const tolerates = tolerated === 0 ? 'tolerates no failure' : `tolerates the failure of ${tolerated}`;
  const even = isEven ? `, an even number: no better than ${members - 1}` : '';
  return [
    {
      id: tolerated === 0 ? 'etcd-tolerates-nothing' : 'etcd-even',
      severity: tolerated === 0 ? 'weakness' : 'note',
      where: 'hosts',
      what: `etcd with ${count(members, 'member')} ${tolerates} (its quorum is ${quorumOf(members)})${even}`,
      consequence:
        tolerated === 0
          ? 'with any one member away the API serves no write and no consistent read, whatever the masters do'
          : 'the last member adds a machine that can fail, and no failure that may happen',
      remedy: `make it ${members < 3 ? 3 : members + 1} members, on hosts that fail independently`,
    },
  ];
}

function etcdPlacementFindings(topology: Topology): LintFinding[] {
  const shared = hostsWithRole(topology, 'etcd').filter(({ roles }) => roles.length > 1);
  return (['node', 'master'] as const).flatMap((role) => {
    const names = shared.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
    if (names.length === 0) return [];
    const withWhat = role === 'node' ? 'the workload' : 'the control plane';
    const finding: LintFinding = {
      id: `etcd-on-${role}s`,
      severity: role === 'node' ? 'weakness' : 'note',
      where: 'hosts',
      what: `etcd shares ${names.join(', ')} with ${withWhat}`,
      consequence:
        role === 'node'
          ? 'a node that is lost, full or overloaded takes a member of etcd with it'
          : 'a master that is lost takes a member of etcd with it',
      remedy:
        role === 'node'
          ? 'give etcd hosts of its own, or those of the masters'
          : 'count its members as the masters',
    };
    return [finding];
  });
}

function masterFindings(topology: Topology): LintFinding[] {
  const masters = hostsWithRole(topology, 'master');
  if (masters.length >= 3) return [];
  const isOne = masters.length === 1;
  return [
    {
      id: isOne ? 'one-master' : 'two-masters',
      severity: isOne ? 'weakness' : 'note',
      where: 'hosts',
      what: `there ${isOne ? 'is one master' : 'are two masters'} only`,
      consequence: isOne
        ? 'no other host can take the VIP over'
        : 'while one is away, planned or not, nobody can take over from the other',
      remedy: `add ${isOne ? 'two masters' : 'a third master'}`,
    },
  ];
}

function workloadFindings(topology: Topology): LintFinding[] {
  const nodes = hostsWithRole(topology, 'node');
  if (nodes.length >= 2) return [];
  return [
    {
      id: 'one-node',
      severity: 'weakness',
      where: 'hosts',
      what: `there is one node only, ${nodes.map(({ name }) => name).join()}`,
      consequence: 'when it is lost, no pod of the workload runs anywhere',
      remedy: 'add a second node',
    },
  ];
}

/** Linux adds a route for the network of every address with a mask; /32 has none. */
function vipFindings({ vip, network }: Topology): LintFinding[] {
  const hostsPrefix = Number(network.split('/')[1]);
  if (vip.prefixLength <= hostsPrefix || vip.prefixLength === 32) return [];
  return [
    {
      id: 'vip-mask',
      severity: 'weakness',
      where: 'vip',
      what: `the VIP is a /${vip.prefixLength} on a /${hostsPrefix} network`,
      consequence: `whoever holds it gets a more specific route, and speaks to every host in that /${vip.prefixLength} from the VIP: connections of its own break when the VIP moves`,
      remedy: `write the VIP as ${vip.address}/32, or with the hosts' own /${hostsPrefix}`,
    },
  ];
}
