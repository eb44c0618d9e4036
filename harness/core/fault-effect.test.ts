import { expect, test } from 'vitest';
import { effectOf } from './fault-effect.ts';
import type { FaultPrepared } from './record.ts';

test('an older record says of a power cut only what it was', () => {
  const prepared: FaultPrepared = {
    type: 'fault.prepared',
    atMs: 1,
    id: 'f1',
    kind: 'power-off',
    target: 'master1',
    params: {},
  };
  expect(effectOf(prepared)).toEqual({ hostsDown: ['master1'] });
  expect(effectOf({ ...prepared, kind: 'something' })).toBeUndefined();
  const effect = { hostsFrozen: ['master2'] };
  expect(effectOf({ ...prepared, effect })).toBe(effect);
});
