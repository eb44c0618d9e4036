// The good run's VIP by its three witnesses, and what is said where one of them is missing or denies the others.
import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import { WIRE_RUNS } from '../../fixtures/runs/wire-runs.ts';
import type { JournalEvent } from '../core/record.ts';
import { oneHolderAfterwards } from './one-holder-afterwards.ts';
import { arpTimelineOf } from '../core/vip-view.ts';
import { advertTimelineOf, vipResult } from './vip-results.ts';

describe('the VIP of the good run', () => {
  const record = recordOf(goodRun());

  test('has a stale ARP entry from the deed until the successor announced itself, in bounds', () => {
    const namedMs = MOMENTS.takenOverMs + 2;
    const stale = arpTimelineOf(record)?.staleMs;
    // The watch on the holder ended with it, a little before the deed was known to be done.
    expect(stale?.lowerMs).toBe(namedMs - (MOMENTS.faultToMs - 12));
    expect(stale?.upperMs).toBe(namedMs - MOMENTS.faultFromMs);
    expect(vipResult(record).staleArpMs).toBe(stale?.lowerMs);
  });

  test('misled a client only for the moment between the takeover and its announcement', () => {
    expect(arpTimelineOf(record)?.misledMs).toEqual({ lowerMs: 2, upperMs: 2 });
  });

  test('was advertised by its holder and by the successor, never by both for certain', () => {
    expect(advertTimelineOf(record)).toMatchObject({ dropped: 0, dual: [] });
    expect(Object.keys(vipResult(record).adverts ?? {})).toEqual([HOLDER, SUCCESSOR]);
    const adverts = goodRun().filter(({ type }) => type === 'vrrp.advert');
    const counted = Object.values(vipResult(record).adverts ?? {}).reduce((sum, number) => sum + number, 0);
    expect(counted).toBe(adverts.length);
  });
});

test('what nobody watched is left out, not told as none', () => {
  const types: readonly JournalEvent['type'][] = ['arp.entry', 'capture', 'vrrp.advert'];
  const result = vipResult(recordOf(goodRun().filter(({ type }) => !types.includes(type))));
  expect(result).not.toHaveProperty('staleArpMs');
  expect(result).not.toHaveProperty('adverts');
  expect(result.moves).toHaveLength(2);
});

describe.each([...WIRE_RUNS])('a run in which $wrong', ({ verdict, events }) => {
  test(`is judged ${verdict} by one-holder-afterwards`, () => {
    expect(oneHolderAfterwards.judge(recordOf(events()))).toMatchObject({ verdict });
  });
});

test('the wire need not have been captured for the addresses to be believed', () => {
  const events = goodRun().filter(({ type }) => type !== 'vrrp.advert' && type !== 'capture');
  expect(oneHolderAfterwards.judge(recordOf(events))).toMatchObject({ verdict: 'pass' });
});
