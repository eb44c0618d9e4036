// What must not be injected, decided from the plan alone: before anything is touched, and before every fault again.
import type { FaultPlan, HostDeed } from '../core/fault.ts';
import type { FaultEffect } from '../core/record.ts';
import { hostsWithRole } from '../core/topology.ts';
import { damageOf } from '../oracle/damage.ts';
import { etcdQuorum, quorumInWords } from '../oracle/quorum.ts';
import { hostLimit, isSomebodys, type Owned, type SafetyPolicy } from './policy.ts';

/** A fault that is to be injected, or is in force. */
export interface Intended extends Pick<FaultPlan, 'targets'> {
  readonly kind: string;
  readonly effect: FaultEffect;
  /** What its hosts do to themselves and undo by a timer of theirs; undefined: it is done, and undone, from outside. */
  readonly deeds: readonly HostDeed[] | undefined;
}

export interface Circumstances {
  readonly owned: Owned;
  readonly policy: SafetyPolicy;
  /** Faults that are in force already. */
  readonly standing: readonly Intended[];
  /** Whoever asks for the fault knows that it may cost etcd's quorum: the scenario says so, or a person does it by hand. */
  readonly losesQuorum: boolean;
}

export interface Refusal {
  /** As a sentence without its end. */
  readonly reason: string;
  /** What allows it, if anything does. */
  readonly flag?: string;
}

export function refusalInWords({ reason, flag }: Refusal): string {
  return flag === undefined ? reason : `${reason}; ${flag} allows it`;
}

type Rule = (intended: Intended, circumstances: Circumstances) => Refusal | undefined;

const RULES: readonly Rule[] = [strikesProtected, strikesTooMany, hasNoWayBack, losesQuorum];

/** Every reason why it must not be injected; none: it may. Pure. */
export function refusalsOf(intended: Intended, circumstances: Circumstances): readonly Refusal[] {
  return RULES.flatMap((rule) => rule(intended, circumstances) ?? []);
}

/** Hosts that a fault does something to, wherever it is done from. A host that only loses a link to one of them is none. */
export function struckHosts({ targets, effect, deeds = [] }: Intended): readonly string[] {
  const { hostsDown = [], hostsFrozen = [], processesDown = [], impaired = [] } = effect;
  const named = [...processesDown, ...impaired, ...deeds].map(({ host }) => host);
  return [...new Set([...targets, ...hostsDown, ...hostsFrozen, ...named])];
}

/** On every cluster, also on our own. */
function strikesProtected(intended: Intended, { owned: { topology } }: Circumstances): Refusal | undefined {
  const struck = struckHosts(intended).filter((host) => topology.protect?.includes(host));
  if (struck.length === 0) return undefined;
  return { reason: `${struck.join(' and ')} is protected (protect: in the topology ${topology.name})` };
}

function strikesTooMany(intended: Intended, { owned, policy, standing }: Circumstances): Refusal | undefined {
  const struck = [...new Set([...standing, intended].flatMap(struckHosts))];
  const limit = hostLimit(owned, policy);
  if (struck.length <= limit) return undefined;
  const others = standing.length === 0 ? '' : ', those that are struck already among them';
  return {
    reason: `it strikes ${struck.length} hosts at once (${struck.join(', ')})${others}; allowed is ${limit}`,
    flag: `--allow-hosts ${struck.length}`,
  };
}

/** What the harness alone could undo stays broken when the harness is gone, or cut off. */
function hasNoWayBack({ effect, deeds }: Intended, { owned }: Circumstances): Refusal | undefined {
  if (!isSomebodys(owned) || deeds !== undefined) return undefined;
  const { hostsDown = [], hostsComeBack = [], hostsFrozen = [] } = effect;
  const dark = [...hostsDown.filter((host) => !hostsComeBack.includes(host)), ...hostsFrozen];
  const { hosts } = owned.topology;
  const stranded = dark.filter((host) => hosts.find(({ name }) => name === host)?.power === undefined);
  if (stranded.length > 0) {
    const reason = `nothing could switch ${stranded.join(' and ')} on again: the topology says no power: {off, on} for it`;
    return { reason };
  }
  if (dark.length > 0 || hostsComeBack.length > 0) return undefined;
  return { reason: 'no timer on the host would undo it if holdfast were cut off' };
}

/** Counts a process that its supervisor starts again as lost, and a host that cannot be relied upon too. */
function losesQuorum(
  { effect }: Intended,
  { owned, policy, standing, losesQuorum: isMeant }: Circumstances,
): Refusal | undefined {
  if (!isSomebodys(owned) || (isMeant && policy.allowQuorumLoss)) return undefined;
  const quorum = etcdQuorum(
    hostsWithRole(owned.topology, 'etcd').map(({ name }) => name),
    damageOf([...standing.map((one) => one.effect), effect].map(atWorst)),
  );
  if (quorum.members.length === 0 || quorum.state === 'kept') return undefined;
  const reason = `etcd would lose its quorum: ${quorumInWords(quorum)}`;
  if (isMeant) return { reason, flag: '--allow-quorum-loss' };
  return { reason: `${reason}; the scenario does not say that it does that (losesQuorum)` };
}

function atWorst(effect: FaultEffect): FaultEffect {
  const unreliable = (effect.impaired ?? []).map(({ host }) => ({ host, process: 'etcd' as const }));
  return { ...effect, processesDown: [...(effect.processesDown ?? []), ...unreliable] };
}
