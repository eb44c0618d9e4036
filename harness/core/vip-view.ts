// Who held the VIP in a scenario, and whom a client would have asked: what a record knows of it, as timelines.
import { arpTimeline, type ArpTimeline, type Doubt } from './arp-timeline.ts';
import { effectOf } from './fault-effect.ts';
import type { FaultInjected, PowerChanged, ScenarioRecord, VipAddress } from './record.ts';
import { remembered } from './remembered.ts';
import { eventsOfType, faultCourses, mastersOf, recordEndMs } from './scenario-view.ts';
import { vipTimeline, type VipTimeline } from './vip-timeline.ts';

/** Who held the VIP in a scenario. A host that a fault cut off is known to be without it, although nobody can look. */
export const vipTimelineOf = remembered(readVipTimeline, ({ events }: ScenarioRecord) => events.length);

function readVipTimeline(record: ScenarioRecord): VipTimeline {
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
  const events = [...addresses, ...eventsOfType(record.events, 'power'), ...cutOff];
  return vipTimeline(events, mastersOf(record), recordEndMs(record));
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
  const timeline = arpTimeline(entries, vipTimelineOf(record), recordEndMs(record), deedsOn(record));
  return timeline.watchedMs > 0 ? timeline : undefined;
}

/** A host whose power was cut lost all that it held somewhere between the deed's two moments. */
function deedsOn(record: ScenarioRecord): Doubt[] {
  return faultCourses(record).flatMap(({ prepared, injected }) =>
    (prepared.effect?.hostsDown ?? []).flatMap((host) =>
      injected ? [{ host, fromMs: injected.fromMs, toMs: injected.toMs }] : [],
    ),
  );
}
