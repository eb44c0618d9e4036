// Whom a client would have sent to, against who held the VIP: its ARP entry over time. Pure arithmetic.
import type { ArpEntry } from './record.ts';
import { inOrder } from './series.ts';
import type { Bounds } from './verdict.ts';
import { vipAt, type VipStretch, type VipTimeline } from './vip-timeline.ts';

/**
 * fresh: the entry names a host that held the VIP. stale: one that certainly did not. unsure: one that may have, being
 * unwatched or in doubt then, or a link address of no known host. unresolved: there is no link address to send to, so
 * that the kernel asks for one.
 */
export type ArpState = 'fresh' | 'stale' | 'unsure' | 'unresolved';

/** A time in which neither the entry nor the holders changed. */
export interface ArpStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: ArpState;
  /** The host that the entry names. */
  readonly host?: string;
  /** Another host than the entry's held the VIP: what was sent to the entry's could have been answered. */
  readonly elsewhere: 'yes' | 'perhaps' | 'no';
}

export interface ArpTimeline {
  /** Without the times in which nobody watched the entry, or nobody any holder. */
  readonly stretches: readonly ArpStretch[];
  /** fresh + stale + unsure + unresolved. */
  readonly watchedMs: number;
  readonly freshMs: number;
  readonly unresolvedMs: number;
  /** At least while the entry was certainly stale, at most while it may have been. */
  readonly staleMs: Bounds;
  /** The part of it in which another host held the VIP: what the stale entry alone cost. */
  readonly misledMs: Bounds;
}

/** A host that may or may not have held the VIP: it lost it at an unknown moment in between. */
export interface Doubt {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * @param entries of one observer, in the order in which its kernel told them
 * @param endMs where the last stretch ends, unless the watch ended before
 * @param doubts beside what the holders' timeline does not know: a deed takes effect between two moments
 */
export function arpTimeline(
  entries: readonly ArpEntry[],
  vip: VipTimeline,
  endMs: number,
  doubts: readonly Doubt[] = [],
): ArpTimeline {
  const ordered = inOrder(entries).filter(({ atMs }) => atMs < endMs);
  const cuts = [...vip.stretches, ...doubts].flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
  const stretches = ordered.flatMap((entry, index): ArpStretch[] => {
    if (entry.source === 'lost') return [];
    return partsOf(entry.atMs, ordered[index + 1]?.atMs ?? endMs, cuts).flatMap(([fromMs, toMs]) => {
      const middleMs = (fromMs + toMs) / 2;
      const at = vipAt(vip, middleMs);
      return at ? [{ fromMs, toMs, ...judged(entry, at, doubtedAt(doubts, middleMs)) }] : [];
    });
  });
  const sum = (counts: (stretch: ArpStretch) => boolean): number => total(stretches.filter(counts));
  const certain = sum(({ state }) => state === 'stale');
  return {
    stretches,
    watchedMs: total(stretches),
    freshMs: sum(({ state }) => state === 'fresh'),
    unresolvedMs: sum(({ state }) => state === 'unresolved'),
    staleMs: { lowerMs: certain, upperMs: certain + sum(({ state }) => state === 'unsure') },
    misledMs: {
      lowerMs: sum(({ state, elsewhere }) => state === 'stale' && elsewhere === 'yes'),
      upperMs: sum(({ state, elsewhere }) => isPerhapsStale(state) && elsewhere !== 'no'),
    },
  };
}

function isPerhapsStale(state: ArpState): boolean {
  return state === 'stale' || state === 'unsure';
}

function judged(
  { linkAddress, host }: ArpEntry,
  at: VipStretch,
  doubted: readonly string[],
): Pick<ArpStretch, 'state' | 'host' | 'elsewhere'> {
  if (linkAddress === undefined) return { state: 'unresolved', elsewhere: 'no' };
  const named = host === undefined ? {} : { host };
  const holders = at.holders.filter((name) => !doubted.includes(name));
  const possible = [...at.unwatched, ...at.holders.filter((name) => doubted.includes(name))];
  const isOther = (name: string): boolean => name !== host;
  const elsewhere = holders.some(isOther) ? 'yes' : possible.some(isOther) ? 'perhaps' : 'no';
  if (host === undefined || possible.includes(host)) return { ...named, state: 'unsure', elsewhere };
  return { ...named, state: holders.includes(host) ? 'fresh' : 'stale', elsewhere };
}

function doubtedAt(doubts: readonly Doubt[], atMs: number): string[] {
  return doubts.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs).map(({ host }) => host);
}

/** The time between two moments, cut where something else changes. */
function partsOf(fromMs: number, toMs: number, cuts: readonly number[]): [fromMs: number, toMs: number][] {
  const inside = cuts.filter((cutMs) => fromMs < cutMs && cutMs < toMs);
  const edges = [...new Set([fromMs, ...inside, toMs])].toSorted((one, other) => one - other);
  return edges.slice(1).map((edgeMs, index) => [edges[index] ?? edgeMs, edgeMs]);
}

function total(stretches: readonly ArpStretch[]): number {
  return stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
