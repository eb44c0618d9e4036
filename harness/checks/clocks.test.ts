// What clocks that are not the harness's own take from a verdict, and what they do not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heldTwiceFor, known, measured } from '../../fixtures/runs/clock-runs.ts';
import { goodRun, HOLDER, MOMENTS } from '../../fixtures/runs/good-run.ts';
import { inserted } from '../../fixtures/runs/altered.ts';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { certainVipTimelineOf, possibleVipTimelineOf, vipTimelineOf } from '../core/vip-view.ts';
import type { JournalEvent, ScenarioRecord } from '../core/record.ts';
import { decompositionOf } from '../oracle/decomposition.ts';
import { clockSteady } from './clock-steady.ts';
import { judgeScenario } from './judge.ts';
import { vipHeldOnce } from './vip-held-once.ts';
import { vipMovedWithinBudget } from './vip-moved-within-budget.ts';

const good = recordOf(goodRun());
const off20 = recordOf(known(goodRun(), 20));

describe('clocks that are known to some milliseconds', () => {
  test('leave the good run good', () => {
    expect(judgeScenario(off20).checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(
      judgeScenario(good).checks.map(({ name, verdict }) => `${name} ${verdict}`),
    );
  });

  test('widen by their sum what is measured across them', () => {
    const exact = vipMovedWithinBudget.judge(good).measured;
    expect(vipMovedWithinBudget.judge(off20).measured).toEqual({
      lowerMs: (exact?.lowerMs ?? NaN) - 20,
      upperMs: (exact?.upperMs ?? NaN) + 20,
      unit: 'ms',
    });
    const held = recordOf(known(heldTwiceFor(700), 20));
    expect(vipHeldOnce.judge(held)).toMatchObject({
      verdict: 'pass',
      measured: { lowerMs: 660, upperMs: 740, unit: 'ms' },
    });
  });

  test('widen no outage: one sampler measured it by one clock', () => {
    expect(judgeScenario(off20).outages).toEqual(judgeScenario(good).outages);
    expect(judgeScenario(off20).probes).toEqual(judgeScenario(good).probes);
  });

  test('tell as certain only what is so by every clock', () => {
    const { vip: exact } = judgeScenario(good);
    const { vip } = judgeScenario(off20);
    // From the deed, by the harness's clock, to the takeover by the successor's: the takeover's alone is in doubt. On the
    // way back both masters' are.
    expect(exact.noHolderMs - vip.noHolderMs).toBe(20);
    expect(exact.dualHolderMs).toBe(6);
    expect(vip.dualHolderMs).toBe(0);
    expect((exact.staleArpMs ?? NaN) - (vip.staleArpMs ?? NaN)).toBeGreaterThan(0);
  });

  test('widen no term of a failover that follows another by the same clock', () => {
    const since = (record: ScenarioRecord): Map<string, unknown> =>
      new Map(decompositionOf(record)?.terms.map(({ name, sincePrevious }) => [name, sincePrevious]));
    const [exact, doubted] = [since(good), since(off20)];
    const names = [...exact.keys()];
    const [arp, entry] = [
      names.find((name) => name.startsWith('gratuitous')),
      names.find((name) => name.startsWith('observer')),
    ];
    expect(doubted.get(entry ?? '')).toEqual(exact.get(entry ?? ''));
    expect(doubted.get(arp ?? '')).not.toEqual(exact.get(arp ?? ''));
    expect(decompositionOf(off20)?.overrun).toBe(decompositionOf(good)?.overrun);
  });
});

test('a record without a word of clocks is one of a single clock, and as it always was', () => {
  expect(certainVipTimelineOf(good)).toEqual(vipTimelineOf(good));
  expect(possibleVipTimelineOf(good)).toEqual(vipTimelineOf(good));
  const shared = inserted(measured(60_000, { way: 'same kernel', offsetNs: '0', uncertaintyMs: 0 }));
  expect(judgeScenario(recordOf(shared))).toEqual(judgeScenario(good));
});

describe('a host that is measured', () => {
  const judged = (...more: JournalEvent[]): string => clockSteady.judge(recordOf(inserted(...more))).verdict;

  test('may drift, and may boot anew with another clock', () => {
    expect(judged(measured(61_000, {}), measured(70_000, { offsetNs: '86400003000000' }))).toBe('pass');
    expect(
      judged(
        measured(61_000, {}),
        measured(MOMENTS.takenBackMs, { boot: '9b1c time:[4026531834] 22', offsetNs: '-5000000000' }),
      ),
    ).toBe('pass');
  });

  test('is compared with itself, not with others', () => {
    const other = { host: 'another', offsetNs: '1', wallAheadNs: '2' };
    expect(judged(measured(61_000, {}), measured(62_000, other), measured(63_000, {}))).toBe('pass');
  });

  test('is named when its clock was moved', () => {
    const events = inserted(measured(61_000, {}), measured(70_000, { offsetNs: '86399700000000' }));
    const { explanation } = clockSteady.judge(recordOf(events));
    expect(explanation).toContain(`The monotonic clock of ${HOLDER} was moved by 295 ms`);
  });
});

test('what two hosts truly held together lies between what is certain and what is possible', () => {
  const moment = fc.integer({ min: MOMENTS.probesStartedMs + 500, max: MOMENTS.faultFromMs - 500 });
  const offMs = fc.integer({ min: 0, max: 120 });
  const error = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(moment, moment, offMs, error, error, (one, other, uncertaintyMs, gainError, lossError) => {
      const [fromMs, toMs] = [Math.min(one, other), Math.max(one, other)];
      const third = 'third.master';
      const gainMs = fromMs + gainError * uncertaintyMs;
      // One stream of one host: whatever its clock is off by, what came later is not stamped as earlier.
      const lossMs = Math.max(gainMs, toMs + lossError * uncertaintyMs);
      const stamped = (atMs: number, present: boolean): JournalEvent => ({
        type: 'vip.address',
        atMs,
        uncertaintyMs,
        host: third,
        present,
        source: 'event',
      });
      // One clock is off by one error; two stamps of it may be, as it is measured in between.
      const events = inserted(stamped(gainMs, true), stamped(lossMs, false));
      const relevant = events.filter(({ type }) => type !== 'sample').map((event) => asMaster(event, third));
      const record = recordOf(relevant);
      const baseMs = vipTimelineOf(good).dualHolderMs;
      expect(certainVipTimelineOf(record).dualHolderMs - baseMs).toBeLessThanOrEqual(toMs - fromMs + 1e-6);
      expect(possibleVipTimelineOf(record).dualHolderMs - baseMs).toBeGreaterThanOrEqual(
        toMs - fromMs - 1e-6,
      );
    }),
    { numRuns: 50 },
  );
});

/** The topology with one master more, so that its events count. */
function asMaster(event: JournalEvent, name: string): JournalEvent {
  if (event.type !== 'run.started') return event;
  const { topology } = event;
  const more = { name, address: '10.10.102.99', roles: ['master' as const], priority: 50 };
  return { ...event, topology: { ...topology, hosts: [...topology.hosts, more] } };
}
