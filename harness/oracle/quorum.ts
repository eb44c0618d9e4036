// etcd's quorum arithmetic: how many members must agree, and whether those that are left still can.
// https://etcd.io/docs/v3.4/faq/ ("Why an odd number of cluster members?"); raft, section 5.2 and 5.3.
import type { Damage } from './damage.ts';

/** A majority of all members, those that are down included. */
export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** How many members may be lost while the rest is still a quorum. */
export function toleratedFailures(members: number): number {
  return Math.max(0, members - quorumOf(members));
}

/**
 * kept: a leader is certain. possible: some member could lead, but links that work one way only, or for some pairs only,
 * may keep one from being elected for as long as they stand. lost: no member can gather a quorum.
 */
export type QuorumState = 'kept' | 'possible' | 'lost';

export interface Quorum {
  readonly members: readonly string[];
  readonly needed: number;
  /** Members whose etcd runs. */
  readonly alive: readonly string[];
  readonly state: QuorumState;
  /** Members that can reach, both ways, a member that can lead: those that can serve. */
  readonly serving: readonly string[];
}

/**
 * A leader must exchange messages both ways with a quorum, itself included: a member that it only hears does not learn
 * of its entries, and one that only hears it cannot acknowledge them. CheckQuorum, always on in etcd, makes a leader that
 * hears from no quorum for an election timeout step down.
 */
export function etcdQuorum(members: readonly string[], damage: Damage): Quorum {
  const needed = quorumOf(members.length);
  const alive = members.filter((member) => damage.runsProcess(member, 'etcd'));
  const peersOf = (member: string): string[] => alive.filter((other) => damage.linked(member, other));
  const leaders = alive.filter((member) => peersOf(member).length >= needed);
  const serving = alive.filter((member) => leaders.some((leader) => damage.linked(member, leader)));
  return { members, needed, alive, state: stateOf(), serving };

  function stateOf(): QuorumState {
    if (leaders.length === 0) return 'lost';
    return isPartition(alive, damage) ? 'kept' : 'possible';
  }
}

/** Whether the members fall into groups within which everyone reaches everyone, and between which nothing passes. */
function isPartition(members: readonly string[], damage: Damage): boolean {
  const groupOf = (member: string): string =>
    members.filter((other) => damage.linked(member, other)).join(' ');
  return members.every((one) =>
    members.every((other) =>
      damage.linked(one, other)
        ? groupOf(one) === groupOf(other)
        : !damage.hears(one, other, 'all') && !damage.hears(other, one, 'all'),
    ),
  );
}

/** "2 etcd members need 2 for quorum; 10-10-103-96.node is down, 1 is left". */
export function quorumInWords({ members, needed, alive, state, serving }: Quorum): string {
  const rule = `${members.length} etcd member${members.length === 1 ? ' needs' : 's need'} ${needed} for quorum`;
  const lost = members.filter((member) => !alive.includes(member));
  const down = lost.length > 0 ? `${lost.join(' and ')} ${areOrIs(lost.length)} down, ` : '';
  const left = down === '' ? 'all run' : `${down}${alive.length} ${areOrIs(alive.length)} left`;
  if (alive.length < needed) return `${rule}; ${left}`;
  if (state === 'lost') return `${rule}; ${left}, and none reaches that many`;
  if (state === 'possible') {
    return `${rule}; ${left}, but some links work one way or for some pairs only: a leader may or may not be found`;
  }
  return serving.length < alive.length
    ? `${rule}; ${left}, of which ${serving.join(' and ')} reach each other`
    : `${rule}; ${left}`;
}

function areOrIs(number: number): string {
  return number === 1 ? 'is' : 'are';
}
