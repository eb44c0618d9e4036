// Whose journals may hold faults of a lab that are not healed: a note per run on the lab's own observer, so that any
// process finds them, whatever folder they are in, and so that they go when the lab does. Of hosts that exist already it is kept
// beside the note that they are a lab.
import { posix, resolve } from 'node:path';
import { labNotes, type Lab, type LabPlaces } from '../core/provider.ts';
import type { RunFolder } from './folder.ts';

const RUNS = 'runs';
const TIMEOUT_MS = 10_000;

/** A run that works or worked on the lab and has not told that it left nothing behind. */
export interface NotedRun {
  readonly id: string;
  /** Path on the machine that the run was started on. */
  readonly journal: string;
}

/** To be called before a run's first fault. */
export async function noteRun(lab: Lab, { id, journal }: RunFolder): Promise<void> {
  const { host, folder } = runsOf(lab);
  await host.upload(posix.join(folder, id), `${resolve(journal)}\n`);
}

/** To be called when nothing of the run is left to heal. Idempotent. */
export async function forgetRun(lab: Lab, { id }: Pick<NotedRun, 'id'>): Promise<void> {
  const { host, folder } = runsOf(lab);
  await host.run(['rm', '-f', posix.join(folder, id)], { timeoutMs: TIMEOUT_MS });
}

/** Newest first. */
export async function notedRuns(lab: Lab): Promise<readonly NotedRun[]> {
  const { host, folder } = runsOf(lab);
  const script = `cd ${folder} 2> /dev/null || exit 0
for run in *; do [ ! -e "$run" ] || echo "$run $(cat "$run")"; done`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
  return stdout
    .split('\n')
    .flatMap((line) => {
      const [, id, journal] = /^(\S+) (.+)$/.exec(line) ?? [];
      return id === undefined || journal === undefined ? [] : [{ id, journal }];
    })
    .sort((one, other) => (one.id < other.id ? 1 : -1));
}

function runsOf(lab: Lab): LabPlaces['notes'] {
  const { host, folder } = labNotes(lab);
  return { host, folder: posix.join(folder, RUNS) };
}
