import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arpTimeline, type Doubt } from './arp-timeline.ts';
import type { ArpEntry, PowerChanged, VipAddress } from './record.ts';
import { vipTimeline, type VipTimeline } from './vip-timeline.ts';

const HOSTS = ['one', 'two'];
const END_MS = 1000;

/** one holds the VIP until 300, nobody until 400, two from then on. */
const moved = holders(
  address(0, 'one', true),
  address(0, 'two', false),
  address(300, 'one', false),
  address(400, 'two', true),
);

describe('the ARP entry against the holder', () => {
  test('is fresh while it names the holder, and stale from when that one loses the VIP until it names the next', () => {
    const timeline = arpTimeline([entry(0, 'one'), entry(450, 'two')], moved, END_MS);
    expect(timeline).toMatchObject({
      watchedMs: 1000,
      freshMs: 300 + 550,
      unresolvedMs: 0,
      staleMs: { lowerMs: 150, upperMs: 150 },
    });
    expect(timeline.stretches.map(({ state }) => state)).toEqual(['fresh', 'stale', 'stale', 'fresh']);
  });

  test('misleads only while another host could have answered', () => {
    const { misledMs } = arpTimeline([entry(0, 'one'), entry(450, 'two')], moved, END_MS);
    expect(misledMs).toEqual({ lowerMs: 50, upperMs: 50 });
  });

  test('is unresolved, not stale, while there is no link address in it', () => {
    const entries = [entry(0, 'one'), { ...entry(300), state: 'FAILED' }, entry(410, 'two')];
    expect(arpTimeline(entries, moved, END_MS)).toMatchObject({
      unresolvedMs: 110,
      staleMs: { lowerMs: 0, upperMs: 0 },
    });
  });

  test('may be stale, and no more, while nobody watches the host that it names', () => {
    const lost = holders(
      address(0, 'one', true),
      address(0, 'two', false),
      { ...address(200, 'one', false), source: 'lost' },
      address(500, 'one', false),
      address(500, 'two', true),
    );
    const timeline = arpTimeline([entry(0, 'one'), entry(600, 'two')], lost, END_MS);
    expect(timeline.staleMs).toEqual({ lowerMs: 100, upperMs: 400 });
    expect(timeline.misledMs).toEqual({ lowerMs: 100, upperMs: 100 });
  });

  test('may be stale from the earliest moment of a deed, and certainly is from the latest', () => {
    const cut = holders(
      address(0, 'one', true),
      address(0, 'two', false),
      { type: 'power', atMs: 300, host: 'one', state: 'off' },
      address(400, 'two', true),
    );
    const deed = { host: 'one', fromMs: 260, toMs: 300 };
    const timeline = arpTimeline([entry(0, 'one'), entry(450, 'two')], cut, END_MS, [deed]);
    expect(timeline.staleMs).toEqual({ lowerMs: 150, upperMs: 190 });
    expect(timeline.freshMs).toBe(260 + 550);
  });

  test('of a stranger is neither fresh nor certainly stale', () => {
    const stranger: ArpEntry = { ...entry(0), linkAddress: '00:00:5e:00:01:33', state: 'REACHABLE' };
    expect(arpTimeline([stranger], moved, END_MS)).toMatchObject({
      freshMs: 0,
      staleMs: { lowerMs: 0, upperMs: 1000 },
    });
  });

  test('is not known before it was first seen, nor after the watch was lost until it is seen again', () => {
    const entries = [entry(100, 'one'), { ...entry(200), source: 'lost' as const }, entry(700, 'two')];
    expect(arpTimeline(entries, moved, END_MS)).toMatchObject({ watchedMs: 400, freshMs: 400 });
    expect(arpTimeline([], moved, END_MS)).toMatchObject({ stretches: [], watchedMs: 0 });
  });

  test('is not judged while nobody looks at the holders', () => {
    expect(arpTimeline([entry(0, 'one')], holders(), END_MS)).toMatchObject({ watchedMs: 0, stretches: [] });
    const late = holders(address(200, 'one', true), address(200, 'two', false));
    expect(arpTimeline([entry(0, 'one')], late, END_MS)).toMatchObject({
      watchedMs: 800,
      freshMs: 800,
      staleMs: { lowerMs: 0, upperMs: 0 },
    });
  });
});

describe('for any entries and any holders', () => {
  const atMs = fc.integer({ min: 0, max: END_MS });
  const host = fc.constantFrom(...HOSTS);
  const anyEntry = fc.oneof(
    fc.tuple(atMs, host).map(([at, name]) => entry(at, name)),
    atMs.map((at) => ({ ...entry(at), state: 'FAILED' })),
    atMs.map((at) => ({ ...entry(at), linkAddress: '00:00:5e:00:01:33' })),
    atMs.map((at) => ({ ...entry(at), source: 'lost' as const })),
  );
  const anyHolding = fc.oneof(
    fc.tuple(atMs, host, fc.boolean()).map(([at, name, present]) => address(at, name, present)),
    fc.tuple(atMs, host).map(([at, name]) => ({ ...address(at, name, false), source: 'lost' as const })),
  );
  const anyDoubt = fc.tuple(atMs, atMs, host).map(([one, other, name]): Doubt => ({
    host: name,
    fromMs: Math.min(one, other),
    toMs: Math.max(one, other),
  }));
  const anything = [
    fc.array(anyEntry, { maxLength: 12 }),
    fc.array(anyHolding, { maxLength: 12 }),
    fc.array(anyDoubt, { maxLength: 3 }),
  ] as const;

  test('every watched moment is exactly one of fresh, stale, unsure and unresolved', () => {
    fc.assert(
      fc.property(...anything, (entries, events, doubts) => {
        const timeline = arpTimeline(entries, holders(...events), END_MS, doubts);
        const { watchedMs, freshMs, unresolvedMs, staleMs, misledMs, stretches } = timeline;
        expect(freshMs + unresolvedMs + staleMs.upperMs).toBe(watchedMs);
        expect(watchedMs).toBeLessThanOrEqual(END_MS);
        expect(staleMs.lowerMs).toBeLessThanOrEqual(staleMs.upperMs);
        expect(misledMs.lowerMs).toBeLessThanOrEqual(Math.min(misledMs.upperMs, staleMs.lowerMs));
        expect(misledMs.upperMs).toBeLessThanOrEqual(staleMs.upperMs);
        stretches.slice(1).forEach(({ fromMs }, index) => {
          expect(fromMs).toBeGreaterThanOrEqual(stretches[index]?.toMs ?? Infinity);
        });
      }),
    );
  });

  test('a doubt never makes the bounds narrower', () => {
    fc.assert(
      fc.property(...anything, (entries, events, doubts) => {
        const sure = arpTimeline(entries, holders(...events), END_MS).staleMs;
        const unsure = arpTimeline(entries, holders(...events), END_MS, doubts).staleMs;
        expect(unsure.lowerMs).toBeLessThanOrEqual(sure.lowerMs);
        expect(unsure.upperMs).toBeGreaterThanOrEqual(sure.upperMs);
      }),
    );
  });

  test('events of different moments may come in any order', () => {
    const distinct = fc.uniqueArray(anyEntry, { maxLength: 12, selector: (one) => one.atMs });
    fc.assert(
      fc.property(distinct, fc.array(anyHolding, { maxLength: 12 }), (entries, events) => {
        const vip = holders(...events);
        expect(arpTimeline(entries.toReversed(), vip, END_MS)).toEqual(arpTimeline(entries, vip, END_MS));
      }),
    );
  });

  test('what an all-seeing observer calls stale lies within the bounds, though the moment of a deed is not known', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 300 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 410, max: 900 }),
        (lostMs, earlier, later, namedMs) => {
          const deed = { host: 'one', fromMs: lostMs - earlier, toMs: lostMs + later };
          const seen = holders(
            address(0, 'one', true),
            address(0, 'two', false),
            { type: 'power', atMs: deed.toMs, host: 'one', state: 'off' },
            address(405, 'two', true),
          );
          const { staleMs } = arpTimeline([entry(0, 'one'), entry(namedMs, 'two')], seen, END_MS, [deed]);
          expect(staleMs.lowerMs).toBeLessThanOrEqual(namedMs - lostMs);
          expect(staleMs.upperMs).toBeGreaterThanOrEqual(namedMs - lostMs);
          expect(staleMs.upperMs - staleMs.lowerMs).toBe(earlier + later);
        },
      ),
    );
  });
});

function entry(atMs: number, host?: string): ArpEntry {
  const resolved = host === undefined ? {} : { host, linkAddress: `link of ${host}`, state: 'STALE' };
  return { type: 'arp.entry', atMs, source: 'event', ...resolved };
}

function address(atMs: number, host: string, present: boolean): VipAddress {
  return { type: 'vip.address', atMs, host, present, source: 'event' };
}

function holders(...events: readonly (VipAddress | PowerChanged)[]): VipTimeline {
  return vipTimeline(events, HOSTS, END_MS);
}
