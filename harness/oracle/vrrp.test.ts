import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VRRP_INSTANCES } from '../../fixtures/runs/good-run.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import { effectivePriority, electMaster, masterDownMs, skewMs } from './vrrp.ts';

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

describe('the master-down time', () => {
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
