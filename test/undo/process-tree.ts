// Ends a process and all that descend from it, at once and without a goodbye, and nothing else.
import { readdirSync, readFileSync } from 'node:fs';

/** The last resort of faults that hosts cannot undo by themselves: made to outlive the harness, so no part of it. */
const WATCHDOG = 'holdfast-watchdog';

/** @returns the processes that were killed, the root first */
export function killTree(root: number): readonly number[] {
  // Stopped first, parents before children, so that none is born while they are counted.
  const stopped: number[] = [];
  for (
    let fresh = [root];
    fresh.length > 0;
    fresh = descendants(root).filter((pid) => !stopped.includes(pid))
  ) {
    for (const pid of fresh) signal(pid, 'SIGSTOP');
    stopped.push(...fresh);
  }
  for (const pid of stopped) signal(pid, 'SIGKILL');
  return stopped;
}

/** All generations; a watchdog and what descends from it are left out. */
function descendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of pids()) {
    const parent = parentOf(pid);
    if (parent === undefined || isWatchdog(pid)) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (let generation = [root]; generation.length > 0;) {
    generation = generation.flatMap((pid) => children.get(pid) ?? []);
    found.push(...generation);
  }
  return found;
}

function pids(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** proc(5): the fourth field of stat, counted after the name, which may itself hold blanks and brackets. */
function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

function isWatchdog(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`)?.startsWith(WATCHDOG) ?? false;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
