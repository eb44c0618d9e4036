// Who held the VIP and when, from address events and power changes. Pure arithmetic.
import type { PowerChanged, VipAddress } from './record.ts';
import type { VipMove } from './result.ts';
import { inOrder } from './series.ts';

/** A time in which nothing changed. */
export interface VipStretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Hosts known to hold the VIP. */
  readonly holders: readonly string[];
  /** Hosts that have power and that nobody watches: not asked yet, watch lost, or back from a power cut. */
  readonly unwatched: readonly string[];
}

export interface VipTimeline {
  readonly stretches: readonly VipStretch[];
  /** The first holder of the record is no move; `to` is undefined when nobody else took it over. */
  readonly moves: readonly VipMove[];
  /** Time in which certainly no host held it: while a host is unwatched nothing is certain, and nothing counts. */
  readonly noHolderMs: number;
  /** Time in which two or more hosts were known to hold it. */
  readonly dualHolderMs: number;
}

/**
 * @param hosts the masters: all that could hold the VIP
 * @param endMs where the last stretch ends
 */
export function vipTimeline(
  events: readonly (VipAddress | PowerChanged)[],
  hosts: readonly string[],
  endMs: number,
): VipTimeline {
  const ordered = inOrder(events.filter((event) => hosts.includes(event.host) && event.atMs <= endMs));
  const stretches: VipStretch[] = [];
  const moves = new MoveLog();
  const state: HolderState = { holders: new Set(), unwatched: new Set(hosts), off: new Set() };

  for (const [index, event] of ordered.entries()) {
    const before = new Set(state.holders);
    apply(event, state);
    moves.note(event, before, state.holders);
    const toMs = ordered[index + 1]?.atMs ?? endMs;
    if (toMs > event.atMs) {
      stretches.push({
        fromMs: event.atMs,
        toMs,
        holders: [...state.holders],
        unwatched: [...state.unwatched],
      });
    }
  }
  return {
    stretches,
    moves: moves.finish(),
    noHolderMs: total(stretches, ({ holders, unwatched }) => holders.length === 0 && unwatched.length === 0),
    dualHolderMs: total(stretches, ({ holders }) => holders.length >= 2),
  };
}

/**
 * The events as they would be if every host had held the VIP for as short, or as long, as its own clock lets it have been:
 * what is compared across hosts is known only so well as their clocks are. The same events where all stamps are exact.
 * @param moreMs how far the clock may be off, beside, with which they are compared
 */
export function withHoldings(
  events: readonly (VipAddress | PowerChanged)[],
  held: 'shortest' | 'longest',
  moreMs = 0,
): readonly (VipAddress | PowerChanged)[] {
  const lastMs = new Map<string, number>();
  return inOrder(events).map((event) => {
    const shiftMs = moreMs + (event.type === 'power' ? 0 : (event.uncertaintyMs ?? 0));
    const isGain = event.type === 'vip.address' && event.present;
    const isLater = isGain === (held === 'shortest');
    // What one host told keeps its order, whatever its clock.
    const atMs = Math.max(lastMs.get(event.host) ?? -Infinity, event.atMs + (isLater ? shiftMs : -shiftMs));
    lastMs.set(event.host, atMs);
    return atMs === event.atMs ? event : { ...event, atMs };
  });
}

/** Who held the VIP at a moment, and who may have; undefined outside the record. */
export function vipAt(timeline: VipTimeline, atMs: number): VipStretch | undefined {
  return timeline.stretches.findLast((stretch) => stretch.fromMs <= atMs && atMs <= stretch.toMs);
}

interface HolderState {
  readonly holders: Set<string>;
  readonly unwatched: Set<string>;
  readonly off: Set<string>;
}

function apply(event: VipAddress | PowerChanged, { holders, unwatched, off }: HolderState): void {
  const { host } = event;
  if (event.type === 'power') {
    // Whatever a host held is gone with its power; what it does after it boots is seen only by a new watch.
    holders.delete(host);
    if (event.state === 'off') {
      off.add(host);
      unwatched.delete(host);
    } else {
      off.delete(host);
      unwatched.add(host);
    }
    return;
  }
  if (event.source === 'lost') {
    holders.delete(host);
    if (!off.has(host)) unwatched.add(host);
    return;
  }
  off.delete(host);
  unwatched.delete(host);
  if (event.present) holders.add(host);
  else holders.delete(host);
}

/** Turns changes of the holder set into moves: whoever took the VIP last counts as its holder. */
class MoveLog {
  readonly #moves: VipMove[] = [];
  #holder: string | undefined;
  #lostAtMs: number | undefined;

  note(event: VipAddress | PowerChanged, before: ReadonlySet<string>, holders: ReadonlySet<string>): void {
    const taken = holders.has(event.host) && !before.has(event.host) ? event.host : undefined;
    if (taken !== undefined) {
      const isFirst =
        this.#holder === undefined && event.type === 'vip.address' && event.source === 'snapshot';
      if (isFirst) this.#holder = taken;
      else this.#moveTo(taken, event.atMs);
    } else if (this.#holder !== undefined && before.has(this.#holder) && !holders.has(this.#holder)) {
      const [other] = holders;
      if (other === undefined) this.#lostAtMs = event.atMs;
      else this.#moveTo(other, event.atMs);
    }
  }

  finish(): readonly VipMove[] {
    this.#noteLoss();
    return this.#moves;
  }

  #moveTo(to: string, atMs: number): void {
    if (this.#holder === to) this.#noteLoss();
    this.#moves.push({ from: this.#holder, to, atMs });
    this.#holder = to;
    this.#lostAtMs = undefined;
  }

  /** Nobody else took over: the loss is a move of its own. */
  #noteLoss(): void {
    if (this.#lostAtMs === undefined) return;
    this.#moves.push({ from: this.#holder, to: undefined, atMs: this.#lostAtMs });
    this.#holder = undefined;
    this.#lostAtMs = undefined;
  }
}

function total(stretches: readonly VipStretch[], counts: (stretch: VipStretch) => boolean): number {
  return stretches.filter(counts).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
