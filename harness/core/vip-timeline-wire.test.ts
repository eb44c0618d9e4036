import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaptureChanged, VrrpAdvert } from './record.ts';
import { advertisers, type AdvertTimeline } from './vip-timeline-wire.ts';

const END_MS = 20_000;
const CAPTURED = [capture(0, 'started'), capture(END_MS, 'stopped', 0)];

describe('the advertisers on the wire', () => {
  test('are told with the number of their adverts, the first and the last', () => {
    const seen = timeline(
      ...CAPTURED,
      ...every(1000, 1_500, 4_500, 'one'),
      ...every(1000, 8_100, 19_100, 'two'),
    );
    expect(seen.advertisers).toMatchObject([
      { sender: 'one', adverts: 4, firstMs: 1_500, lastMs: 4_500, reigns: [{ fromMs: 1_500, toMs: 4_500 }] },
      { sender: 'two', adverts: 12, firstMs: 8_100, lastMs: 19_100 },
    ]);
    expect(seen).toMatchObject({ dual: [], dualMs: { lowerMs: 0, upperMs: 0 }, dropped: 0 });
  });

  test('are two masters for as long as both go on, within an interval', () => {
    const seen = timeline(
      ...CAPTURED,
      ...every(1000, 1_500, 12_500, 'one'),
      ...every(1000, 8_100, 19_100, 'two'),
    );
    expect(seen.dual).toEqual([
      { fromMs: 8_100, toMs: 12_500, virtualRouterId: 51, senders: ['one', 'two'] },
    ]);
    expect(seen.dualMs).toEqual({ lowerMs: 4_400, upperMs: 5_400 });
  });

  test('are no two masters when one says goodbye before the other begins', () => {
    const goodbye = { ...advert(4_600, 'one'), priority: 0 };
    const seen = timeline(...CAPTURED, ...every(1000, 1_500, 4_500, 'one'), goodbye, advert(5_200, 'two'));
    expect(seen.dualMs).toEqual({ lowerMs: 0, upperMs: 0 });
    expect(seen.advertisers[0]).toMatchObject({ adverts: 5, reigns: [{ fromMs: 1_500, toMs: 4_600 }] });
  });

  test('may for a moment be two masters when the better one takes over: the other did not say when it gave way', () => {
    const seen = timeline(
      ...CAPTURED,
      ...every(1000, 1_500, 4_500, 'one'),
      ...every(1000, 5_200, 19_200, 'two'),
    );
    expect(seen.dualMs).toEqual({ lowerMs: 0, upperMs: 300 });
  });

  test('that fall silent for more than three intervals begin anew', () => {
    const seen = timeline(...CAPTURED, advert(1_000, 'one'), advert(4_000, 'one'), advert(7_001, 'one'));
    expect(seen.advertisers[0]?.reigns).toEqual([
      { fromMs: 1_000, toMs: 4_000 },
      { fromMs: 7_001, toMs: 7_001 },
    ]);
  });

  test('of different virtual routers do not rival', () => {
    const other = every(1000, 1_200, 4_200, 'two').map((one) => ({ ...one, virtualRouterId: 52 }));
    expect(timeline(...CAPTURED, ...every(1000, 1_500, 4_500, 'one'), ...other).dualMs.upperMs).toBe(0);
  });

  test('are strangers by their address', () => {
    const { host, ...stranger } = advert(1_000, 'one');
    expect(timeline(...CAPTURED, { ...stranger, ...(host && { host }) }).advertisers[0]?.sender).toBe('one');
    expect(timeline(...CAPTURED, stranger).advertisers[0]?.sender).toBe('10.10.102.9');
  });

  test('did not certainly go on while nobody captured, and the beginning of a reign may be earlier then', () => {
    const hole = [capture(0, 'started'), capture(3_000, 'stopped', 0), capture(4_000, 'started')];
    const seen = timeline(
      ...hole,
      capture(END_MS, 'stopped', 0),
      advert(2_500, 'one'),
      advert(4_500, 'one'),
      advert(3_800, 'two'),
    );
    expect(seen.captured).toEqual([
      { fromMs: 0, toMs: 3_000 },
      { fromMs: 4_000, toMs: END_MS },
    ]);
    expect(seen.advertisers[0]?.reigns).toHaveLength(2);
    expect(seen.dualMs.lowerMs).toBe(0);
    expect(seen.dualMs.upperMs).toBeGreaterThan(1_000);
  });

  test('have no upper bound when packets were lost, or nobody said whether', () => {
    const adverts = every(1000, 1_500, 4_500, 'one');
    const lossy = timeline(capture(0, 'started'), capture(END_MS, 'stopped', 3), ...adverts);
    expect(lossy).toMatchObject({ dropped: 3, dualMs: { upperMs: undefined } });
    const silent = timeline(capture(0, 'started'), ...adverts);
    expect(silent).toMatchObject({ dropped: undefined, dualMs: { upperMs: undefined } });
  });

  test('are not known without a capture', () => {
    expect(advertisers(every(1000, 1_500, 4_500, 'one'), END_MS)).toBeUndefined();
  });
});

describe('for any two masters that advertise each interval', () => {
  const reign = fc
    .tuple(fc.integer({ min: 2_000, max: 15_000 }), fc.integer({ min: 0, max: 15_000 }))
    .map(([fromMs, lengthMs]) => ({ fromMs, toMs: Math.min(fromMs + lengthMs, END_MS - 1) }));
  const intervalMs = fc.constantFrom(100, 500, 1000, 2000);

  test('the time in which both truly were lies within the bounds', () => {
    fc.assert(
      fc.property(reign, reign, intervalMs, (one, two, eachMs) => {
        const { dualMs } = timeline(
          ...CAPTURED,
          ...every(eachMs, one.fromMs, one.toMs, 'one'),
          ...every(eachMs, two.fromMs, two.toMs, 'two'),
        );
        const trueMs = Math.max(0, Math.min(one.toMs, two.toMs) - Math.max(one.fromMs, two.fromMs));
        expect(dualMs.lowerMs).toBeLessThanOrEqual(trueMs);
        expect(dualMs.upperMs).toBeGreaterThanOrEqual(trueMs);
        expect((dualMs.upperMs ?? Infinity) - dualMs.lowerMs).toBeLessThanOrEqual(eachMs + 1);
      }),
    );
  });

  test('the order in which adverts were written down does not matter, and nothing exceeds what was captured', () => {
    fc.assert(
      fc.property(reign, reign, intervalMs, (one, two, eachMs) => {
        const events = [
          ...CAPTURED,
          ...every(eachMs, one.fromMs, one.toMs, 'one'),
          ...every(eachMs, two.fromMs, two.toMs, 'two'),
        ];
        const forward = timeline(...events);
        expect(timeline(...events.toReversed()).dualMs).toEqual(forward.dualMs);
        expect(forward.dualMs.lowerMs).toBeLessThanOrEqual(END_MS);
      }),
    );
  });
});

function timeline(...events: readonly (VrrpAdvert | CaptureChanged)[]): AdvertTimeline {
  const seen = advertisers(events, END_MS);
  if (!seen) throw new Error('nothing was captured');
  return seen;
}

function capture(atMs: number, state: 'started' | 'stopped', dropped?: number): CaptureChanged {
  return { type: 'capture', atMs, state, ...(dropped !== undefined && { dropped }) };
}

function every(intervalMs: number, fromMs: number, untilMs: number, host: string): VrrpAdvert[] {
  const number = Math.floor((untilMs - fromMs) / intervalMs) + 1;
  return Array.from({ length: number }, (_, index) => ({
    ...advert(fromMs + intervalMs * index, host),
    advertIntervalS: intervalMs / 1000,
  }));
}

function advert(atMs: number, host: string): VrrpAdvert {
  return {
    type: 'vrrp.advert',
    atMs,
    source: '10.10.102.9',
    host,
    virtualRouterId: 51,
    priority: 100,
    advertIntervalS: 1,
  };
}
