// inotify limits of this machine's kernel: five systemd hosts exhaust the defaults. Raised while labs stand, put back
// after the last one; the former values stand in the label of the labs' networks.
import { readFile, writeFile } from 'node:fs/promises';
import type { Labels } from './labels.ts';

export type InotifyLimits = Readonly<Record<'max_user_instances' | 'max_user_watches', number>>;

const FORMER_LIMITS_LABEL = 'holdfast.inotify';
const FOLDER = '/proc/sys/fs/inotify';

export const NEEDED_INOTIFY_LIMITS: InotifyLimits = { max_user_instances: 1024, max_user_watches: 524_288 };

export async function readInotifyLimits(folder = FOLDER): Promise<InotifyLimits> {
  const [instances, watches] = await Promise.all([
    readFile(`${folder}/max_user_instances`, 'utf8'),
    readFile(`${folder}/max_user_watches`, 'utf8'),
  ]);
  return { max_user_instances: Number(instances), max_user_watches: Number(watches) };
}

export function inotifySuffices(limits: InotifyLimits): boolean {
  return (
    limits.max_user_instances >= NEEDED_INOTIFY_LIMITS.max_user_instances &&
    limits.max_user_watches >= NEEDED_INOTIFY_LIMITS.max_user_watches
  );
}

/** Raises what is too low and leaves what is high enough. Needs root. */
export async function raiseInotifyLimits(folder = FOLDER): Promise<void> {
  const current = await readInotifyLimits(folder);
  await writeInotifyLimits(
    {
      max_user_instances: Math.max(current.max_user_instances, NEEDED_INOTIFY_LIMITS.max_user_instances),
      max_user_watches: Math.max(current.max_user_watches, NEEDED_INOTIFY_LIMITS.max_user_watches),
    },
    folder,
  );
}

export async function writeInotifyLimits(limits: InotifyLimits, folder = FOLDER): Promise<void> {
  await writeFile(`${folder}/max_user_instances`, String(limits.max_user_instances));
  await writeFile(`${folder}/max_user_watches`, String(limits.max_user_watches));
}

/** The label that remembers the former limits: those that an older lab remembers, or the present ones if too low. */
export function formerLimitsLabel(current: InotifyLimits, others: readonly Labels[]): Labels {
  const remembered = others.map((labels) => labels[FORMER_LIMITS_LABEL]).find((json) => json !== undefined);
  if (remembered !== undefined) return { [FORMER_LIMITS_LABEL]: remembered };
  return inotifySuffices(current) ? {} : { [FORMER_LIMITS_LABEL]: JSON.stringify(current) };
}

export function formerLimits(labels: Labels): InotifyLimits | undefined {
  const json = labels[FORMER_LIMITS_LABEL];
  return json === undefined ? undefined : (JSON.parse(json) as InotifyLimits);
}
