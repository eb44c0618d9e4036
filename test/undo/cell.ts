// One cell of the table: a fault is injected, its harness ends in one of the ways, and the lab is compared with before.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asError, EXIT_CODES } from '../../harness/core/errors.ts';
import { readRun } from '../../harness/core/journal.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { letTimePass, withTimeout } from '../../harness/core/wait.ts';
import { healLeftovers } from '../../harness/run/leftovers.ts';
import { startInjecting, untilSeen, type Injecting, type SeenFault } from './child.ts';
import { ENDINGS, type Column } from './columns.ts';
import { killTree } from './process-tree.ts';
import type { Place } from './place.ts';
import { sameAgain, type LabState } from './state.ts';
import type { Subject } from './subjects.ts';

/** For a host to boot and all of its pods to be back. */
const SAME_AGAIN_TIMEOUT_MS = 150_000;
/** For a child to heal and end; a scenario also waits for steady state. */
const END_TIMEOUT_MS = 240_000;

export interface Cell {
  readonly state: 'clean' | 'dirty' | 'unavailable' | 'not tried';
  /** Why it is not clean. */
  readonly problems: readonly string[];
  /** From when the undo was due until the lab was steady and as before. */
  readonly sameAfterMs?: number;
}

export interface CellOptions {
  readonly subject: Subject;
  readonly column: Column;
  readonly place: Place;
  readonly before: LabState;
  readonly signal: AbortSignal;
}

/** Throws only what is no answer: an interruption. */
export async function tryCell(options: CellOptions): Promise<Cell> {
  const { subject, column, place, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-undo-'));
  const child = startInjecting({ subject, column, reached: place.reached, folder });
  try {
    return await follow(child, options);
  } catch (thrown) {
    signal.throwIfAborted();
    return { state: 'dirty', problems: [asError(thrown).message] };
  } finally {
    await place.network?.giveBack();
    await endChild(child);
    rmSync(folder, { recursive: true });
  }
}

/** Asked first, so that it can heal. */
async function endChild({ process: child, ended }: Injecting): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await withTimeout('end of the child', END_TIMEOUT_MS, ended).catch(() => killTree(child.pid ?? 0));
}

async function follow(child: Injecting, options: CellOptions): Promise<Cell> {
  const { column, place, before, signal } = options;
  const seen = await untilSeen(child, signal);
  if (!seen) return withoutFault(child);
  const dueNs = await endHarness(child, seen, options);
  const problems = [...effectProblems(seen)];
  try {
    // One that has lost its network is left to find that out, while the hosts heal without it.
    if (column !== 'network lost') problems.push(...(await endProblems(child, column)));
    await sameAgain(place.lab, before, SAME_AGAIN_TIMEOUT_MS, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    return { state: 'dirty', problems: [...problems, asError(thrown).message] };
  }
  const sameAfterMs = Number(process.hrtime.bigint() - dueNs) / 1e6;
  if (column === 'network lost') {
    await withTimeout('end without a network', END_TIMEOUT_MS, child.ended);
    problems.push(...(await endProblems(child, column)), ...honestyProblems(child));
    await place.network?.giveBack();
  }
  problems.push(...(await recordProblems(child, place.reached.lab, column)));
  return { state: problems.length === 0 ? 'clean' : 'dirty', problems, sameAfterMs };
}

/** Who could ask no host does not know that it is healed, and says so. */
function honestyProblems(child: Injecting): readonly string[] {
  const journal = child.journal();
  const events = journal === undefined ? [] : readRun(journal).events;
  const interrupted = events.find((event) => event.type === 'run.interrupted');
  return [
    ...(events.some(({ type }) => type === 'fault.healed') ? ['on record as healed by who could not'] : []),
    ...(interrupted === undefined ? ['not on record why it ended'] : []),
    ...(events.some(({ type }) => type === 'run.finished') ? [] : ['its record has no end']),
  ];
}

async function withoutFault(child: Injecting): Promise<Cell> {
  const code = await child.ended;
  const said = child.stderr().trim();
  if (code === EXIT_CODES.environment) return { state: 'unavailable', problems: [said] };
  return { state: 'dirty', problems: [`no fault was injected; exit code ${String(code)}: ${said}`] };
}

/** Does what the column says. @returns from when on the lab ought to be healing, on CLOCK_MONOTONIC */
async function endHarness(
  child: Injecting,
  { dueNs, prepared }: SeenFault,
  { column, place, signal }: CellOptions,
): Promise<bigint> {
  const { signal: name, exitCode, unhealed } = ENDINGS[column];
  if (!unhealed) {
    const askedNs = process.hrtime.bigint();
    if (name) child.process.kill(name);
    await withTimeout(`end of ${column}`, END_TIMEOUT_MS, child.ended);
    // Of the normal end the time in force is no part of the healing; it ends with its healing.
    return name ? askedNs : process.hrtime.bigint();
  }
  if (exitCode === undefined) killTree(child.process.pid ?? 0);
  else await place.network?.lose();
  if (column === 'SIGKILL + reboot') {
    const bootedNs = process.hrtime.bigint();
    await Promise.all(prepared.target.split(',').map((host) => powerCycle(place.lab, host)));
    const leftMs = Number(dueNs - process.hrtime.bigint()) / 1e6;
    // Hosts that were not rebooted have until the limit.
    if (leftMs > 0) await letTimePass(leftMs, signal);
    return dueNs > bootedNs ? dueNs : bootedNs;
  }
  const leftMs = Number(dueNs - process.hrtime.bigint()) / 1e6;
  if (leftMs > 0) await letTimePass(leftMs, signal);
  return dueNs;
}

/** The hard way: memory is gone, nobody could prepare for it. */
async function powerCycle(lab: Lab, host: string): Promise<void> {
  const power = lab.power(host);
  await power.off();
  await power.on();
}

/** A fault that was not there shows nothing. */
function effectProblems({ evidence, injected, dueNs, prepared }: SeenFault): readonly string[] {
  const witnesses = evidence.evidence;
  if (witnesses.length === 0) return ['no witness said anything'];
  const lateMs = evidence.atMs - injected.fromMs - (prepared.limitMs ?? 0);
  if (dueNs > 0n && lateMs > 0) return [`the evidence came ${Math.round(lateMs)} ms after the limit`];
  return witnesses
    .filter(({ holds }) => !holds)
    .map(({ witness, detail }) => `no effect: ${witness}: ${detail}`);
}

async function endProblems(child: Injecting, column: Column): Promise<readonly string[]> {
  const { exitCode } = ENDINGS[column];
  const code = await child.ended;
  if (code === exitCode) return [];
  const wanted = exitCode === undefined ? 'killed' : `exit code ${exitCode}`;
  return [`ended with ${String(code)}, not ${wanted}: ${child.stderr().trim()}`];
}

/** Who ended by himself has it on record as healed; of who was killed, heal finds the record, and nothing else to do. */
async function recordProblems(child: Injecting, lab: Lab, column: Column): Promise<readonly string[]> {
  const journal = child.journal();
  if (journal === undefined) return ['no journal'];
  const isOnRecord = (): boolean => readRun(journal).events.some(({ type }) => type === 'fault.healed');
  const problems: string[] = [];
  if (ENDINGS[column].unhealed) {
    const healing = await healLeftovers({ lab, progress: silentProgress });
    problems.push(
      ...healing.problems,
      ...healing.hosts.flatMap(({ host, done }) => done.map((one) => `${host} was left for heal: ${one}`)),
    );
  }
  return isOnRecord() ? problems : [...problems, 'not on record as healed'];
}
