import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PowerChanged, VipAddress } from './record.ts';
import { vipAt, vipTimeline } from './vip-timeline.ts';

const HOSTS = ['one', 'two', 'three'];
const snapshots = [snapshot(0, 'one', true), snapshot(0, 'two', false), snapshot(0, 'three', false)];

describe('who held the VIP', () => {
  test('begins with the snapshots, which are no move', () => {
    const timeline = vipTimeline(snapshots, HOSTS, 1000);
    expect(timeline).toMatchObject({ moves: [], noHolderMs: 0, dualHolderMs: 0 });
    expect(vipAt(timeline, 500)).toMatchObject({ holders: ['one'], unwatched: [] });
  });

  test('moves when another host takes it after a power cut; the time between is without a holder', () => {
    const events = [...snapshots, lost(95, 'one'), power(100, 'one', 'off'), added(3600, 'two')];
    const timeline = vipTimeline(events, HOSTS, 5000);
    expect(timeline.moves).toEqual([{ from: 'one', to: 'two', atMs: 3600 }]);
    expect(timeline.noHolderMs).toBe(3500);
    expect(vipAt(timeline, 5000)?.holders).toEqual(['two']);
  });

  test('moves when the new holder takes it before the old one gives it up; meanwhile there are two', () => {
    const timeline = vipTimeline([...snapshots, added(500, 'two'), removed(530, 'one')], HOSTS, 1000);
    expect(timeline.moves).toEqual([{ from: 'one', to: 'two', atMs: 500 }]);
    expect(timeline.dualHolderMs).toBe(30);
  });

  test('moves back when the host that took it second gives it up first', () => {
    const timeline = vipTimeline([...snapshots, added(500, 'two'), removed(900, 'two')], HOSTS, 1000);
    expect(timeline.moves.map(({ to }) => to)).toEqual(['two', 'one']);
  });

  test('is told as lost when nobody else takes it over, and as taken when its host has it again', () => {
    expect(vipTimeline([...snapshots, removed(500, 'one')], HOSTS, 1000).moves).toEqual([
      { from: 'one', to: undefined, atMs: 500 },
    ]);
    expect(vipTimeline([...snapshots, removed(500, 'one'), added(700, 'one')], HOSTS, 1000).moves).toEqual([
      { from: 'one', to: undefined, atMs: 500 },
      { from: undefined, to: 'one', atMs: 700 },
    ]);
  });

  test('is not known of a host that has power and is not watched: that time is not called without a holder', () => {
    const timeline = vipTimeline([...snapshots, lost(200, 'one')], HOSTS, 1000);
    expect(timeline.noHolderMs).toBe(0);
    expect(vipAt(timeline, 900)).toMatchObject({ holders: [], unwatched: ['one'] });
  });

  test('is known again of a host that booted once a new watch has looked', () => {
    const events = [...snapshots, power(100, 'one', 'off'), added(200, 'two'), power(300, 'one', 'on')];
    expect(vipAt(vipTimeline(events, HOSTS, 1000), 1000)?.unwatched).toEqual(['one']);
    const watched = [...events, snapshot(400, 'one', false)];
    expect(vipAt(vipTimeline(watched, HOSTS, 1000), 1000)).toMatchObject({ holders: ['two'], unwatched: [] });
  });

  test('counts a watch that ends after its host lost power as one fact, not as a host out of sight', () => {
    const events = [...snapshots, power(100, 'one', 'off'), lost(140, 'one')];
    expect(vipAt(vipTimeline(events, HOSTS, 1000), 1000)?.unwatched).toEqual([]);
  });

  test('starts with hosts that nobody has looked at', () => {
    expect(vipTimeline(snapshots.slice(0, 1), HOSTS, 10).stretches).toEqual([
      { fromMs: 0, toMs: 10, holders: ['one'], unwatched: ['two', 'three'] },
    ]);
    expect(vipTimeline([], HOSTS, 10)).toMatchObject({ stretches: [], moves: [] });
  });
});

test('for any events in any order, stretches are without gaps and the totals fit into them', () => {
  const host = fc.constantFrom(...HOSTS);
  const atMs = fc.integer({ min: 0, max: 1000 });
  const event = fc.oneof(
    fc
      .tuple(atMs, host, fc.boolean())
      .map(([at, name, present]) => (present ? added(at, name) : removed(at, name))),
    fc.tuple(atMs, host, fc.boolean()).map(([at, name, on]) => power(at, name, on ? 'on' : 'off')),
    fc.tuple(atMs, host).map(([at, name]) => lost(at, name)),
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
      const { stretches, moves, noHolderMs, dualHolderMs } = vipTimeline(events, HOSTS, 1000);
      stretches.slice(1).forEach(({ fromMs }, index) => expect(fromMs).toBe(stretches[index]?.toMs));
      const spanMs = stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      expect(noHolderMs + dualHolderMs).toBeLessThanOrEqual(spanMs);
      moves.slice(1).forEach(({ from }, index) => expect(from).toBe(moves[index]?.to));
      moves.forEach(({ from, to }) => expect(from).not.toBe(to));
    }),
  );
});

function snapshot(atMs: number, host: string, present: boolean): VipAddress {
  return { type: 'vip.address', atMs, host, present, source: 'snapshot' };
}

function added(atMs: number, host: string): VipAddress {
  return { type: 'vip.address', atMs, host, present: true, source: 'event' };
}

function removed(atMs: number, host: string): VipAddress {
  return { type: 'vip.address', atMs, host, present: false, source: 'event' };
}

function lost(atMs: number, host: string): VipAddress {
  return { type: 'vip.address', atMs, host, present: false, source: 'lost' };
}

function power(atMs: number, host: string, state: 'on' | 'off'): PowerChanged {
  return { type: 'power', atMs, host, state };
}
