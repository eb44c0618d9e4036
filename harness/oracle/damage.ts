// What faults in force leave of a cluster: which hosts and processes run, and who reaches whom.
import type { FaultEffect, ProcessName } from '../core/record.ts';

type ProcessDown = NonNullable<FaultEffect['processesDown']>[number];

/** What is left to work with, at one moment. */
export interface Damage {
  /** It has power and is not frozen: what is on it runs. */
  runs(host: string): boolean;
  isFrozen(host: string): boolean;
  /** The host runs, and nothing took the process from it. */
  runsProcess(host: string, process: ProcessName): boolean;
  /** How a process was taken, if one was. */
  lostProcess(host: string, process: ProcessName): ProcessDown | undefined;
  /** Packets arrive; whether anything there runs is another question. A host always hears itself. */
  hears(to: string, from: string, traffic: 'all' | 'vrrp'): boolean;
  /** Both ways: a request arrives, and so does its answer. */
  linked(one: string, other: string): boolean;
  /** Why nothing on the host can be relied upon, if so. */
  impairment(host: string): string | undefined;
}

/**
 * The damage of all effects together.
 * @param unheard hosts whose adverts do not arrive, and that hear none, for whatever reason
 */
export function damageOf(effects: readonly FaultEffect[], unheard: readonly string[] = []): Damage {
  const down = new Set(effects.flatMap(({ hostsDown = [] }) => hostsDown));
  const frozen = new Set(effects.flatMap(({ hostsFrozen = [] }) => hostsFrozen));
  const processes = effects.flatMap(({ processesDown = [] }) => processesDown);
  const cuts = effects.flatMap((effect) => effect.cuts ?? []);
  const impaired = new Map(
    effects.flatMap((effect) => (effect.impaired ?? []).map(({ host, by }) => [host, by] as const)),
  );
  const runs = (host: string): boolean => !down.has(host) && !frozen.has(host);
  const lostProcess: Damage['lostProcess'] = (host, process) =>
    processes.find((lost) => lost.host === host && lost.process === process);
  const isCut: Damage['hears'] = (to, from, traffic) =>
    cuts.some(
      (cut) => cut.from === from && cut.to === to && (cut.traffic === 'all' || cut.traffic === traffic),
    );
  const hears: Damage['hears'] = (to, from, traffic) =>
    to === from ||
    (!isCut(to, from, traffic) && !(traffic === 'vrrp' && (unheard.includes(to) || unheard.includes(from))));
  return {
    runs,
    isFrozen: (host) => frozen.has(host) && !down.has(host),
    runsProcess: (host, process) => runs(host) && lostProcess(host, process) === undefined,
    lostProcess,
    hears,
    linked: (one, other) => hears(one, other, 'all') && hears(other, one, 'all'),
    impairment: (host) => impaired.get(host),
  };
}

/** More than this of what may or may not be back are taken to be all back, or all away. */
const MOST_UNDECIDED = 6;

/**
 * Every state in which these effects may leave the cluster: each process that its supervisor starts again, and each host
 * that boots again, is away in some and back in others; a host on which nothing can be relied upon is heard by the other
 * masters in some and not in others.
 */
export function possibleDamages(effects: readonly FaultEffect[]): Damage[] {
  const undecided = effects.flatMap((effect) => [
    ...(effect.processesDown ?? []).filter(({ comesBack }) => comesBack),
    ...(effect.hostsComeBack ?? []),
    ...(effect.impaired ?? []),
  ]);
  const impaired = effects.flatMap((effect) => effect.impaired ?? []);
  const all = undecided.length > MOST_UNDECIDED ? [[], undecided] : subsetsOf(undecided);
  return all.map((back) =>
    damageOf(
      effects.map(({ processesDown = [], hostsDown = [], hostsComeBack = [], ...effect }) => ({
        ...effect,
        processesDown: processesDown.filter((process) => !back.includes(process)),
        hostsDown: hostsDown.filter((host) => !(hostsComeBack.includes(host) && back.includes(host))),
      })),
      impaired.filter((one) => !back.includes(one)).map(({ host }) => host),
    ),
  );
}

/** Every subset, the empty one first. */
export function subsetsOf<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>(
    (subsets, item) => [...subsets, ...subsets.map((subset) => [...subset, item])],
    [[]],
  );
}
