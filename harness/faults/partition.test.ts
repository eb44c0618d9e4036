import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import { UsageError } from '../core/errors.ts';
import type { FaultParams } from '../core/fault.ts';
import { hostsWithRole } from '../core/topology.ts';
import { completeParams } from './parameters.ts';
import { partition } from './partition.ts';

const ALL = TOPOLOGY.hosts.map(({ name }) => name);
const MASTERS = hostsWithRole(TOPOLOGY, 'master').map(({ name }) => name);

/** Who hears whom, by the number of the host: "01" for 1 hears 0. */
function heard(targets: readonly string[], params: FaultParams): string[] {
  const { cuts = [] } = partition.effect({
    topology: TOPOLOGY,
    targets,
    params: completeParams(partition, params),
  });
  return targets.flatMap((from, one) =>
    targets.flatMap((to, other) =>
      from === to || cuts.some((cut) => cut.from === from && cut.to === to) ? [] : [`${one}${other}`],
    ),
  );
}

describe('a partition', () => {
  test.each([
    ['halves of three', MASTERS, { shape: 'halves' }, ['12', '21']],
    ['halves of five', ALL, { shape: 'halves' }, ['01', '10', '23', '24', '32', '34', '42', '43']],
    ['the minority of three', MASTERS, { shape: 'minority' }, ['12', '21']],
    ['a bridge of three', MASTERS, { shape: 'bridge' }, ['01', '10', '12', '21']],
    ['a ring of three', MASTERS, { shape: 'ring' }, ['01', '12', '20']],
    ['sides', MASTERS, { sides: 'master2|masters' }, ['02', '20']],
    [
      'sides, what the first sends',
      MASTERS,
      { sides: 'master1|masters', direction: 'out' },
      ['10', '12', '20', '21'],
    ],
    [
      'sides, what the first is sent',
      MASTERS,
      { sides: 'master1|masters', direction: 'in' },
      ['01', '02', '12', '21'],
    ],
  ] as const)('into %s', (_, targets, params, expected) => {
    expect(heard(targets, params)).toEqual(expected);
  });

  test('into a ring lets everybody hear a majority, and no two the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 9 }), (number) => {
        const hosts = Array.from({ length: number }, (_, index) => ({
          name: `host${index}`,
          address: `10.10.102.${index}`,
          roles: ['etcd'] as const,
        }));
        const targets = hosts.map(({ name }) => name);
        const plan = {
          topology: { ...TOPOLOGY, hosts },
          targets,
          params: completeParams(partition, { shape: 'ring' }),
        };
        const { cuts = [] } = partition.effect(plan);
        const groups = targets.map((to) =>
          targets.filter((from) => !cuts.some((cut) => cut.from === from && cut.to === to)).join(' '),
        );
        expect(groups.every((group) => group.split(' ').length === Math.floor(number / 2) + 1)).toBe(true);
        expect(new Set(groups).size).toBe(number);
      }),
    );
  });

  test.each([
    [MASTERS, { sides: 'master1' }, 'two sides or more'],
    [MASTERS, { sides: 'master1|master1' }, 'two sides or more'],
    [MASTERS, { sides: 'master1|node1' }, 'no target'],
    [MASTERS, { sides: 'master1,observer|masters' }, 'the observer'],
    [MASTERS, { sides: 'master1|mastr2' }, 'there is no host "mastr2"'],
    [MASTERS.slice(0, 1), {}, '2 hosts or more'],
    [MASTERS.slice(0, 2), { shape: 'bridge' }, '3 hosts or more'],
    [MASTERS, { shape: 'ring', direction: 'in' }, 'no direction'],
    [MASTERS, { sides: 'master1|master2|master3', direction: 'in' }, 'two sides'],
  ])('of %j that makes no sense (%j) is refused: %s', (targets, params, message) => {
    expect(() => heard(targets, params)).toThrow(UsageError);
    expect(() => heard(targets, params)).toThrow(message);
  });
});
