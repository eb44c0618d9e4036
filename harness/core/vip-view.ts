// Who held the VIP in a scenario, and whom a client would have asked: what a record knows of it, as timelines.
import { arpTimeline, type ArpTimeline, type Doubt } from './arp-timeline.ts';
import { effectOf } from './fault-effect.ts';
import type { FaultInjected, PowerChanged, ScenarioRecord, VipAddress } from './record.ts';
import { remembered } from './remembered.ts';
import { eventsOfType, faultCourses, mastersOf, recordEndMs } from './scenario-view.ts';
import { vipTimeline, withHoldings, type VipTimeline } from './vip-timeline.ts';

const eventCount = ({ events }: ScenarioRecord): number => events.length;

/** Who held the VIP in a scenario. A host that a fault cut off is known to be without it, although nobody can look. */
export const vipTimelineOf = remembered(
  (record: ScenarioRecord) => timelineOf(record, holdingsIn(record)),
  eventCount,
);

/** The same with every holding as short as the hosts' clocks let it have been: what certainly was at one time. */
export const certainVipTimelineOf = remembered(
  (record: ScenarioRecord) => timelineOf(record, withHoldings(holdingsIn(record), 'shortest')),
  eventCount,
);

/** The same with every holding as long as they let it: what may have been at one time. */
export const possibleVipTimelineOf = remembered(
  (record: ScenarioRecord) => timelineOf(record, withHoldings(holdingsIn(record), 'longest')),
  eventCount,
);

function timelineOf(record: ScenarioRecord, events: readonly (VipAddress | PowerChanged)[]): VipTimeline {
  return vipTimeline(events, mastersOf(record), recordEndMs(record));
}

function holdingsIn(record: ScenarioRecord): readonly (VipAddress | PowerChanged)[] {
  const addresses = eventsOfType(record.events, 'vip.address');
  const cutOff = faultCourses(record).flatMap(({ prepared, injected }): PowerChanged[] =>
    injected
      ? (effectOf(prepared)?.hostsDown ?? []).map((host) => ({
          type: 'power',
          atMs: offByMs(host, injected, addresses),
          host,
          state: 'off',
        }))
      : [],
  );
  return [...addresses, ...eventsOfType(record.events, 'power'), ...cutOff];
}

/** The latest moment at which the host was cut off: when the watch on it ended, if that was during the deed. */
function offByMs(host: string, { fromMs, toMs }: FaultInjected, addresses: readonly VipAddress[]): number {
  const lost = addresses.find(
    (event) => event.host === host && event.source === 'lost' && event.atMs >= fromMs && event.atMs <= toMs,
  );
  return lost?.atMs ?? toMs;
}

/** @returns undefined when the observer's ARP entry was never watched together with the holders */
export function arpTimelineOf(record: ScenarioRecord): ArpTimeline | undefined {
  const entries = eventsOfType(record.events, 'arp.entry');
  const observerMs = entries.reduce((most, { uncertaintyMs = 0 }) => Math.max(most, uncertaintyMs), 0);
  const possible = timelineOf(record, withHoldings(holdingsIn(record), 'longest', observerMs));
  const doubts = [...deedsOn(record, observerMs), ...clockDoubts(record, observerMs)];
  const timeline = arpTimeline(entries, possible, recordEndMs(record), doubts);
  return timeline.watchedMs > 0 ? timeline : undefined;
}

/** A host's clock and the observer's together leave open when the one took the VIP by the other. */
function clockDoubts({ events }: ScenarioRecord, observerMs: number): Doubt[] {
  return eventsOfType(events, 'vip.address').flatMap(({ host, atMs, uncertaintyMs = 0 }) => {
    const offMs = uncertaintyMs + observerMs;
    return offMs > 0 ? [{ host, fromMs: atMs - offMs, toMs: atMs + offMs }] : [];
  });
}

/** A host whose power was cut lost all that it held somewhere between the deed's two moments. */
function deedsOn(record: ScenarioRecord, observerMs: number): Doubt[] {
  return faultCourses(record).flatMap(({ prepared, injected }) =>
    (prepared.effect?.hostsDown ?? []).flatMap((host) =>
      injected ? [{ host, fromMs: injected.fromMs - observerMs, toMs: injected.toMs + observerMs }] : [],
    ),
  );
}
