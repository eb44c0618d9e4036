// The on-host guard (fixtures/guard): on which masters it stops keepalived under a fault, and how soon. The seed's
// operating rules: kubelet dead, stop that host's keepalived; host cut off, the same; machine down, nothing.
import { hostsWithRole, type Topology } from '../core/topology.ts';
import type { Damage } from './damage.ts';

/** Its rounds: an interval of one second, bad ones in a row until it stops keepalived, good ones until it starts it. */
export const GUARD_ROUNDS = { intervalS: 1, fall: 3, rise: 2 } as const;

/** For the processes that it starts in each round, and for systemd, on a busy machine. */
const GUARD_ALLOWANCE_MS = 1_000;
/** In the first bad round it asks whoever answered last and then everybody: a second each. */
const LONGEST_ROUND_S = 2;
const { intervalS, fall, rise } = GUARD_ROUNDS;

/** From the deed until keepalived is stopped: the fault strikes just after a look. */
export const GUARD_NOTICE_MS =
  1000 * (intervalS + LONGEST_ROUND_S + intervalS * (fall - 1)) + GUARD_ALLOWANCE_MS;

/** From the undoing until keepalived is started. */
export const GUARD_RETURN_MS = 1000 * (LONGEST_ROUND_S + intervalS * rise) + GUARD_ALLOWANCE_MS;

/** Why the guard of a master stops its keepalived, as a clause; undefined where it does not, or there is none. */
export function guardStops(topology: Topology, damage: Damage, master: string): string | undefined {
  if (topology.guard !== 'on' || !damage.runs(master)) return undefined;
  const kubelet = damage.lostProcess(master, 'kubelet');
  // systemd calls a process that is paused active.
  if (kubelet !== undefined && kubelet.how !== 'paused') return `kubelet of ${master} is dead`;
  const answers = (other: string): boolean =>
    damage.linked(master, other) && (damage.runs(other) || damage.isFrozen(other));
  const others = topology.hosts.filter(({ name }) => name !== master);
  if (others.length === 0 || others.some(({ name }) => answers(name))) return undefined;
  return `${master} reaches no other host`;
}

/** What is left once each guard has done what it does. */
export function guardedDamage(topology: Topology, damage: Damage): Damage {
  const stopped = hostsWithRole(topology, 'master')
    .map(({ name }) => name)
    .filter((name) => guardStops(topology, damage, name) !== undefined);
  if (stopped.length === 0) return damage;
  const lostProcess: Damage['lostProcess'] = (host, process) =>
    damage.lostProcess(host, process) ??
    (process === 'keepalived' && stopped.includes(host) ? { host, process, how: 'stopped' } : undefined);
  return {
    ...damage,
    lostProcess,
    runsProcess: (host, process) => damage.runs(host) && lostProcess(host, process) === undefined,
  };
}
