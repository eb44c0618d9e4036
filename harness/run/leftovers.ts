// What dead runs left on a lab, undone: hosts without power or frozen, faults on record that nobody healed, and undos
// that hosts still have by them. Idempotent; on a whole lab it finds nothing.
import { existsSync } from 'node:fs';
import { runClock } from '../core/clock.ts';
import { asError, explainError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { openJournal, readRun } from '../core/journal.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { Lab } from '../core/provider.ts';
import type { FaultPrepared } from '../core/record.ts';
import { standingOn, undoAllOn } from '../faults/on-host.ts';
import { healWhatIsLeft, unhealedFaults } from './heal.ts';
import { forgetRun, notedRuns, type NotedRun } from './noted-runs.ts';

export interface HealOptions {
  readonly lab: Lab;
  readonly progress: ProgressListener;
  /** A living run uses the lab: what it may break after this must still be found. */
  readonly keepNotes?: boolean;
}

export interface LabHealing {
  /** All of the lab's, the observer too; those on which there was nothing to do have done nothing. */
  readonly hosts: readonly HostHealing[];
  /** Faults that were on record as not healed, and are healed now. */
  readonly faults: readonly HealedFault[];
  /** What could not be healed, in words. */
  readonly problems: readonly string[];
}

export interface HostHealing {
  readonly host: string;
  /** In words: "switched on", "thawed", "undid kill-process-1a2b3c4d". */
  readonly done: readonly string[];
}

export interface HealedFault extends Pick<FaultPrepared, 'id' | 'kind' | 'target'> {
  readonly run: string;
}

interface Account {
  readonly host: Host;
  readonly done: string[];
  readonly problems: string[];
}

/** Never throws for what could not be healed: that is in the answer. */
export async function healLeftovers({ lab, progress, keepNotes = false }: HealOptions): Promise<LabHealing> {
  const accounts = [...lab.hosts, lab.observer].map((host): Account => ({ host, done: [], problems: [] }));
  await forEach(accounts, (account) => bringBack(lab, account, progress));
  const standing = new Map<Account, readonly string[]>();
  await forEach(accounts, async (account) => void standing.set(account, await standingOn(account.host)));
  const recorded = await healRecorded(lab, keepNotes);
  await forEach(accounts, (account) => undoRest(account, standing.get(account) ?? []));
  return {
    hosts: accounts.map(({ host, done }) => ({ host: host.name, done })),
    faults: recorded.faults,
    problems: [...recorded.problems, ...accounts.flatMap(({ problems }) => problems)],
  };
}

/** All at once. A host with a problem is left alone from then on, and does not keep the others from being healed. */
async function forEach(
  accounts: readonly Account[],
  work: (account: Account) => Promise<void>,
): Promise<void> {
  await Promise.all(
    accounts.map(async (account) => {
      if (account.problems.length > 0) return;
      await work(account).catch((thrown: unknown) => {
        account.problems.push(`${account.host.name}: ${explainError(thrown)}`);
      });
    }),
  );
}

async function bringBack(lab: Lab, { host, done }: Account, progress: ProgressListener): Promise<void> {
  const power = lab.power(host.name);
  const state = await power.state();
  if (state === 'on') return;
  const [task, deed] =
    state === 'frozen' ? [`thawing ${host.name}`, 'thawed'] : [`switching on ${host.name}`, 'switched on'];
  const startedAt = performance.now();
  progress.started(task);
  try {
    await power.on();
  } catch (thrown) {
    progress.failed(task, performance.now() - startedAt, asError(thrown));
    throw thrown;
  }
  progress.finished(task, performance.now() - startedAt);
  done.push(deed);
}

/** What the records did not know of, and what of the undos that were there is gone by now. */
async function undoRest({ host, done, problems }: Account, before: readonly string[]): Promise<void> {
  await undoAllOn(host).catch((thrown: unknown) => problems.push(asError(thrown).message));
  const left = await standingOn(host);
  done.push(...before.filter((id) => !left.includes(id)).map((id) => `undid ${id}`));
}

async function healRecorded(lab: Lab, keepNotes: boolean): Promise<Pick<LabHealing, 'faults' | 'problems'>> {
  const faults: HealedFault[] = [];
  const problems: string[] = [];
  // A lab whose observer does not answer is told of by the observer's own account.
  for (const run of await notedRuns(lab).catch(() => [])) {
    try {
      const outcome = await healRun(lab, run);
      faults.push(...outcome.faults);
      problems.push(...outcome.problems);
      if (outcome.left === 0 && !keepNotes) await forgetRun(lab, run);
    } catch (thrown) {
      problems.push(`run ${run.id}: ${explainError(thrown)}`);
    }
  }
  return { faults, problems };
}

interface RunHealing extends Pick<LabHealing, 'faults' | 'problems'> {
  readonly left: number;
}

/** Newest fault first; each that is healed is on record as healed. */
async function healRun(lab: Lab, { id: run, journal: path }: NotedRun): Promise<RunHealing> {
  if (!existsSync(path)) {
    return {
      faults: [],
      problems: [`run ${run}: its journal ${path} is gone, and what it alone knew`],
      left: 0,
    };
  }
  const record = readRun(path);
  const before = unhealedFaults(record.events);
  if (before.length === 0) return { faults: [], problems: [], left: 0 };
  const problems: string[] = [];
  const journal = openJournal(path);
  try {
    await healWhatIsLeft(lab, path, journal, runClock(record.run.clock));
  } catch (thrown) {
    problems.push(`run ${run}: ${explainError(thrown)}`);
  } finally {
    journal.close();
  }
  const left = new Set(unhealedFaults(readRun(path).events).map(({ id }) => id));
  const healed = before.filter(({ id }) => !left.has(id));
  return {
    faults: healed.map(({ id, kind, target }) => ({ run, id, kind, target })),
    problems,
    left: left.size,
  };
}

/** A line each for what was done; none for what was whole. */
export function tellHealing({ hosts, faults, problems }: LabHealing): readonly string[] {
  return [
    ...hosts.flatMap(({ host, done }) => (done.length === 0 ? [] : `${host}: ${done.join(', ')}`)),
    ...faults.map(({ kind, target, run }) => `healed on record: ${kind} on ${target}, of run ${run}`),
    ...problems.map((problem) => `not healed: ${problem}`),
  ];
}
