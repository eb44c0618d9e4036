// Who holds the VIP once a fault stands: keepalived's election among the masters that hear each other.
// RFC 3768 section 6.4; keepalived's vrrp.c (vrrp_state_backup_rx, vrrp_state_master_rx).
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import type { Damage } from './damage.ts';
import { compareAddresses, effectivePriority } from './vrrp.ts';

/** Whether a check script succeeds on a host; undefined where that cannot be told from its command. */
export type ScriptOutcome = (instance: VrrpInstance, script: TrackScript) => boolean | undefined;

/** A participant with the priority that it advertises at this moment. */
export interface Candidate {
  readonly instance: VrrpInstance;
  readonly priority: number;
}

/**
 * The priority while some scripts fail: a negative weight is added when its script fails, a positive one when it
 * succeeds, within 1 to 254; undefined when a script without weight fails, which takes the instance out (FAULT state).
 */
export function priorityWhile(
  instance: VrrpInstance,
  succeeds: (script: TrackScript) => boolean,
): number | undefined {
  const failing = instance.trackScripts.filter((script) => !succeeds(script));
  if (failing.some(({ weight }) => weight === 0)) return undefined;
  if (failing.length === 0 || instance.priority === PRIORITY_OF_OWNER) return effectivePriority(instance);
  const change = instance.trackScripts.reduce(
    (sum, script) =>
      sum + (failing.includes(script) ? Math.min(0, script.weight) : Math.max(0, script.weight)),
    0,
  );
  return Math.max(1, Math.min(PRIORITY_OF_OWNER - 1, instance.priority + change));
}

const PRIORITY_OF_OWNER = 255;

/**
 * Who ends up as master when every candidate does as keepalived does, beginning with one that is master already.
 *
 * A backup takes over when it hears no master, or, unless it has nopreempt, only masters of lower priority. A master
 * steps down when it hears a master of higher priority, or of the same and with a higher address. The better its
 * priority the sooner a backup's timer fires, so that changes are made one at a time, the best candidate first.
 *
 * @param hears whether adverts from one host reach another
 */
export function electHolders(
  candidates: readonly Candidate[],
  hears: (to: string, from: string) => boolean,
  holder: string | undefined,
): readonly string[] {
  const ranked = candidates.toSorted(byRank);
  const masters = new Set(ranked.filter(({ instance }) => instance.host === holder));
  const heardBy = (one: Candidate): Candidate[] =>
    [...masters].filter((other) => other !== one && hears(one.instance.host, other.instance.host));
  const stepsDown = (one: Candidate): boolean => heardBy(one).some((other) => byRank(other, one) < 0);
  const takesOver = (one: Candidate): boolean => {
    const heard = heardBy(one);
    return (
      heard.length === 0 || (one.instance.preempt && heard.every(({ priority }) => priority < one.priority))
    );
  };
  // Every change is towards a better master, so it ends; the bound only guards against what is not understood.
  for (let change = 0; change <= 4 * ranked.length * ranked.length; change += 1) {
    const lower = ranked.find((one) => masters.has(one) && stepsDown(one));
    const higher = lower ? undefined : ranked.find((one) => !masters.has(one) && takesOver(one));
    if (lower) masters.delete(lower);
    else if (higher) masters.add(higher);
    else break;
  }
  return ranked.filter((one) => masters.has(one)).map(({ instance }) => instance.host);
}

function byRank(one: Candidate, other: Candidate): number {
  return other.priority - one.priority || compareAddresses(other.instance.address, one.instance.address);
}

export interface VipOutcome {
  /** Hosts that have the address, as masters or because nobody took it from them. */
  readonly holders: readonly string[];
  /** Of these, those on which keepalived leads; the others were left with the address. */
  readonly masters: readonly string[];
}

/**
 * Every outcome that a state of the cluster allows: more than one where it cannot be told whether a script fails.
 * @param holder who held the VIP when the fault struck
 */
export function vipOutcomes(
  instances: readonly VrrpInstance[],
  damage: Damage,
  holder: string | undefined,
  outcomeOf: ScriptOutcome,
): readonly VipOutcome[] {
  const running = instances.filter(({ host }) => damage.runsProcess(host, 'keepalived'));
  const leftWithIt = holder !== undefined && keepsAddress(holder, damage) ? [holder] : [];
  return candidateLists(running, outcomeOf).map((candidates) => {
    const masters = electHolders(candidates, (to, from) => damage.hears(to, from, 'vrrp'), holder);
    return { masters, holders: [...new Set([...masters, ...leftWithIt])] };
  });
}

/** A keepalived that was killed or paused removes nothing, and a frozen kernel goes on answering for its addresses. */
function keepsAddress(host: string, damage: Damage): boolean {
  if (damage.isFrozen(host)) return true;
  const lost = damage.lostProcess(host, 'keepalived');
  return damage.runs(host) && lost !== undefined && lost.how !== 'stopped';
}

/** The participants with their priorities, once for every combination of what the scripts may say. */
function candidateLists(instances: readonly VrrpInstance[], outcomeOf: ScriptOutcome): Candidate[][] {
  return instances.reduce<Candidate[][]>(
    (lists, instance) => {
      const options = prioritiesOf(instance, outcomeOf);
      return lists.flatMap((list) =>
        options.map((priority) => (priority === undefined ? list : [...list, { instance, priority }])),
      );
    },
    [[]],
  );
}

function prioritiesOf(instance: VrrpInstance, outcomeOf: ScriptOutcome): (number | undefined)[] {
  const said = new Map(instance.trackScripts.map((script) => [script, outcomeOf(instance, script)]));
  const when = (unknown: boolean): number | undefined =>
    priorityWhile(instance, (script) => said.get(script) ?? unknown);
  return [...new Set([when(true), when(false)])];
}

/**
 * Whether a check that asks the local apiserver over HTTP succeeds.
 * @param serving whether the apiserver answers with success; undefined when that is not certain
 * @param running whether it answers at all
 * @returns undefined for a command that is not understood
 */
export function scriptSucceeds(
  { command, content }: Pick<TrackScript, 'command' | 'content'>,
  serving: boolean | undefined,
  running: boolean,
): boolean | undefined {
  const commands = content === undefined ? [command] : commandsIn(content);
  const local = commands.filter((one) => /\bcurl\b/.test(one) && /127\.0\.0\.1|localhost/.test(one));
  if (local.length === 0) return undefined;
  if (!running) return false;
  return local.some(failsOnStatus) ? serving : true;
}

/** Each by itself: an option that stands on the same line is not of another one. */
function commandsIn(script: string): readonly string[] {
  return script
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) => line.split(/\|\||&&|[|;]/));
}

/** curl's -f, alone or among other letters: without it an HTTP 500 counts as success. */
export function failsOnStatus(command: string): boolean {
  return /(^|\s)(--fail(-with-body|-early)?|-[A-Za-z]*f[A-Za-z]*)(\s|$)/.test(command);
}
