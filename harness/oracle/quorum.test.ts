import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../core/record.ts';
import { damageOf, possibleDamages, subsetsOf } from './damage.ts';
import { etcdQuorum, quorumInWords, quorumOf, toleratedFailures } from './quorum.ts';

const MEMBERS = ['a', 'b', 'c'];

describe('the arithmetic', () => {
  test.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
  ])('of %i members needs %i and tolerates the loss of %i', (members, needed, tolerated) => {
    expect(quorumOf(members)).toBe(needed);
    expect(toleratedFailures(members)).toBe(tolerated);
  });

  test('never lets two disjoint quorums exist, and one member fewer than a quorum is none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (members) => {
        expect(2 * quorumOf(members)).toBeGreaterThan(members);
        expect(toleratedFailures(members) + quorumOf(members)).toBe(members);
      }),
    );
  });
});

describe.each([1, 2, 3])(
  'with %i members, every subset of lost members and of lost one-way links',
  (size) => {
    const members = MEMBERS.slice(0, size);
    const links = members.flatMap((from) =>
      members.filter((to) => to !== from).map((to) => ({ from, to, traffic: 'all' as const })),
    );

    test('leaves a quorum exactly where an election among those that are left can be won', () => {
      for (const hostsDown of subsetsOf(members)) {
        for (const cuts of subsetsOf(links)) {
          const quorum = etcdQuorum(members, damageOf([{ hostsDown, cuts }]));
          const winners = winnersOf(members, hostsDown, cuts);
          expect(quorum.state === 'lost', JSON.stringify({ hostsDown, cuts })).toBe(winners.length === 0);
          expect(winners.every((winner) => quorum.serving.includes(winner))).toBe(true);
          if (quorum.state === 'kept') expect(quorum.serving.length).toBeGreaterThanOrEqual(quorum.needed);
        }
      }
    });

    test('is told in words that hold the numbers', () => {
      for (const hostsDown of subsetsOf(members)) {
        const words = quorumInWords(etcdQuorum(members, damageOf([{ hostsDown }])));
        expect(words).toContain(`${size} etcd member`);
        if (hostsDown.length > 0) expect(words).toContain(`${size - hostsDown.length} `);
      }
    });
  },
);

/** Raft, played: who asks all for their vote and hears from a quorum, itself included. */
function winnersOf(
  members: readonly string[],
  down: readonly string[],
  cuts: NonNullable<FaultEffect['cuts']>,
): string[] {
  const arrives = (from: string, to: string): boolean =>
    !down.includes(to) && (from === to || !cuts.some((cut) => cut.from === from && cut.to === to));
  return members.filter((candidate) => {
    if (down.includes(candidate)) return false;
    let votes = 0;
    for (const voter of members) if (arrives(candidate, voter) && arrives(voter, candidate)) votes += 1;
    return votes > members.length / 2;
  });
}

test('a bridge between two that do not reach each other leaves a leader possible, not certain', () => {
  const cuts = [
    { from: 'a', to: 'c', traffic: 'all' as const },
    { from: 'c', to: 'a', traffic: 'all' as const },
  ];
  expect(etcdQuorum(MEMBERS, damageOf([{ cuts }])).state).toBe('possible');
  const isolated = [
    ...cuts,
    { from: 'b', to: 'c', traffic: 'all' as const },
    { from: 'c', to: 'b', traffic: 'all' as const },
  ];
  expect(etcdQuorum(MEMBERS, damageOf([{ cuts: isolated }]))).toMatchObject({
    state: 'kept',
    serving: ['a', 'b'],
  });
});

test('two members of which one is down are told as they are', () => {
  const quorum = etcdQuorum(['a', 'b'], damageOf([{ hostsDown: ['a'] }]));
  expect(quorumInWords(quorum)).toBe('2 etcd members need 2 for quorum; a is down, 1 is left');
});

describe('damage', () => {
  test('of lost adverts leaves all else that passes between two hosts', () => {
    const damage = damageOf([{ cuts: [{ from: 'a', to: 'b', traffic: 'vrrp' }] }]);
    expect([damage.hears('b', 'a', 'vrrp'), damage.hears('b', 'a', 'all'), damage.linked('a', 'b')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('of a process that is started again is told both ways', () => {
    const lost = { host: 'a', process: 'etcd' as const, comesBack: true as const };
    const damages = possibleDamages([{ processesDown: [lost, { host: 'b', process: 'etcd' }] }]);
    expect(damages.map((one) => one.runsProcess('a', 'etcd'))).toEqual([false, true]);
    expect(damages.map((one) => one.runsProcess('b', 'etcd'))).toEqual([false, false]);
  });

  test('of a host that comes back is told both ways, and of one that another fault keeps down is not', () => {
    const reboots = { hostsDown: ['a', 'b'], hostsComeBack: ['a'] };
    expect(possibleDamages([reboots]).map((one) => [one.runs('a'), one.runs('b')])).toEqual([
      [false, false],
      [true, false],
    ]);
    const kept = possibleDamages([reboots, { hostsDown: ['a'] }]);
    expect(kept.map((one) => one.runs('a'))).toEqual([false, false]);
  });
});
