// The VIP's part of a result, from its three witnesses: its hosts' addresses, the wire, and a client's ARP entry.
import { hasVrrp } from '../core/facts.ts';
import type { ScenarioRecord } from '../core/record.ts';
import type { ScenarioResult } from '../core/result.ts';
import { eventsOfType, recordEndMs } from '../core/scenario-view.ts';
import { advertisers, type AdvertTimeline } from '../core/vip-timeline-wire.ts';
import {
  arpTimelineOf,
  certainVipTimelineOf,
  possibleVipTimelineOf,
  vipTimelineOf,
} from '../core/vip-view.ts';

export function vipResult(record: ScenarioRecord): ScenarioResult['vip'] {
  // Something else than a master may hold it: that no master does says nothing.
  if (!hasVrrp(record.run.topology)) return { moves: [], noHolderMs: 0, dualHolderMs: 0 };
  const { moves } = vipTimelineOf(record);
  const arp = arpTimelineOf(record);
  const wire = advertTimelineOf(record);
  return {
    moves,
    // Both are certain times: as little as the hosts' clocks let them have been.
    noHolderMs: possibleVipTimelineOf(record).noHolderMs,
    dualHolderMs: certainVipTimelineOf(record).dualHolderMs,
    ...(arp && { staleArpMs: arp.staleMs.lowerMs }),
    ...(wire && { adverts: advertsBySender(wire) }),
  };
}

/** @returns undefined when the wire was not captured */
export function advertTimelineOf(record: ScenarioRecord): AdvertTimeline | undefined {
  const adverts = eventsOfType(record.events, 'vrrp.advert');
  return advertisers([...eventsOfType(record.events, 'capture'), ...adverts], recordEndMs(record));
}

function advertsBySender(wire: AdvertTimeline): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const { sender, adverts } of wire.advertisers) numbers[sender] = (numbers[sender] ?? 0) + adverts;
  return numbers;
}
