// What the harness itself costs while the probes run, per process, as a share of one core. From /proc/<pid>/stat.
import { readFileSync } from 'node:fs';

/** Linux reports CPU time in hundredths of a second (USER_HZ) whatever the kernel's own tick is. */
export const TICKS_PER_SECOND = 100;

/** What a process is → its id. */
export type Processes = Readonly<Record<string, number>>;

export interface CpuAccount {
  /** Share of one core per process since the account was opened. */
  close(): Readonly<Record<string, number>>;
}

export function openCpuAccount(processes: Processes): CpuAccount {
  const startedAt = performance.now();
  const before = cpuSeconds(processes);
  return {
    close: () => {
      const seconds = (performance.now() - startedAt) / 1000;
      const after = cpuSeconds(processes);
      const shares = [...before].flatMap(([name, used]) => {
        const now = after.get(name);
        return now === undefined ? [] : [[name, (now - used) / seconds] as const];
      });
      return Object.fromEntries(shares);
    },
  };
}

/** Of the processes that are there to be asked: a run that was killed has no share. */
function cpuSeconds(processes: Processes): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(processes).flatMap(([name, pid]) => {
      const seconds = secondsOf(pid);
      return seconds === undefined ? [] : [[name, seconds] as const];
    }),
  );
}

function secondsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold spaces: count from behind it.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND;
  } catch {
    // No /proc (not Linux), or the process is gone.
    return undefined;
  }
}
