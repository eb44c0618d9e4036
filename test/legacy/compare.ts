// What was run on a host, beside what the plan has for it: in its order, nothing left out, nothing else.
import { filesLike, type BundleFolder } from '../../harness/cluster/legacy/bundle-folder.ts';
import {
  withToken,
  type PlannedDeed,
  type PlannedRow,
  type SeedPlan,
} from '../../harness/profiles/v1.4.5/plan.ts';
import type { Recorded } from './recorder.ts';

export interface Comparison {
  /** What is other than planned, in words. */
  readonly deviations: readonly string[];
  /** Commands of repairs, in order. */
  readonly repairs: readonly string[];
  /** How many deeds were compared. */
  readonly compared: number;
}

interface Expected {
  readonly row: string;
  readonly deed: string;
  /** It may be there again, or (0) not at all. */
  readonly atLeast: 0 | 1;
  readonly mayRepeat: boolean;
}

export function compareWithPlan(
  log: readonly Recorded[],
  host: string,
  plan: SeedPlan,
  { bundle, token }: { readonly bundle: BundleFolder; readonly token: string },
): Comparison {
  const deedsOn = (rows: readonly PlannedRow[]): readonly Expected[] =>
    rows.flatMap(({ row, hosts }) =>
      hosts
        .filter(({ name }) => name === host)
        .flatMap(({ deeds }) => deeds.flatMap((deed) => expected(row.id, deed, bundle, token))),
    );
  const repairDeeds = new Set(deedsOn(plan.repairs).map(({ deed }) => deed));
  const deviations: string[] = [];
  const repairs: string[] = [];
  let at = 0;
  for (const { row, deed, atLeast, mayRepeat } of deedsOn(plan.rows)) {
    // Done already, said the question before it.
    if (!deed.startsWith('unless ') && log[at]?.deed !== deed && wasDone(log, at)) continue;
    // A repair comes in between; where both would fit, the plan is gone on with.
    while (at < log.length && log[at]?.deed !== deed && repairDeeds.has(log[at]?.deed ?? '')) {
      repairs.push(log[at]?.deed ?? '');
      at += 1;
    }
    if (log[at]?.deed !== deed) {
      if (atLeast === 1)
        deviations.push(`${row}: planned "${deed}", run was "${log[at]?.deed ?? 'nothing'}"`);
      continue;
    }
    at += 1;
    while (mayRepeat && at < log.length) {
      const next = log[at]?.deed ?? '';
      if (next === deed) at += 1;
      else if (repairDeeds.has(next)) {
        repairs.push(next);
        at += 1;
      } else break;
    }
  }
  while (at < log.length && repairDeeds.has(log[at]?.deed ?? '')) repairs.push(log[at++]?.deed ?? '');
  if (at < log.length)
    deviations.push(
      `not planned: ${log
        .slice(at)
        .map(({ deed }) => deed)
        .join(' | ')}`,
    );
  return { deviations, repairs: repairs.filter((deed) => !deed.startsWith('unless ')), compared: log.length };
}

/** The question before it was answered with yes. */
function wasDone(log: readonly Recorded[], at: number): boolean {
  const before = log[at - 1];
  return before !== undefined && /^(unless|there\?) /.test(before.deed) && before.exitCode === 0;
}

function expected(row: string, deed: PlannedDeed, bundle: BundleFolder, token: string): readonly Expected[] {
  const once = (text: string, more: Partial<Expected> = {}): Expected => ({
    ...{ row, deed: text, atLeast: 1, mayRepeat: false },
    ...more,
  });
  switch (deed.kind) {
    case 'command':
      return [
        ...(deed.unless === undefined ? [] : [once(`unless ${deed.unless}`)]),
        // Where an error of the seed may show, it is run again after the repair.
        once(withToken(deed.command, token), {
          mayRepeat: deed.repeated === true || row === 'init' || row === 'join',
        }),
        ...(deed.keepIn === undefined ? [] : [once(`write ${deed.keepIn}`)]),
      ];
    case 'write':
    case 'hand-over':
      return [once(`write ${deed.path}`)];
    case 'edit':
      return [once(`write ${deed.path}`, { atLeast: 0 })];
    case 'bring':
      return filesLike(bundle, deed.files).flatMap((file) => [
        once(`there? ${deed.to}/${file}`),
        once(`bring ${deed.to}/${file}`),
      ]);
  }
}
