// The VIP's part of a result, from its three witnesses: its hosts' addresses, the wire, and a client's ARP entry.
import { arpTimeline, type ArpTimeline, type Doubt } from '../core/arp-timeline.ts';
import type { ScenarioRecord } from '../core/record.ts';
import type { ScenarioResult } from '../core/result.ts';
import { eventsOfType, faultCourses, recordEndMs } from '../core/scenario-view.ts';
import { advertisers, type AdvertTimeline } from '../core/vip-timeline-wire.ts';
import { vipTimelineOf } from './failover.ts';

export function vipResult(record: ScenarioRecord): ScenarioResult['vip'] {
  const { moves, noHolderMs, dualHolderMs } = vipTimelineOf(record);
  const arp = arpTimelineOf(record);
  const wire = advertTimelineOf(record);
  return {
    moves,
    noHolderMs,
    dualHolderMs,
    ...(arp && { staleArpMs: arp.staleMs.lowerMs }),
    ...(wire && { adverts: advertsBySender(wire) }),
  };
}

/** @returns undefined when the observer's ARP entry was never watched together with the holders */
export function arpTimelineOf(record: ScenarioRecord): ArpTimeline | undefined {
  const entries = eventsOfType(record.events, 'arp.entry');
  const timeline = arpTimeline(entries, vipTimelineOf(record), recordEndMs(record), deedsOn(record));
  return timeline.watchedMs > 0 ? timeline : undefined;
}

/** @returns undefined when the wire was not captured */
export function advertTimelineOf(record: ScenarioRecord): AdvertTimeline | undefined {
  const adverts = eventsOfType(record.events, 'vrrp.advert');
  return advertisers([...eventsOfType(record.events, 'capture'), ...adverts], recordEndMs(record));
}

/** A host whose power was cut lost all that it held somewhere between the deed's two moments. */
function deedsOn(record: ScenarioRecord): Doubt[] {
  return faultCourses(record).flatMap(({ prepared, injected }) =>
    (prepared.effect?.hostsDown ?? []).flatMap((host) =>
      injected ? [{ host, fromMs: injected.fromMs, toMs: injected.toMs }] : [],
    ),
  );
}

function advertsBySender(wire: AdvertTimeline): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const { sender, adverts } of wire.advertisers) numbers[sender] = (numbers[sender] ?? 0) + adverts;
  return numbers;
}
