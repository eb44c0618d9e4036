// A failover's terms inside the cluster: who leads, which nodes are called NotReady, where the pods are.
import type { LeaseSeen, PodState, ProcessName } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { inOrder } from '../core/series.ts';
import { clusterMembers, hostsWithRole } from '../core/topology.ts';
import { count, spoken } from '../core/text.ts';
import { exactly, notSeen, stampedBy, type Term } from './decomposition-term.ts';
import { isClusterWatched, toldAt, type FailureView } from './decomposition-view.ts';
import { LEASE_MS, LEASE_TAKEOVER_MS, NODE_GRACE_MS, POD_TOLERATION_MS } from './timers.ts';

/** The monitor looks every --node-monitor-period (kube-controller-manager: 5 s). */
const NODE_MONITOR_MS = 5_000;
/** Until pods that were made elsewhere are scheduled, started from an image that is there, and ready. */
const POD_START_ALLOWANCE_MS = 30_000;

const LEADERS = [
  { name: 'controller leader', lease: 'kube-controller-manager' },
  { name: 'scheduler leader', lease: 'kube-scheduler' },
] as const;

/** @param clientsBackMs when writes went through again, if that was seen */
export function clusterTerms(view: FailureView, clientsBackMs: number | undefined): Term[] {
  const leaders = LEADERS.flatMap(({ name, lease }) => leaderTerm(view, name, lease, clientsBackMs));
  const controllerMs = leaders[0]?.name === 'controller leader' ? leaders[0].moment?.toMs : undefined;
  const members = new Set(clusterMembers(view.record.run.topology).map(({ name }) => name));
  const nodes = view.lostHosts
    .filter((host) => members.has(host))
    .map((host) => notReadyTerm(view, host, controllerMs));
  return [...leaders, ...nodes, ...podsTerm(view, nodes)];
}

/** Whose watch told it. */
function observerOf({ record }: FailureView): string {
  return record.run.topology.observer.name;
}

/** A leader that the fault did not touch is a term only where the VIP moves: it may have to connect anew. */
function leaderTerm(
  view: FailureView,
  name: string,
  lease: ProcessName,
  clientsBackMs: number | undefined,
): Term[] {
  const { deed, damage, lostHosts, healedMs = Infinity } = view;
  const told = inOrder(eventsOfType(view.record.events, 'lease')).filter((seen) => seen.lease === lease);
  const before = told.findLast(({ atMs }) => atMs <= deed.fromMs);
  if (!before?.holder) return view.departure ? [notSeen(name, 'nobody was seen to lead before')] : [];
  const { holder } = before;
  const isLost = lostHosts.includes(holder) || !damage.runsProcess(holder, lease);
  if (!isLost && !view.departure) return [];
  const leads = (seen: LeaseSeen): boolean =>
    seen.holder !== undefined &&
    (!isLost || seen.holder !== holder || seen.transitions > before.transitions || seen.atMs >= healedMs);
  const after = told.find((seen) => seen.atMs > deed.toMs && leads(seen));
  // A candidate sees the lease run out one look after its end, if the API lets it look.
  const lookMs = LEASE_TAKEOVER_MS - LEASE_MS;
  const dueMs = isLost ? Math.max(deed.toMs + LEASE_TAKEOVER_MS, (clientsBackMs ?? 0) + lookMs) : undefined;
  if (after) {
    const earlier = told.filter(({ atMs }) => atMs < after.atMs);
    const how = isLost ? `${after.holder} after ${holder}` : `${holder}, untouched by the fault, renewed`;
    const stamped = stampedBy(observerOf(view), after);
    return [{ name, moment: toldAt(view, after.atMs, earlier), stamped, detail: how, dueMs }];
  }
  if (!isClusterWatched(view, view.endMs)) return [notSeen(name, 'the cluster was not watched to the end')];
  return [{ name, moment: { fromMs: view.endMs }, detail: `nobody after ${holder}`, dueMs }];
}

function notReadyTerm(view: FailureView, host: string, controllerMs: number | undefined): Term {
  const name = `node ${host} NotReady`;
  const { deed, untilMs, healedMs } = view;
  const told = inOrder(eventsOfType(view.record.events, 'node')).filter(({ node }) => node === host);
  const changed = told.find(({ ready, atMs }) => ready !== 'True' && atMs > deed.fromMs && atMs <= untilMs);
  const dueMs = Math.max(deed.toMs, controllerMs ?? 0) + NODE_GRACE_MS + NODE_MONITOR_MS;
  if (changed) {
    const earlier = told.filter(({ atMs }) => atMs < changed.atMs);
    const detail = `Ready is ${changed.ready}${changed.reason === undefined ? '' : ` (${changed.reason})`}`;
    const stamped = stampedBy(observerOf(view), changed);
    return { name, moment: toldAt(view, changed.atMs, earlier), stamped, detail, dueMs };
  }
  if (told.length === 0) return notSeen(name, 'the node was not watched');
  if (untilMs < dueMs) {
    const stood = `the fault stood for ${spoken(Math.max(0, untilMs - deed.toMs))}${healedMs === undefined ? ' in the record' : ''}`;
    return notSeen(name, `${stood}, and a node is given ${spoken(NODE_GRACE_MS)}`);
  }
  if (!isClusterWatched(view, untilMs)) return notSeen(name, 'the cluster was not watched');
  return { name, moment: { fromMs: untilMs }, detail: 'it was called Ready all the time', dueMs };
}

/** Empty when no host with pods that can be made elsewhere was lost. */
function podsTerm(view: FailureView, nodes: readonly Term[]): Term[] {
  const name = 'pods rescheduled';
  const { deed, untilMs, lostHosts, record } = view;
  const lostNodes = hostsWithRole(record.run.topology, 'node')
    .map((host) => host.name)
    .filter((host) => lostHosts.includes(host));
  const pods = inOrder(eventsOfType(record.events, 'pod'));
  const wanted = readyByWorkload(pods.filter(({ atMs }) => atMs <= deed.fromMs));
  const affected = wanted.filter((one) => one.hosts.some((host) => lostNodes.includes(host)));
  if (affected.length === 0) return [];

  const notReadyMs = nodes.map(({ moment }) => moment?.toMs ?? -Infinity);
  const dueMs = Math.max(deed.toMs, ...notReadyMs) + POD_TOLERATION_MS + POD_START_ALLOWANCE_MS;
  const isElsewhere = (atMs: number): boolean => {
    const now = readyByWorkload(pods.filter((pod) => pod.atMs <= atMs));
    return affected.every(({ workload, hosts }) => {
      const held = now.find((one) => one.workload === workload)?.hosts ?? [];
      return held.filter((host) => !lostNodes.includes(host)).length >= hosts.length;
    });
  };
  const changes = pods.filter(({ atMs }) => atMs > deed.fromMs && atMs <= untilMs);
  const moved = changes.find(({ atMs }) => isElsewhere(atMs));
  const what = count(
    affected.reduce((sum, { hosts }) => sum + hosts.filter((host) => lostNodes.includes(host)).length, 0),
    'pod',
  );
  const stamped = moved && stampedBy(observerOf(view), moved);
  if (moved)
    return [{ name, moment: exactly(moved.atMs), stamped, detail: `${what} ready elsewhere`, dueMs }];
  if (untilMs < dueMs) {
    const stood = `the fault stood for ${spoken(Math.max(0, untilMs - deed.toMs))}`;
    return [notSeen(name, `${stood}, and pods are moved ${spoken(POD_TOLERATION_MS)} after NotReady`)];
  }
  if (!isClusterWatched(view, untilMs)) return [notSeen(name, 'the cluster was not watched')];
  return [{ name, moment: { fromMs: untilMs }, detail: `${what} not ready elsewhere`, dueMs }];
}

/**
 * The name that a ReplicaSet gives its pods: <workload>-<template hash>-<five more>, both of Kubernetes' safe alphabet
 * (k8s.io/apimachinery/pkg/util/rand). Static pods and those of a DaemonSet have no hash, and are not made elsewhere.
 */
const OF_REPLICA_SET =
  /^(?<workload>.+-[bcdfghjklmnpqrstvwxz2456789]{6,10})-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

interface Workload {
  readonly workload: string;
  /** Where its ready pods are, one entry each. */
  readonly hosts: readonly string[];
}

/** @param told in order; the last word on each pod counts */
function readyByWorkload(told: readonly PodState[]): Workload[] {
  const latest = new Map(told.map((state) => [state.pod, state]));
  const hosts = new Map<string, string[]>();
  for (const { pod, node, ready, deleted } of latest.values()) {
    const workload = OF_REPLICA_SET.exec(pod)?.groups?.['workload'];
    if (workload === undefined || node === undefined || !ready || deleted !== undefined) continue;
    hosts.set(workload, [...(hosts.get(workload) ?? []), node]);
  }
  return [...hosts].map(([workload, on]) => ({ workload, hosts: on }));
}
