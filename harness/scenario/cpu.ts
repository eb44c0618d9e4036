// What the harness itself costs while the probes run, per process, as a share of one core. From /proc/<pid>/stat.
import { readFileSync } from 'node:fs';

/** Linux reports CPU time in hundredths of a second (USER_HZ) whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

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
      return Object.fromEntries(
        Object.keys(processes).map((name) => [name, ((after[name] ?? 0) - (before[name] ?? 0)) / seconds]),
      );
    },
  };
}

function cpuSeconds(processes: Processes): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, secondsOf(pid)]));
}

function secondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold spaces: count from behind it.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND;
  } catch {
    // No /proc (not Linux), or the process is gone: it costs nothing any more.
    return 0;
  }
}
