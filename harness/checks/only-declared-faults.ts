// Did anything else happen? Hosts and processes whose life ended while the scenario ran, and that no fault explains.
import type { Check } from '../core/check.ts';
import type { ScenarioRecord, VitalsTaken } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { count, sentences } from '../core/text.ts';
import { explainedBy } from './explained-lives.ts';

const limit = 'no host or process began anew but what the faults explain';
/** How many processes were killed for want of memory: a number that may not rise, not a life that may not end. */
const OOM_KILLS = 'OOM kills';
const BOOT = 'boot';

/**
 * They end when etcd takes their lease from them, and kubelet starts them again after a pause that doubles each time, up to
 * five minutes: one that comes back only now ended before the scenario. Had it ended in it, its life before would tell.
 */
const BACKED_OFF: ReadonlySet<string> = new Set(['kube-controller-manager', 'kube-scheduler']);

type Lives = VitalsTaken['lives'][string];

interface Change {
  readonly host: string;
  /** A unit, a process, the host's boot or its OOM kills, as the vitals call it. */
  readonly what: string;
  readonly inWords: string;
}

export const onlyDeclaredFaults: Check = {
  name: 'only-declared-faults',
  question: 'Did every host and process live on, but for those that the faults took and what that entails?',
  judge(record) {
    const taken = eventsOfType(record.events, 'vitals');
    const before = taken.find(({ when }) => when === 'before')?.lives;
    const after = taken.findLast(({ when }) => when === 'after')?.lives;
    if (!before || !after) {
      const explanation = `Nobody asked ${before ? 'after' : 'before'} the scenario since when the hosts and their processes had been up: whether anything else happened is not known.`;
      return { verdict: 'inconclusive', limit, explanation };
    }
    const changes = hostNames(record).flatMap((host) => changesOn(host, before[host], after[host]));
    const isExplained = explainedBy(record);
    const unexplained = changes.filter(({ host, what }) => !isExplained(host, what));
    const measured = { value: unexplained.length, unit: 'unexplained' };
    if (unexplained.length > 0) {
      const explanation = `Something else happened. ${sentences(unexplained.map(({ inWords }) => inWords))}`;
      return { verdict: 'invalid', measured, limit, explanation };
    }
    const unknown = hostNames(record).filter((host) => !isWhole(before[host]) || !isWhole(after[host]));
    if (unknown.length > 0) {
      const explanation = `Of ${unknown.join(' and ')} it is not known since when it had been up before and after.`;
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    const lives = Object.values(before).reduce((sum, of) => sum + Object.keys(of).length, 0);
    const entailed = changes.length === 0 ? 'none' : `${changes.length}, as the faults explain,`;
    const explanation = `Of ${lives} lives on ${count(hostNames(record).length, 'host')} ${entailed} ended.`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

function hostNames({ run }: ScenarioRecord): string[] {
  return run.topology.hosts.map(({ name }) => name);
}

function isWhole(lives: Lives | undefined): boolean {
  return lives?.[BOOT] !== undefined;
}

/** A host that booted is one change: that all on it began anew goes without saying. */
function changesOn(host: string, before: Lives | undefined, after: Lives | undefined): Change[] {
  if (!before || !after) return [];
  const hasBooted = before[BOOT] !== after[BOOT] && isWhole(before) && isWhole(after);
  const killed = Number(after[OOM_KILLS] ?? 0) - (hasBooted ? 0 : Number(before[OOM_KILLS] ?? 0));
  const oomKills: Change[] =
    killed > 0
      ? [{ host, what: OOM_KILLS, inWords: `${host} killed ${killed} for want of memory (OOM)` }]
      : [];
  if (hasBooted) return [{ host, what: BOOT, inWords: `${host} booted anew` }, ...oomKills];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter(
    (what) =>
      what !== OOM_KILLS &&
      what !== BOOT &&
      before[what] !== after[what] &&
      !(before[what] === undefined && BACKED_OFF.has(what)),
  );
  return [
    ...changed.map((what) => ({ host, what, inWords: inWords(host, what, before[what], after[what]) })),
    ...oomKills,
  ];
}

function inWords(host: string, what: string, was: string | undefined, is: string | undefined): string {
  if (was === undefined) return `${what} appeared on ${host}`;
  if (is === undefined) return `${what} of ${host} is gone`;
  const isAlive = (life: string): boolean => life.includes('since');
  if (isAlive(was) && isAlive(is)) return `${what} of ${host} restarted`;
  return `${what} of ${host} was ${was.split(' ')[0]} and is ${is.split(' ')[0]}`;
}
