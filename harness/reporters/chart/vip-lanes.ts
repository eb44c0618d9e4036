// Who held the VIP, what was heard of it on the wire, and whom the observer would have asked.
import type { Lane, LaneGroup, Span } from '../../core/chart.ts';
import type { ScenarioRecord } from '../../core/record.ts';
import { eventsOfType, mastersOf } from '../../core/scenario-view.ts';
import type { VipStretch } from '../../core/vip-timeline.ts';
import { arpTimelineOf, vipTimelineOf } from '../../core/vip-view.ts';
import { span, spansOf, unique, type Axis, type Change } from './axis.ts';

export function vipLanes(record: ScenarioRecord, axis: Axis): LaneGroup[] {
  const { stretches } = vipTimelineOf(record);
  const lanes = [
    ...mastersOf(record).map((host) => ({
      name: host,
      spans: spansOf(
        axis,
        stretches.map((stretch) => holding(stretch, host)),
      ),
    })),
    { name: 'nobody', spans: spansOf(axis, stretches.map(nobody)) },
    { name: 'gratuitous ARP', spans: announcements(record, axis) },
    ...advertLanes(record, axis),
    { name: "observer's ARP entry", spans: arpSpans(record, axis) },
  ];
  return [{ title: 'VIP', lanes: lanes.filter(({ spans }) => spans.length > 0) }];
}

function holding({ fromMs, holders, unwatched }: VipStretch, host: string): Change {
  if (unwatched.includes(host))
    return { atMs: fromMs, now: { kind: 'unsure', label: `${host} was not watched` } };
  if (!holders.includes(host)) return { atMs: fromMs, now: undefined };
  const others = holders.filter((other) => other !== host);
  return {
    atMs: fromMs,
    now:
      others.length === 0
        ? { kind: 'good', label: `${host} holds the VIP` }
        : { kind: 'bad', label: `${host} holds the VIP, and so does ${others.join(', ')}` },
  };
}

function nobody({ fromMs, holders, unwatched }: VipStretch): Change {
  const isSo = holders.length === 0 && unwatched.length === 0;
  return { atMs: fromMs, now: isSo ? { kind: 'bad', label: 'nobody holds the VIP' } : undefined };
}

function announcements({ events }: ScenarioRecord, axis: Axis): Span[] {
  return eventsOfType(events, 'arp.gratuitous').map(({ atMs, host, linkAddress }) =>
    span(axis, atMs, atMs, 'info', `gratuitous ARP of ${host ?? linkAddress}`),
  );
}

function advertLanes({ events }: ScenarioRecord, axis: Axis): Lane[] {
  const adverts = eventsOfType(events, 'vrrp.advert');
  return unique(adverts.map(({ host, source }) => host ?? source)).map((sender) => ({
    name: `adverts of ${sender}`,
    spans: adverts
      .filter(({ host, source }) => (host ?? source) === sender)
      .map(({ atMs, priority }) =>
        span(axis, atMs, atMs, priority === 0 ? 'unsure' : 'info', `priority ${priority}`),
      ),
  }));
}

function arpSpans(record: ScenarioRecord, axis: Axis): Span[] {
  const kinds = { fresh: 'good', stale: 'bad', unsure: 'unsure', unresolved: 'unsure' } as const;
  const stretches = arpTimelineOf(record)?.stretches ?? [];
  return spansOf(
    axis,
    stretches.map(({ fromMs, state, host = 'nobody' }) => ({
      atMs: fromMs,
      now: { kind: kinds[state], label: state === 'unresolved' ? state : `${host}, ${state}` },
    })),
  );
}
