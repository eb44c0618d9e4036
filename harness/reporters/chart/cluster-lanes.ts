// The cluster's own state: etcd's leader, the leaders of controller-manager and scheduler, nodes, pods.
import type { Lane, LaneGroup, Span } from '../../core/chart.ts';
import type { EtcdMember, PodState, ScenarioRecord } from '../../core/record.ts';
import { eventsOfType } from '../../core/scenario-view.ts';
import { LEASE_RENEWAL_MS } from '../lease-times.ts';
import { span, spansOf, unique, type Axis, type Change } from './axis.ts';

export function clusterLanes(record: ScenarioRecord, axis: Axis): LaneGroup[] {
  const lanes = [
    { name: 'etcd leader', spans: spansOf(axis, leaderChanges(eventsOfType(record.events, 'etcd.member'))) },
    ...leaseLanes(record, axis),
    ...nodeLanes(record, axis),
    ...podLanes(record, axis),
    { name: 'watched', spans: watchSpans(record, axis) },
  ];
  return [{ title: 'Cluster', lanes: lanes.filter(({ spans }) => spans.length > 0) }];
}

/** Whom the members name, each as it last said. */
function leaderChanges(seen: readonly EtcdMember[]): Change[] {
  const hostOf = new Map(seen.map(({ memberId, host }) => [memberId, host]));
  const named = new Map<string, string | undefined>();
  return seen.map(({ atMs, host, leaderId }) => {
    named.set(host, leaderId);
    const leaders = unique([...named.values()].filter((id) => id !== undefined));
    const names = leaders.map((id) => hostOf.get(id) ?? id).sort();
    return {
      atMs,
      now:
        names.length === 0
          ? { kind: 'bad', label: 'no member knows of a leader' }
          : { kind: 'info', label: names.join(' or ') },
    };
  });
}

function leaseLanes({ events }: ScenarioRecord, axis: Axis): Lane[] {
  const seen = eventsOfType(events, 'lease');
  return unique(seen.map(({ lease }) => lease)).map((lease) => {
    const renewals = seen.filter((event) => event.lease === lease);
    const changes = renewals.flatMap(({ atMs, holder }, index): Change[] => {
      const nextMs = renewals[index + 1]?.atMs ?? axis.endMs;
      const held: Change = { atMs, now: holder === undefined ? undefined : { kind: 'info', label: holder } };
      if (nextMs - atMs <= LEASE_RENEWAL_MS) return [held];
      return [held, { atMs: atMs + LEASE_RENEWAL_MS, now: { kind: 'bad', label: 'nobody renews it' } }];
    });
    return { name: lease, spans: spansOf(axis, changes) };
  });
}

function nodeLanes({ events }: ScenarioRecord, axis: Axis): Lane[] {
  const seen = eventsOfType(events, 'node');
  return unique(seen.map(({ node }) => node)).map((node) => ({
    name: `node ${node}`,
    spans: spansOf(
      axis,
      seen
        .filter((event) => event.node === node)
        .map(({ atMs, ready, reason = '' }) => ({
          atMs,
          now: {
            kind: ready === 'True' ? 'good' : 'bad',
            label: ready === 'True' ? 'Ready' : `not Ready: ${reason}`,
          },
        })),
    ),
  }));
}

function podLanes({ events, run }: ScenarioRecord, axis: Axis): Lane[] {
  const seen = eventsOfType(events, 'pod');
  return unique(seen.map(ownerOf)).map((owner) => ({
    // A static pod is named after its host: there is but one.
    name: run.topology.hosts.some((host) => owner.endsWith(`-${host.name}`)) ? owner : `pods of ${owner}`,
    spans: spansOf(axis, readyChanges(seen.filter((pod) => ownerOf(pod) === owner))),
  }));
}

/** What Kubernetes makes names with (apimachinery, util/rand: no vowels): a replica set's own hash, and a pod's. */
const GENERATED = /(-[bcdfghjklmnpqrstvwxz2456789]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** "default/logapi-7f4c76f4d6-2gqqn" → "logapi": without its replica set's and its own suffix. */
function ownerOf({ pod }: PodState): string {
  const name = pod.slice(pod.indexOf('/') + 1);
  return name.replace(GENERATED, '');
}

function readyChanges(seen: readonly PodState[]): Change[] {
  const pods = new Map<string, PodState>();
  return seen.map((event) => {
    if (event.deleted === 'gone') pods.delete(event.pod);
    else pods.set(event.pod, event);
    const all = [...pods.values()];
    const ready = all.filter((pod) => pod.ready && pod.deleted === undefined).length;
    const kind = ready === 0 ? 'bad' : ready < all.length ? 'unsure' : 'good';
    return { atMs: event.atMs, now: { kind, label: `${ready} of ${all.length} ready` } };
  });
}

/** While the cluster's state could be seen at all. */
function watchSpans({ events }: ScenarioRecord, axis: Axis): Span[] {
  const seen = eventsOfType(events, 'cluster.watch');
  const first = seen[0];
  if (!first) return [];
  const unseen = first.change === 'opened' ? [span(axis, axis.startMs, first.atMs, 'unsure', 'not yet')] : [];
  return [
    ...unseen,
    ...spansOf(
      axis,
      seen.map(({ atMs, change, host }) => ({
        atMs,
        now:
          change === 'opened'
            ? { kind: 'info', label: `through ${host}` }
            : { kind: 'unsure', label: 'nobody could look' },
      })),
    ),
  ];
}
