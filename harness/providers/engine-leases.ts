// Who uses the engine now: one file per holdfast process, and a lock for those who start or stop it.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '../core/wait.ts';

/** A process as one that a later process with the same number cannot be taken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot: field 22 of /proc/<pid>/stat. */
  readonly startTime: string;
}

/** undefined when no such process exists (any more). */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state === 'Z' || startTime === undefined ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return (await identityOf(pid))?.startTime === startTime;
}

export async function takeLease(folder: string, pid = process.pid): Promise<void> {
  const identity = await identityOf(pid);
  if (!identity) throw new Error(`process ${pid} is not in /proc`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, leaseName(identity)), '');
}

/** Gives back the lease of this process and clears those of dead ones. @returns the processes that still hold one */
export async function returnLease(folder: string, pid = process.pid): Promise<readonly number[]> {
  const holders: number[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const [holder = '', startTime = ''] = name.split('-');
    const identity = { pid: Number(holder), startTime };
    if (identity.pid !== pid && (await isAlive(identity))) holders.push(identity.pid);
    else await rm(join(folder, name), { force: true });
  }
  return holders;
}

function leaseName({ pid, startTime }: ProcessIdentity): string {
  return `${pid}-${startTime}`;
}

/** Runs work while no other process of this machine does, for the same folder. */
export async function withLock<T>(folder: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  // An abstract socket is a lock that the kernel takes back however its holder ends.
  const name = `\0holdfast-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  const lock = await waitFor(
    'the lock of the Docker Engine free',
    { timeoutMs, intervalMs: 200 },
    async () => {
      const server = await listen(name);
      return server ? { done: server } : { missing: 'another holdfast process starts or stops the engine' };
    },
  );
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(name, () => {
      resolve(server);
    });
  });
}
