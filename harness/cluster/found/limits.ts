// What cannot be done on a found cluster, and why: said before anybody asks for it.
import { hostsWithRole } from '../../core/topology.ts';
import type { Discovery } from './discover.ts';

/** Older ones elect leaders otherwise, and have no leases of nodes in this form. */
const MINOR_MIN = 20;

/** One sentence each. */
export function limitsOf({ topology, kubernetes, surveys, vip }: Discovery): readonly string[] {
  return [...clusterLimits({ topology, kubernetes, vip }), ...hostLimits({ topology, surveys })];
}

function clusterLimits({
  topology,
  kubernetes,
  vip,
}: Pick<Discovery, 'topology' | 'kubernetes' | 'vip'>): string[] {
  const limits: string[] = [];
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetes.version) ?? [];
  if (major === '1' && Number(minor) < MINOR_MIN) {
    limits.push(
      `Kubernetes ${kubernetes.version} is older than v1.${MINOR_MIN}: nobody has tried holdfast with it.`,
    );
  }
  if (vip.facts.by === 'other') {
    limits.push(
      `No keepalived on the masters carries ${vip.address}: scenarios and faults of VRRP are unavailable, and no failover budget is computed.`,
    );
  }
  if (kubernetes.electionsWithoutLease.length > 0) {
    limits.push(
      `There is no lease ${kubernetes.electionsWithoutLease.join(', ')} in kube-system: who leads there is not known, and scenarios of that leader are unavailable.`,
    );
  }
  if (topology.found?.health === 'authenticated') {
    limits.push(
      'The API tells nobody without credentials whether it is ready: the probes show the administrator’s certificate.',
    );
  }
  if (!kubernetes.hasWorkload) {
    limits.push(
      'There is no deployment logapi in the namespace default: scenarios and series of the workload are unavailable.',
    );
  }
  if (hostsWithRole(topology, 'etcd').length === 0) {
    limits.push(
      'No host of the inventory carries etcd: its faults are unavailable, and quorum cannot be counted.',
    );
  }
  const named = new Set(topology.hosts.map(({ name }) => name));
  const others = kubernetes.nodes.map(({ name }) => name).filter((name) => !named.has(name));
  if (others.length > 0)
    limits.push(`Nodes that the inventory leaves out are not touched: ${others.join(', ')}.`);
  return limits;
}

function hostLimits({ topology, surveys }: Pick<Discovery, 'topology' | 'surveys'>): string[] {
  const told = (what: (survey: Discovery['surveys'][number]) => boolean): string =>
    surveys
      .filter(what)
      .map(({ name }) => name)
      .join(', ');
  const withoutPower = topology.hosts.filter(({ power }) => !power).map(({ name }) => name);
  const missing = surveys.filter((survey) => survey.missing.length > 0);
  const sentences: [string, (names: string) => string][] = [
    [
      withoutPower.join(', '),
      (names) =>
        `Nobody has said how ${names} is switched off and on (power: in the inventory): power-off, reboot and scenarios of them are unavailable there.`,
    ],
    [
      told(({ isRoot }) => !isRoot),
      (names) =>
        `Commands on ${names} do not run as root (ssh: { sudo: true }): no fault can be injected there.`,
    ],
    [
      told(({ hasTimers }) => !hasTimers),
      (names) => `${names} has no systemd that could undo a fault by itself: no fault is injected there.`,
    ],
    [
      told(({ isContainer }) => isContainer),
      (names) => `${names} is a container: its clock is that of its machine, and it cannot be frozen.`,
    ],
  ];
  return [
    ...sentences.flatMap(([names, say]) => (names === '' ? [] : say(names))),
    ...missing.map(
      ({ name, missing: programs }) =>
        `${name} lacks ${programs.join(', ')}: what needs them is unavailable there.`,
    ),
  ];
}
