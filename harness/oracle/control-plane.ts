// What is left of the control plane in one state of damage: which apiservers serve, who holds the VIP, what a client of
// the VIP gets. Three answers: true, false, and undefined where it cannot be told.
import { asksOwnMemberOnly, hasVrrp } from '../core/facts.ts';
import type { VrrpInstance } from '../core/record.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import type { Damage } from './damage.ts';
import { scriptSucceeds, vipOutcomes, type VipOutcome } from './election.ts';
import { guardedDamage } from './guard.ts';
import { etcdQuorum, type Quorum } from './quorum.ts';

export type Answer = boolean | undefined;

export interface ControlPlane {
  readonly topology: Topology;
  readonly damage: Damage;
  readonly quorum: Quorum;
  readonly vip: readonly VipOutcome[];
  /** The same until the guards have done what they do; without guards, the same. */
  readonly vipBeforeGuards: readonly VipOutcome[];
  /** Whether a master's apiserver answers reads with quorum, and writes, to someone who reaches it. */
  serves(master: string): Answer;
}

export function controlPlaneOf(
  topology: Topology,
  instances: readonly VrrpInstance[],
  damage: Damage,
  holder: string | undefined,
): ControlPlane {
  const quorum = etcdQuorum(
    hostsWithRole(topology, 'etcd').map(({ name }) => name),
    damage,
  );
  const serves = (master: string): Answer => apiserverServes(master, topology, quorum, damage);
  const outcomes = (left: Damage): readonly VipOutcome[] =>
    vipOutcomes(instances, left, holder, ({ host }, script) =>
      scriptSucceeds(script, serves(host), damage.runsProcess(host, 'kube-apiserver')),
    );
  const vip = outcomes(guardedDamage(topology, damage));
  return { topology, damage, quorum, vip, vipBeforeGuards: outcomes(damage), serves };
}

/**
 * An apiserver needs one member that is part of the quorum. One that also reaches members which are not may be using one
 * of these: its client does not ask whether a member has a leader. Where etcd is stacked it has its host's member alone,
 * and is of no use without that, however many others there are.
 */
function apiserverServes(master: string, topology: Topology, quorum: Quorum, damage: Damage): Answer {
  if (!damage.runsProcess(master, 'kube-apiserver') || quorum.state === 'lost') return false;
  const isAsked = (member: string): boolean => !asksOwnMemberOnly(topology, master) || member === master;
  const reached = quorum.alive.filter((member) => isAsked(member) && damage.linked(master, member));
  const useful = reached.filter((member) => quorum.serving.includes(member));
  if (useful.length === 0) return false;
  const isImpaired = [master, ...reached].some((host) => damage.impairment(host) !== undefined);
  if (isImpaired || quorum.state === 'possible') return undefined;
  return useful.length === reached.length ? true : undefined;
}

/**
 * What a request from the observer through the VIP gets, given what each holder's apiserver answers.
 * @param vip who holds it; default: once all is settled
 */
export function throughVip(
  plane: ControlPlane,
  answers: (holder: string) => Answer,
  vip: readonly VipOutcome[] = plane.vip,
): Answer {
  if (!hasVrrp(plane.topology)) return throughAnyMaster(plane, answers);
  return agreed(
    vip.map(({ holders }) => {
      const reached = holders.filter((host) => plane.damage.linked(plane.topology.observer.name, host));
      // With two holders it is the last gratuitous ARP that decides, and connections break when it changes.
      const answer = agreed(reached.map(answers));
      return reached.length > 1 && answer === true ? undefined : answer;
    }),
    false,
  );
}

/** Something that is not known leads to some master: what all of them answer is what a client gets. */
function throughAnyMaster({ topology, damage }: ControlPlane, answers: (master: string) => Answer): Answer {
  return agreed(
    hostsWithRole(topology, 'master').map(({ name }) => {
      const answer = answers(name);
      return answer === true && !damage.linked(topology.observer.name, name) ? undefined : answer;
    }),
  );
}

/** What all say; undefined where they differ. */
export function agreed(answers: readonly Answer[], ofNone: Answer = false): Answer {
  const [first] = answers;
  if (answers.length === 0) return ofNone;
  return answers.every((answer) => answer === first) ? first : undefined;
}

/** True when one is, false when all are. */
export function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.every((answer) => answer === false) ? false : undefined;
}
