// What instances of keepalived on different hosts must agree on, and what they must not have in common.
import { groupedBy } from '../core/grouped.ts';
import type { VrrpInstance } from '../core/record.ts';
import type { LintFinding } from './lint.ts';
import { effectivePriority } from './vrrp.ts';

type PlaceOf = (instance: VrrpInstance) => string;
type Peers = readonly VrrpInstance[];

export function lintPeers(instances: Peers, placeOf: PlaceOf): LintFinding[] {
  return [
    ...groups(instances, ({ virtualRouterId }) => virtualRouterId).flatMap((peers) => [
      ...sameHost(peers, placeOf),
      ...samePriority(peers, placeOf),
      ...severalMasters(peers, placeOf),
      ...differentAdverts(peers, placeOf),
      ...differentAddresses(peers, placeOf),
    ]),
    ...groups(instances, addressesOf).flatMap((peers) => differentRouters(peers, placeOf)),
  ];
}

function sameHost(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  return groups(peers, ({ host }) => host)
    .filter((own) => own.length > 1)
    .map((own) => ({
      id: 'router-id-twice',
      severity: 'mistake',
      where: placesOf(own, placeOf),
      what: `${own.map(({ name }) => name).join(' and ')} of ${own[0]?.host} have the same virtual_router_id ${own[0]?.virtualRouterId}`,
      consequence: "each takes the other's adverts for those of its own router",
      remedy: 'give each instance of a host a virtual_router_id of its own',
    }));
}

function samePriority(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  return groups(peers, effectivePriority)
    .filter((equal) => new Set(equal.map(({ host }) => host)).size > 1)
    .map((equal) => ({
      id: 'equal-priorities',
      severity: 'mistake',
      where: placesOf(equal, placeOf),
      what: `${hostsOf(equal)} have the same priority ${equal.map(effectivePriority)[0]}`,
      consequence:
        'their timers fire at the same moment and both take the VIP until the one with the lower address gives way; which of them holds it depends on who came first',
      remedy: 'give each host a priority of its own',
    }));
}

function severalMasters(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  const masters = peers.filter(({ state }) => state === 'MASTER');
  if (new Set(masters.map(({ host }) => host)).size < 2) return [];
  return [
    {
      id: 'several-masters',
      severity: 'mistake',
      where: placesOf(masters, placeOf),
      what: `${hostsOf(masters)} have state MASTER`,
      consequence:
        'each takes the VIP as soon as it starts, without listening first whether another one has it',
      remedy: 'leave state MASTER to the host with the highest priority, or write BACKUP on all',
    },
  ];
}

/** RFC 3768 section 7.1: a receiver must discard an advert whose interval is not its own. */
function differentAdverts(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  const intervals = [...new Set(peers.map(({ advertIntervalS }) => advertIntervalS))];
  if (intervals.length < 2) return [];
  return [
    {
      id: 'advert-intervals-differ',
      severity: 'mistake',
      where: placesOf(peers, placeOf),
      what: `the hosts of virtual router ${peers[0]?.virtualRouterId} advertise every ${intervals.join(' s and every ')} s`,
      consequence: 'version 2 discards adverts of another interval: each side hears nobody and takes the VIP',
      remedy: 'write the same advert_int on every host',
    },
  ];
}

function differentAddresses(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  const sets = [...new Set(peers.map(addressesOf))];
  if (sets.length < 2) return [];
  return [
    {
      id: 'addresses-differ',
      severity: 'mistake',
      where: placesOf(peers, placeOf),
      what: `the hosts of virtual router ${peers[0]?.virtualRouterId} have different addresses: ${sets.join(' and ')}`,
      consequence: 'when the VIP moves, some address goes away or changes its mask',
      remedy: 'write the same virtual_ipaddress on every host',
    },
  ];
}

function differentRouters(peers: Peers, placeOf: PlaceOf): LintFinding[] {
  const ids = [...new Set(peers.map(({ virtualRouterId }) => virtualRouterId))];
  if (ids.length < 2 || addressesOf(peers[0] as VrrpInstance) === '') return [];
  return [
    {
      id: 'router-ids-differ',
      severity: 'mistake',
      where: placesOf(peers, placeOf),
      what: `${addressesOf(peers[0] as VrrpInstance)} belongs to the virtual routers ${ids.join(' and ')}`,
      consequence:
        'hosts of different routers do not hear each other: each router has a holder, and the VIP as many',
      remedy: 'write the same virtual_router_id on every host',
    },
  ];
}

function addressesOf({ virtualAddresses }: VrrpInstance): string {
  return virtualAddresses.toSorted().join(', ');
}

function hostsOf(peers: Peers): string {
  return [...new Set(peers.map(({ host }) => host))].join(' and ');
}

function placesOf(peers: Peers, placeOf: PlaceOf): string {
  return [...new Set(peers.map((peer) => placeOf(peer)))].join(', ');
}

function groups(instances: Peers, key: (instance: VrrpInstance) => unknown): VrrpInstance[][] {
  return [...groupedBy(instances, key).values()];
}
