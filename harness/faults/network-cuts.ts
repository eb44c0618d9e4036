// Links that are cut between hosts, one way each. A cut stands where packets arrive: there the sender is known by its link
// address, whatever addresses it uses, and its gratuitous ARP, which no rule of its own would stop, can be dropped.
import type { Fault, FaultCall, FaultPlan, HostDeed, Parameter } from '../core/fault.ts';
import type { Evidence, FaultEffect } from '../core/record.ts';
import { addressOf, ownTargets } from './network-hosts.ts';
import {
  clearArpDrops,
  clearDrops,
  layArpDrops,
  layDrops,
  RULE_FUNCTIONS,
  type Drop,
  type Way,
} from './network-rules.ts';
import { awake, noneAnswers, refusalOf, rulesSay, whoAnswers } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';
import { FIND_OWN_CONNECTION } from './own-connection.ts';

/** Packets of `from` do not reach `to`. */
export interface Cut {
  readonly from: string;
  readonly to: string;
}

export const DIRECTION_PARAMETER: Parameter = {
  summary: 'what is lost, seen from the first: what it sends, what it is sent, or both',
  default: 'both',
  values: ['both', 'out', 'in'],
};

/** Of a fault that has DIRECTION_PARAMETER. */
export function waysOf({ params }: FaultPlan): readonly Way[] {
  const direction = params['direction'];
  return direction === 'in' || direction === 'out' ? [direction] : ['in', 'out'];
}

/** @param direction as in DIRECTION_PARAMETER */
export function cutsBetween(
  some: readonly string[],
  others: readonly string[],
  direction: unknown = 'both',
): readonly Cut[] {
  const out = some.flatMap((from) => others.filter((to) => to !== from).map((to) => ({ from, to })));
  const back = out.map(({ from, to }) => ({ from: to, to: from }));
  return [...(direction === 'in' ? [] : out), ...(direction === 'out' ? [] : back)];
}

export function cutsInEffect(cuts: readonly Cut[]): FaultEffect {
  return { cuts: cuts.map((cut) => ({ ...cut, traffic: 'all' })) };
}

export type CutFault = Pick<Fault, 'name' | 'summary' | 'parameters'> & {
  /** Pure. @throws UsageError when what was asked makes no sense */
  readonly cuts: (plan: FaultPlan) => readonly Cut[];
  /** Matches of iptables that narrow what is lost; default: all is. */
  readonly only?: (plan: FaultPlan) => string | undefined;
  /** Default: the cuts. */
  readonly effect?: (plan: FaultPlan) => FaultEffect;
  /** Beside the counters of the rules; undefined: pings along the cuts. */
  readonly witnesses?: (call: FaultCall) => Promise<readonly Evidence[]> | undefined;
};

export function cutFault({ cuts: cutsOf, only, ...fault }: CutFault): Fault {
  const cuts = (plan: FaultPlan): readonly Cut[] => uniqueCuts(cutsOf(plan));
  const standing = onHosts({
    ...fault,
    effect: (plan) => {
      ownTargets(plan);
      return fault.effect?.(plan) ?? cutsInEffect(cuts(plan));
    },
    unavailable: (call) => refusalOf(call, standersOf(call, cuts(call)), REHEARSAL),
    deeds: (plan) => standersOf(plan, cuts(plan)).map((host) => deedOn(host, plan, cuts(plan), only?.(plan))),
    evidence: async (call) => {
      const seen = await (fault.witnesses?.(call) ?? pingsAlong(call, cuts(call)));
      return [...(await countersOf(call, cuts(call))), ...seen];
    },
  });
  return {
    ...standing,
    inject: async (call) => {
      await getAcquainted(call, cuts(call));
      return standing.inject(call);
    },
  };
}

const REHEARSAL = `iptables -t mangle -A INPUT -m mac --mac-source 02:00:00:00:00:01 -p tcp -m multiport --ports 1 -j DROP
arptables -A INPUT --source-mac 02:00:00:00:00:01 -j DROP
iptables-save -c -t mangle > /dev/null
arptables-save -c > /dev/null`;

export function uniqueCuts(cuts: readonly Cut[]): readonly Cut[] {
  return [...new Map(cuts.map((cut) => [`${cut.from} ${cut.to}`, cut])).values()];
}

/**
 * The observer keeps no rules: what does not reach it is dropped where it is sent. Gratuitous ARP is not, and a master that
 * is cut off from the observer and becomes one can still draw it to itself; isolate-host has no such gap.
 */
function standerOf({ topology }: FaultPlan, { from, to }: Cut): string {
  return to === topology.observer.name ? from : to;
}

function standersOf(plan: FaultPlan, cuts: readonly Cut[]): readonly string[] {
  return [...new Set(cuts.map((cut) => standerOf(plan, cut)))];
}

function deedOn(
  host: string,
  plan: FaultPlan & { readonly id: string },
  cuts: readonly Cut[],
  only: string | undefined,
): HostDeed {
  const { id, topology } = plan;
  const own = cuts.filter((cut) => standerOf(plan, cut) === host);
  const drops = own.flatMap(({ from, to }): Drop[] => {
    if (from === host) return [{ way: 'out', match: `-d ${addressOf(topology, to)}` }];
    const address = addressOf(topology, from);
    return [`$(from_link ${address})`, `-s ${address}`].map((match) => ({ way: 'in', match }));
  });
  const arpDrops = own
    .filter(({ from }) => from !== host)
    .map(({ from }): Drop => ({ way: 'in', match: `$(arp_from_link ${addressOf(topology, from)})` }));
  const narrowed = drops.map(({ way, match }) => ({ way, match: only ? `${match} ${only}` : match }));
  const arp = only === undefined && arpDrops.length > 0 ? [layArpDrops(id, arpDrops)] : [];
  return {
    host,
    deed: [FIND_OWN_CONNECTION, RULE_FUNCTIONS, ...arp, layDrops(id, narrowed)].join('\n'),
    undo: [clearDrops(id), clearArpDrops(id)].join('\n'),
  };
}

/** Hosts know the link addresses of those with whom they have spoken; after the first cut it is too late to ask. */
async function getAcquainted(call: FaultCall, cuts: readonly Cut[]): Promise<void> {
  const standers = await awake(call, standersOf(call, cuts));
  await Promise.all(standers.map((host) => whoAnswers(call.lab.host(host), peersOf(call, host, cuts))));
}

function peersOf({ lab }: FaultCall, host: string, cuts: readonly Cut[]): ReturnType<typeof lab.host>[] {
  const peers = cuts.flatMap(({ from, to }) => (from === host ? [to] : to === host ? [from] : []));
  return [...new Set(peers)].map((peer) => lab.host(peer));
}

/** A ping fails when its question is lost as well as when its answer is: one end asks for each pair. */
export async function pingsAlong(call: FaultCall, cuts: readonly Cut[]): Promise<readonly Evidence[]> {
  const senders = await awake(call, [...new Set(cuts.map(({ from }) => from))]);
  return Promise.all(
    senders.map((host) =>
      noneAnswers(
        call,
        host,
        cuts.filter(({ from }) => from === host).map(({ to }) => to),
      ),
    ),
  );
}

async function countersOf(call: FaultCall, cuts: readonly Cut[]): Promise<readonly Evidence[]> {
  const waysOn = (host: string): readonly Way[] => {
    const own = cuts.filter((cut) => standerOf(call, cut) === host);
    return [...new Set(own.map(({ to }): Way => (to === host ? 'in' : 'out')))];
  };
  return Promise.all(standersOf(call, cuts).map((host) => rulesSay(call, host, waysOn(host))));
}
