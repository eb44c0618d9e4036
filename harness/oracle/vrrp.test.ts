import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VRRP_INSTANCES } from '../../fixtures/runs/good-run.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import {
  effectivePriority,
  electMaster,
  failoverFrom,
  masterDownMs,
  skewMs,
  TAKEOVER_ALLOWANCE_MS,
} from './vrrp.ts';

const [master, backup, third] = VRRP_INSTANCES as [VrrpInstance, VrrpInstance, VrrpInstance];

describe('VRRP arithmetic', () => {
  test('gives the seed its numbers: a backup of priority 95 waits 3.63 s', () => {
    expect(skewMs(backup)).toBeCloseTo(628.906, 3);
    expect(masterDownMs(backup)).toBeCloseTo(3628.906, 3);
  });

  test('counts skew time in seconds in version 2, in advert intervals in version 3', () => {
    const slow = { ...backup, advertIntervalS: 4 };
    expect(masterDownMs({ ...slow, version: 2 })).toBeCloseTo(12_628.906, 3);
    expect(masterDownMs({ ...slow, version: 3 })).toBeCloseTo(12_000 + 4 * 628.906, 2);
    const asRead = JSON.parse(JSON.stringify({ ...slow, version: undefined })) as VrrpInstance;
    expect(skewMs(asRead)).toBe(skewMs({ ...slow, version: 2 }));
  });

  test('adds the weight of a script that succeeds, never that of one that would only take away', () => {
    expect(effectivePriority({ ...backup, trackScripts: [script(20), script(-30)] })).toBe(115);
    expect(effectivePriority({ ...backup, priority: 250, trackScripts: [script(20)] })).toBe(254);
    expect(effectivePriority({ ...backup, priority: 255, trackScripts: [script(-20)] })).toBe(255);
  });
});

describe('the election', () => {
  test('goes to the highest priority, and among equals to the highest address', () => {
    expect(electMaster([third, backup, master])).toBe(master);
    const equal = VRRP_INSTANCES.map((instance) => ({ ...instance, priority: 95 }));
    expect(electMaster(equal)?.host).toBe(third.host);
    const ninth = { ...backup, address: '10.10.102.9' };
    expect(electMaster([ninth, { ...backup, address: '10.10.102.10' }])?.address).toBe('10.10.102.10');
  });

  test('of nobody has no winner', () => {
    expect(electMaster([])).toBeUndefined();
  });
});

describe('the failover budget', () => {
  test('after a crash is three adverts, the skew of who takes over, and the allowance', () => {
    const failover = failoverFrom(VRRP_INSTANCES, master.host, 'crash');
    expect(failover?.winner).toBe(backup);
    expect(failover?.budget.terms.map(({ name }) => name)).toEqual([
      'missed adverts (3 × advert_int)',
      'skew time ((256 − 95)/256 × 1 s)',
      'takeover allowance',
    ]);
    expect(failover?.budget.totalMs).toBeCloseTo(masterDownMs(backup) + TAKEOVER_ALLOWANCE_MS, 6);
  });

  test('after a clean stop is the skew alone, and the allowance', () => {
    const failover = failoverFrom(VRRP_INSTANCES, master.host, 'clean-stop');
    expect(failover?.budget.totalMs).toBeCloseTo(skewMs(backup) + TAKEOVER_ALLOWANCE_MS, 6);
    expect(failover?.earliestMs).toBe(0);
  });

  test('is none when nobody is left, when the holder is unknown, or when the others are another router', () => {
    expect(failoverFrom([master], master.host, 'crash')).toBeUndefined();
    expect(failoverFrom(VRRP_INSTANCES, 'somebody', 'crash')).toBeUndefined();
    const apart = { ...backup, virtualRouterId: 52 };
    expect(failoverFrom([master, apart], master.host, 'crash')).toBeUndefined();
  });

  test('holds every crash at every phase of the advert cycle, and no crash is taken over sooner than it says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom(0.1, 0.5, 1, 2, 10),
        fc.integer({ min: 1, max: 254 }),
        fc.integer({ min: 1, max: 254 }),
        (phase, advertIntervalS, one, other) => {
          const instances = VRRP_INSTANCES.map((instance, index) => ({
            ...instance,
            advertIntervalS,
            priority: [255, one, other][index] ?? 1,
          }));
          const failover = failoverFrom(instances, master.host, 'crash');
          if (!failover) throw new Error('no failover');
          // Each backup's timer runs from the last advert; the first to fire takes over.
          const timers = instances.slice(1).map(masterDownMs);
          const tookMs = Math.min(...timers) - phase * advertIntervalS * 1000;
          expect(tookMs).toBeLessThanOrEqual(failover.budget.totalMs);
          expect(tookMs).toBeGreaterThanOrEqual(failover.earliestMs - 1e-6);
          expect(masterDownMs(failover.winner)).toBe(Math.min(...timers));
        },
      ),
    );
  });

  test('a better priority never waits longer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 253 }), (priority) => {
        expect(masterDownMs({ ...backup, priority: priority + 1 })).toBeLessThan(
          masterDownMs({ ...backup, priority }),
        );
      }),
    );
  });
});

function script(weight: number): TrackScript {
  return { name: 's', command: 'true', intervalS: 1, timeoutS: 1, weight, fall: 1, rise: 1 };
}
