// Which ends of processes a fault explains: what it took itself, and what is known to die of that.
import { supervisorOf, unitOf } from '../core/facts.ts';
import type { FaultEffect, FaultPrepared, ProcessName, ScenarioRecord } from '../core/record.ts';
import { faultCourses } from '../core/scenario-view.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import { damageOf } from '../oracle/damage.ts';
import { guardStops } from '../oracle/guard.ts';

/** Whether the end of a life on a host is explained; `what` as the vitals call it. */
type Explanation = (host: string, what: string) => boolean;

/**
 * They renew a lease through the API every 2 s and exit when they could not for 10 s (client-go, leaderelection,
 * RenewDeadline; cmd/kube-controller-manager: "leaderelection lost"). One whose connection leads to a host that fell
 * silent does not notice in time, wherever it runs.
 */
const LEASE_HOLDERS: readonly string[] = ['kube-controller-manager', 'kube-scheduler'];
/** What stands between such a client and its lease. */
const API_PATH: readonly ProcessName[] = ['kube-apiserver', 'keepalived', 'etcd', 'containerd'];
/** What runs in containers, or only with their runtime. */
const ON_RUNTIME: readonly string[] = ['kubelet', 'kube-apiserver', ...LEASE_HOLDERS];

/** The record's faults together. A fault that does not say what it takes explains all on its target. */
export function explainedBy(record: ScenarioRecord): Explanation {
  const { topology } = record.run;
  const faults = faultCourses(record).map(({ prepared }) => prepared);
  const explanations = [
    ...faults.flatMap((fault) => explanationsOf(fault, topology)),
    stoppedByGuard(
      faults.flatMap(({ effect }) => effect ?? []),
      topology,
    ),
  ];
  return (host, unit) => {
    // The runtime is told of by its unit, and taken by the name of the usual one.
    const isRuntime = unit === `${unitOf('containerd', topology)}.service`;
    const what = isRuntime ? 'containerd' : unit.replace(/\.service$/, '');
    return explanations.some((explains) => explains(host, what));
  };
}

function explanationsOf({ effect, target }: FaultPrepared, topology: Topology): Explanation[] {
  if (!effect) return [(host) => host === target];
  return [takenBy(effect), diedOfRuntime(effect, topology), ...diedOfTheApi(effect, topology)];
}

/** What the fault took itself. A host that stays on may lose all that runs on it, but it does not boot. */
function takenBy({ hostsDown, hostsFrozen, impaired, processesDown }: FaultEffect): Explanation {
  return (host, what) =>
    (hostsDown ?? []).includes(host) ||
    (what !== 'boot' &&
      ((hostsFrozen ?? []).includes(host) || (impaired ?? []).some((poor) => poor.host === host))) ||
    (processesDown ?? []).some((process) => process.host === host && process.process === what);
}

function diedOfRuntime({ processesDown = [] }: FaultEffect, topology: Topology): Explanation {
  const hosts = processesDown.filter(({ process }) => process === 'containerd').map(({ host }) => host);
  const pods = (['etcd', 'keepalived'] as const).filter(
    (process) => supervisorOf(process, topology) === 'static-pod',
  );
  return (host, what) => hosts.includes(host) && [...ON_RUNTIME, ...pods].includes(what);
}

/** Each fault by itself, or all together, as they may have overlapped. */
function stoppedByGuard(effects: readonly FaultEffect[], topology: Topology): Explanation {
  const damages = [effects, ...effects.map((effect) => [effect])].map((some) => damageOf(some));
  return (host, what) =>
    what === 'keepalived' && damages.some((damage) => guardStops(topology, damage, host) !== undefined);
}

/**
 * Without etcd an apiserver fails its liveness probe, in which etcd has a part, and kubelet starts it again; whoever holds
 * a lease loses it with the API.
 */
function diedOfTheApi(effect: FaultEffect, topology: Topology): Explanation[] {
  const namesOf = (role: 'master' | 'etcd'): string[] =>
    hostsWithRole(topology, role).map(({ name }) => name);
  const [masters, members] = [namesOf('master'), namesOf('etcd')];
  const processes = effect.processesDown ?? [];
  const hosts = [
    ...(effect.hostsDown ?? []),
    ...(effect.hostsFrozen ?? []),
    ...(effect.impaired ?? []).map(({ host }) => host),
    ...(effect.cuts ?? []).flatMap(({ from, to }) => [from, to]),
  ];
  const hitsEtcd =
    processes.some(({ process }) => process === 'etcd') || hosts.some((host) => members.includes(host));
  const hitsApi =
    hitsEtcd ||
    processes.some(({ process, host }) => API_PATH.includes(process) && masters.includes(host)) ||
    hosts.some((host) => masters.includes(host));
  // A member without a quorum fails its liveness probe, as kubeadm writes it, and kubelet starts it again.
  const isPod = supervisorOf('etcd', topology) === 'static-pod';
  return [
    ...(hitsEtcd && isPod ? [(_: string, what: string) => what === 'etcd'] : []),
    ...(hitsEtcd ? [(_: string, what: string) => what === 'kube-apiserver'] : []),
    ...(hitsApi ? [(_: string, what: string) => LEASE_HOLDERS.includes(what)] : []),
  ];
}
