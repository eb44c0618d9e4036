// Who called itself master on the wire: a second witness of who held the VIP, beside the hosts' own addresses. Pure.
import type { CaptureChanged, VrrpAdvert } from './record.ts';
import { inOrder } from './series.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One sender of adverts for one virtual router. */
export interface Advertiser {
  /** The host's name; a stranger's address. */
  readonly sender: string;
  readonly virtualRouterId: number;
  /** Those of priority 0, which say goodbye, included. */
  readonly adverts: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** From its first advert to its last, for as long as it went on without a goodbye and without falling silent. */
  readonly reigns: readonly Span[];
}

/** Two senders or more called themselves master of one virtual router. */
export interface DualStretch extends Span {
  readonly virtualRouterId: number;
  readonly senders: readonly string[];
}

export interface AdvertTimeline {
  readonly advertisers: readonly Advertiser[];
  /** When the wire was captured: of all other time nothing is known. */
  readonly captured: readonly Span[];
  /** Packets that the capture did not get; undefined when it did not say. */
  readonly dropped: number | undefined;
  readonly dual: readonly DualStretch[];
  /**
   * At least from the later sender's first advert to the earlier one's last; at most one advert interval more, and one
   * before a reign whose beginning was not captured. undefined when packets were, or may have been, lost.
   */
  readonly dualMs: { readonly lowerMs: number; readonly upperMs: number | undefined };
}

/**
 * A sender that is silent for longer than this many of its intervals has stopped: after three its backups believe so
 * (Master_Down_Interval, RFC 5798 section 6.1).
 */
const SILENT_INTERVALS = 3;

/** @returns undefined when the wire was never captured */
export function advertisers(
  events: readonly (VrrpAdvert | CaptureChanged)[],
  endMs: number,
): AdvertTimeline | undefined {
  const captures = inOrder(events.filter((event) => event.type === 'capture'));
  const captured = capturedSpans(captures, endMs);
  if (captured.length === 0) return undefined;
  const adverts = inOrder(events.filter((event) => event.type === 'vrrp.advert'));
  // The capture's own ends are told by the harness's clock.
  const offMs = adverts.reduce((most, { uncertaintyMs = 0 }) => Math.max(most, uncertaintyMs), 0);
  const watched = captured.map(({ fromMs, toMs }) => ({ fromMs: fromMs - offMs, toMs: toMs + offMs }));
  const senders = bySender(adverts).map((own) => describe(own, watched));
  const dropped = totalDropped(captures);
  const dual = overlaps(senders.map(({ advertiser }) => advertiser));
  const perhaps = overlaps(senders.map(({ advertiser, possible }) => ({ ...advertiser, reigns: possible })));
  return {
    advertisers: senders.map(({ advertiser }) => advertiser),
    captured,
    dropped,
    dual,
    dualMs: { lowerMs: total(dual), upperMs: dropped === 0 ? total(perhaps) : undefined },
  };
}

function capturedSpans(captures: readonly CaptureChanged[], endMs: number): Span[] {
  const spans: Span[] = [];
  let fromMs: number | undefined;
  for (const { state, atMs } of captures) {
    if (state === 'started') fromMs ??= atMs;
    else {
      if (fromMs !== undefined && atMs > fromMs) spans.push({ fromMs, toMs: atMs });
      fromMs = undefined;
    }
  }
  if (fromMs !== undefined && endMs > fromMs) spans.push({ fromMs, toMs: endMs });
  return spans;
}

function totalDropped(captures: readonly CaptureChanged[]): number | undefined {
  const ends = captures.filter(({ state }) => state === 'stopped');
  const isTold = ends.length > 0 && ends.every(({ dropped }) => dropped !== undefined);
  return isTold ? ends.reduce((sum, { dropped = 0 }) => sum + dropped, 0) : undefined;
}

function senderOf({ host, source }: VrrpAdvert): string {
  return host ?? source;
}

/** @returns each sender's adverts for each virtual router, in time */
function bySender(adverts: readonly VrrpAdvert[]): VrrpAdvert[][] {
  const groups = new Map<string, VrrpAdvert[]>();
  for (const advert of adverts) {
    const key = `${advert.virtualRouterId} ${senderOf(advert)}`;
    groups.set(key, [...(groups.get(key) ?? []), advert]);
  }
  return [...groups.values()];
}

interface Sender {
  readonly advertiser: Advertiser;
  /** Its reigns as long as they can have been. */
  readonly possible: readonly Span[];
}

function describe(adverts: readonly VrrpAdvert[], captured: readonly Span[]): Sender {
  const [first, last] = [adverts[0], adverts.at(-1)];
  if (!first || !last) throw new RangeError('no adverts');
  const reigns = reignsOf(adverts, captured);
  return {
    advertiser: {
      sender: senderOf(first),
      virtualRouterId: first.virtualRouterId,
      adverts: adverts.length,
      firstMs: first.atMs,
      lastMs: last.atMs,
      reigns: reigns.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    },
    possible: reigns.map((reign) => possibleReign(reign, captured)),
  };
}

/**
 * A master advertises as soon as it is one (RFC 5798 section 6.4.2), so that a reign whose beginning was captured has no
 * earlier one. How long it was master after its last advert, if it said no goodbye, only the next one would have told.
 */
function possibleReign({ fromMs, toMs, intervalMs, saidGoodbye }: Reign, captured: readonly Span[]): Span {
  const isBeginningSeen = isCapturedBetween(captured, fromMs - intervalMs, fromMs);
  return {
    fromMs: isBeginningSeen ? fromMs : fromMs - intervalMs,
    toMs: saidGoodbye ? toMs : toMs + intervalMs,
  };
}

interface Reign extends Span {
  readonly intervalMs: number;
  readonly saidGoodbye: boolean;
}

function reignsOf(adverts: readonly VrrpAdvert[], captured: readonly Span[]): Reign[] {
  const reigns: Reign[] = [];
  let isOn = false;
  for (const { atMs, priority, advertIntervalS } of adverts) {
    const intervalMs = 1000 * advertIntervalS;
    const current = reigns.at(-1);
    const goesOn =
      isOn &&
      current !== undefined &&
      atMs - current.toMs <= SILENT_INTERVALS * current.intervalMs &&
      isCapturedBetween(captured, current.toMs, atMs);
    if (goesOn)
      reigns[reigns.length - 1] = { ...current, toMs: atMs, saidGoodbye: priority === 0, intervalMs };
    else if (priority > 0) reigns.push({ fromMs: atMs, toMs: atMs, intervalMs, saidGoodbye: false });
    isOn = priority > 0;
  }
  return reigns;
}

/** The kernel's stamps and the capture's own ends need not agree to the millisecond. */
const CAPTURE_TOLERANCE_MS = 2;

function isCapturedBetween(captured: readonly Span[], fromMs: number, toMs: number): boolean {
  return captured.some(
    (span) => span.fromMs <= fromMs + CAPTURE_TOLERANCE_MS && toMs <= span.toMs + CAPTURE_TOLERANCE_MS,
  );
}

/** Where reigns of different senders over one virtual router meet, cut where one begins or ends. */
function overlaps(senders: readonly Advertiser[]): DualStretch[] {
  const routers = [...new Set(senders.map(({ virtualRouterId }) => virtualRouterId))];
  return routers.flatMap((virtualRouterId) => {
    const own = senders.filter((one) => one.virtualRouterId === virtualRouterId);
    const moments = own.flatMap(({ reigns }) => reigns.flatMap(({ fromMs, toMs }) => [fromMs, toMs]));
    const edges = [...new Set(moments)].toSorted((one, other) => one - other);
    return edges.slice(1).flatMap((toMs, index) => {
      const fromMs = edges[index] ?? toMs;
      const present = own.filter(({ reigns }) =>
        reigns.some((reign) => reign.fromMs <= fromMs && toMs <= reign.toMs),
      );
      const names = present.map(({ sender }) => sender);
      return names.length >= 2 ? [{ fromMs, toMs, virtualRouterId, senders: names }] : [];
    });
  });
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
