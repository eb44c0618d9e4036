// A failover's terms from the holder's last word to the observer's ARP entry.
import type { Stamp } from '../core/clock.ts';
import type { VrrpAdvert } from '../core/record.ts';
import { eventsOfType, mastersOf } from '../core/scenario-view.ts';
import { inOrder } from '../core/series.ts';
import { bounds, ms } from '../core/text.ts';
import { vipTimeline } from '../core/vip-timeline.ts';
import { exactly, notSeen, span, stampedBy, widened, type Moment, type Term } from './decomposition-term.ts';
import { captureUntil, type FailureView } from './decomposition-view.ts';
import type { Departure } from './departure.ts';
import { effectivePriority, TAKEOVER_ALLOWANCE_MS } from './vrrp.ts';

/** Linux keeps an ARP entry at least so long before it may be replaced: arp(7), locktime. */
const ARP_LOCK_MS = 1_000;

/** Hosts and capture stamp by different ways; a timer this much too early was not. */
const STAMPS_DIFFER_MS = 20;

/** Empty when the fault does not take the VIP from its holder. */
export function vipTerms(view: FailureView): Term[] {
  const { departure } = view;
  if (!departure) return [];
  const taker = takerIn(view, departure);
  const word = lastWord(view, departure);
  const spoken = word.moment
    ? widened(word.moment, word.stamped?.uncertaintyMs)
    : lastWordByConfiguration(view, departure);
  const timer = timerTerm(view, departure, taker, spoken);
  const dueMs = (spoken.toMs ?? spoken.fromMs) + departure.timerMs + TAKEOVER_ALLOWANCE_MS;
  return [
    word,
    timer,
    addressTerm(view, departure, taker, dueMs),
    gratuitousArpTerm(view, taker),
    arpEntryTerm(view, taker),
  ];
}

/** Who did take over, if anybody; else who should. */
function takerIn({ record, deed, untilMs }: FailureView, { holder, taker }: Departure): string {
  const masters = mastersOf(record);
  const taken = inOrder(eventsOfType(record.events, 'vip.address')).find(
    ({ host, present, atMs }) =>
      present && host !== holder && masters.includes(host) && atMs >= deed.fromMs && atMs <= untilMs,
  );
  return taken?.host ?? taker.host;
}

function advertsOf({ record }: FailureView, host: string): VrrpAdvert[] {
  return inOrder(eventsOfType(record.events, 'vrrp.advert')).filter((advert) => advert.host === host);
}

/** The last advert that kept the taker quiet, or the goodbye that called it. */
function lastWord(view: FailureView, departure: Departure): Term {
  const { kind, holder, taker, goodbye, noticeMs } = departure;
  const name = goodbye ? `goodbye of ${holder} seen` : `last advert of ${holder} seen`;
  const { deed } = view;
  const capture = captureUntil(view);
  if (typeof capture !== 'number') return notSeen(name, capture.missing);
  const adverts = advertsOf(view, holder).filter(({ atMs }) => atMs <= capture);
  if (goodbye) {
    const said = adverts.find(
      ({ priority, atMs, uncertaintyMs = 0 }) => priority === 0 && atMs + uncertaintyMs >= deed.fromMs,
    );
    if (!said) return notSeen(name, 'no advert of priority 0 was on the wire');
    const offMs = said.uncertaintyMs ?? 0;
    const sinceMs = span(deed, widened(exactly(said.atMs), offMs)).lowerMs;
    const detail = `priority 0, ${bounds(sinceMs, said.atMs + offMs - deed.fromMs)} after the fault`;
    return {
      name,
      moment: exactly(said.atMs),
      stamped: stampedBy(observerOf(view), said),
      detail,
      dueMs: deed.toMs + noticeMs + TAKEOVER_ALLOWANCE_MS,
    };
  }
  const isFull = ({ priority }: VrrpAdvert): boolean => priority >= effectivePriority(taker);
  const before = (limitMs: number): VrrpAdvert | undefined =>
    adverts.findLast((advert) => isFull(advert) && advert.atMs <= limitMs);
  const last = before(kind === 'priority-drop' ? capture : deed.toMs);
  if (!last) return notSeen(name, `no advert of ${holder} was on the wire before`);
  // Cut off from some, it goes on: whether those heard what it said while the cut was made cannot be told.
  const first = kind === 'isolated' ? (before(deed.fromMs) ?? last) : last;
  return {
    name,
    moment: { fromMs: first.atMs, toMs: last.atMs },
    stamped: stampedBy(observerOf(view), last),
    detail: `priority ${last.priority}, ${relative(last.atMs, deed)}`,
    ...lastWordAllowed(view, departure, last),
  };
}

/**
 * A holder that is well advertises every advert_int: one that had been silent for longer had failed before the fault.
 * One whose check fails must have noticed in time.
 */
function lastWordAllowed(
  { deed }: FailureView,
  { kind, noticeMs }: Departure,
  { advertIntervalS }: VrrpAdvert,
): Pick<Term, 'dueMs' | 'leadMs'> {
  const intervalMs = 1000 * advertIntervalS;
  return kind === 'priority-drop'
    ? { dueMs: deed.toMs + noticeMs + intervalMs }
    : { leadMs: intervalMs + TAKEOVER_ALLOWANCE_MS };
}

function relative(atMs: number, deed: FailureView['deed']): string {
  if (atMs <= deed.fromMs) return `${bounds(deed.fromMs - atMs, deed.toMs - atMs)} before the fault`;
  if (atMs <= deed.toMs) return 'while the fault struck';
  return `${bounds(atMs - deed.toMs, atMs - deed.fromMs)} after the fault`;
}

/** Between which moments the last word must have come, where nobody saw it. */
function lastWordByConfiguration({ deed }: FailureView, { goodbye, noticeMs, taker }: Departure): Moment {
  const phaseMs = goodbye ? 0 : 1000 * taker.advertIntervalS;
  return { fromMs: deed.fromMs - phaseMs, toMs: deed.toMs + noticeMs };
}

/**
 * The timer itself cannot be seen: it is computed from the last word. One that fires late shows in the next term, one
 * that fires early cannot have fired after the taker's first sign.
 */
function timerTerm(view: FailureView, departure: Departure, taker: string, spoken: Moment): Term {
  const { goodbye, timerMs } = departure;
  const name = `${goodbye ? 'skew' : 'master-down'} timer of ${taker} expired`;
  const sign = firstSign(view, taker);
  if (!sign) return notSeen(name, `no sign of ${taker} after the fault`, timerMs);
  if (taker !== departure.taker.host) {
    return notSeen(name, `by priority and address the VIP falls to ${departure.taker.host}`, timerMs);
  }
  const fromMs = spoken.fromMs + timerMs;
  const toMs = (spoken.toMs ?? spoken.fromMs) + timerMs;
  const signed = widened(exactly(sign.atMs), sign.uncertaintyMs);
  const signMs = signed.toMs ?? sign.atMs;
  if (signMs < fromMs - STAMPS_DIFFER_MS) {
    const detail = `expired ${ms(fromMs - signMs)} sooner than the ${ms(timerMs)} by the configuration`;
    return { name, moment: signed, detail, allowedMs: timerMs };
  }
  const detail = `computed: ${ms(timerMs)} after the ${goodbye ? 'goodbye' : 'last advert'}`;
  return {
    name,
    moment: { fromMs: Math.min(fromMs, signMs), toMs: Math.min(toMs, signMs) },
    detail,
    allowedMs: timerMs,
  };
}

function observerOf({ record }: FailureView): string {
  return record.run.topology.observer.name;
}

/** The first that was seen of the taker as the new master. */
function firstSign(view: FailureView, taker: string): Stamp | undefined {
  const { record, deed, untilMs } = view;
  const isAfter = ({ atMs }: { readonly atMs: number }): boolean => atMs > deed.fromMs && atMs <= untilMs;
  const signs = [
    ...advertsOf(view, taker).filter(({ priority }) => priority > 0),
    ...eventsOfType(record.events, 'vip.address').filter(({ host, present }) => host === taker && present),
    ...eventsOfType(record.events, 'arp.gratuitous').filter(({ host }) => host === taker),
  ].filter(isAfter);
  return inOrder(signs)[0];
}

function addressTerm(view: FailureView, departure: Departure, taker: string, dueMs: number): Term {
  const name = `address added on ${taker}`;
  const { record, deed, untilMs } = view;
  const events = inOrder(eventsOfType(record.events, 'vip.address')).filter(({ host }) => host === taker);
  const added = events.find(({ present, atMs }) => present && atMs >= deed.fromMs && atMs <= untilMs);
  if (added?.source === 'event') {
    const rank = taker === departure.taker.host ? '' : `, although it falls to ${departure.taker.host}`;
    const stamped = stampedBy(taker, added);
    return { name, moment: exactly(added.atMs), stamped, detail: `the kernel told${rank}`, dueMs };
  }
  if (added) {
    const lastAbsent = events.findLast(({ present, atMs }) => !present && atMs < added.atMs);
    const fromMs = Math.max(deed.fromMs, lastAbsent?.atMs ?? deed.fromMs);
    const toMs = added.atMs + (added.uncertaintyMs ?? 0);
    return { name, moment: { fromMs, toMs }, detail: 'found when the watch began anew', dueMs };
  }
  const watchedMs = watchedWithoutMs(view, taker);
  if (watchedMs === undefined) return notSeen(name, `${taker} was not watched`);
  return { name, moment: { fromMs: watchedMs }, detail: 'never while the fault stood', dueMs };
}

/** Until when a host was certainly seen without the VIP; undefined when it was not watched after the fault. */
function watchedWithoutMs({ record, deed, untilMs }: FailureView, host: string): number | undefined {
  const events = [...eventsOfType(record.events, 'vip.address'), ...eventsOfType(record.events, 'power')];
  const { stretches } = vipTimeline(events, mastersOf(record), untilMs);
  const watched = stretches.findLast(({ unwatched }) => !unwatched.includes(host));
  return watched && watched.toMs > deed.toMs ? watched.toMs : undefined;
}

function gratuitousArpTerm(view: FailureView, taker: string): Term {
  const name = 'gratuitous ARP on the wire';
  const allowedMs = TAKEOVER_ALLOWANCE_MS;
  const capture = captureUntil(view);
  if (typeof capture !== 'number') return notSeen(name, capture.missing, allowedMs);
  if (!firstSign(view, taker)) return notSeen(name, `${taker} did not take over`);
  const { record, deed } = view;
  const announced = inOrder(eventsOfType(record.events, 'arp.gratuitous')).find(
    ({ host, atMs }) => host === taker && atMs >= deed.fromMs && atMs <= capture,
  );
  if (!announced)
    return { name, moment: { fromMs: capture }, detail: 'none while it was captured', allowedMs };
  const stamped = stampedBy(observerOf(view), announced);
  return {
    name,
    moment: exactly(announced.atMs),
    stamped,
    detail: `from ${announced.linkAddress}`,
    allowedMs,
  };
}

function arpEntryTerm(view: FailureView, taker: string): Term {
  const name = `observer's ARP entry points to ${taker}`;
  const { record, deed, untilMs } = view;
  const entries = inOrder(eventsOfType(record.events, 'arp.entry'));
  if (entries.length === 0) return notSeen(name, 'the ARP entry was not watched', ARP_LOCK_MS);
  if (!firstSign(view, taker)) return notSeen(name, `${taker} did not take over`);
  const pointing = entries.find(({ host, atMs }) => host === taker && atMs >= deed.fromMs && atMs <= untilMs);
  if (pointing) {
    const detail = `state ${pointing.state ?? 'unknown'}`;
    const stamped = stampedBy(observerOf(view), pointing);
    return { name, moment: exactly(pointing.atMs), stamped, detail, allowedMs: ARP_LOCK_MS };
  }
  const last = entries.findLast(({ atMs }) => atMs <= untilMs);
  const detail = `it pointed to ${last?.host ?? 'nobody'} as long as the fault stood`;
  return { name, moment: { fromMs: untilMs }, detail, allowedMs: ARP_LOCK_MS };
}
