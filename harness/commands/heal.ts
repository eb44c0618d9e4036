// holdfast heal: undoes what dead runs left behind, on every lab there is. Finds nothing to do where all is whole.
import type { Command } from 'commander';
import { EXIT_CODES, explainError, UsageError } from '../core/errors.ts';
import { healLeftovers, tellHealing, type LabHealing } from '../run/leftovers.ts';
import { interruptible, isLabBusy } from './environment.ts';
import { findLabs, pickLab, type FoundLab } from './labs.ts';
import { Progress } from './progress.ts';

interface HealFlags {
  readonly run?: string;
  readonly force?: true;
  readonly json?: true;
}

interface HealedLab extends LabHealing {
  readonly run: string;
}

const HELP = `
What is healed: hosts without power are switched on, frozen ones thawed; faults that the journal of a dead run has as not
healed are healed, newest first; whatever undo a host still has by it is run. Twice does no harm.

Examples:
  holdfast heal
  holdfast heal --json | jq ".labs[].problems"`;

export function registerHeal(program: Command): void {
  program
    .command('heal')
    .description('undo whatever dead runs left behind on the labs that exist')
    .option('--run <id>', 'only the lab of this run')
    .option('--force', 'also under a living holdfast process')
    .option('--json', 'as JSON: {"labs": [{run, hosts, faults, problems}]}')
    .addHelpText('after', HELP)
    .action(async (flags: HealFlags) => {
      const progress = new Progress({ plain: flags.json === true });
      const labs = await interruptible(progress, (signal) => healAll(flags, progress, signal));
      process.stdout.write(flags.json ? `${JSON.stringify({ labs }, null, 2)}\n` : renderHealing(labs));
      if (labs.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT_CODES.inconclusive;
    });
}

/** @throws UsageError before anything is touched when one of the labs is in use, unless forced */
async function healAll(
  { run, force }: HealFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly HealedLab[]> {
  const found = await findLabs();
  const meant = run === undefined ? found : [pickLab(found, run)];
  const labs: { readonly lab: FoundLab; readonly busy: boolean }[] = [];
  for (const lab of meant) {
    const busy = await isLabBusy(lab.descriptor.runId);
    if (busy && !force) refuse(lab.descriptor.runId);
    labs.push({ lab, busy });
  }
  const healed: HealedLab[] = [];
  for (const { lab, busy } of labs) {
    signal.throwIfAborted();
    healed.push(await healLab(lab, busy, progress));
  }
  return healed;
}

function refuse(runId: string): never {
  throw new UsageError(`the lab of run ${runId} is in use by a holdfast that is running`, {
    hint: 'that one heals what it breaks; end it (Ctrl-C), choose another lab with --run, or say --force',
  });
}

async function healLab(
  { descriptor, attach }: FoundLab,
  busy: boolean,
  progress: Progress,
): Promise<HealedLab> {
  const { runId: run } = descriptor;
  try {
    const lab = await attach();
    const healing = await progress.phase(`healing the lab of run ${run}`, (listener) =>
      healLeftovers({ lab, progress: listener, keepNotes: busy }),
    );
    return { run, ...healing };
  } catch (thrown) {
    return { run, hosts: [], faults: [], problems: [explainError(thrown)] };
  }
}

/** Host by host, then what was on record, then what could not be healed. */
export function renderHealing(labs: readonly HealedLab[]): string {
  if (labs.length === 0) return 'no lab exists\n';
  return labs.map((lab) => `${renderLab(lab).join('\n')}\n`).join('\n');
}

function renderLab({ run, hosts, faults, problems }: HealedLab): string[] {
  const width = Math.max(0, ...hosts.map(({ host }) => host.length));
  const hostLines = hosts.map(
    ({ host, done }) => `  ${host.padEnd(width)}  ${done.length === 0 ? 'nothing to undo' : done.join(', ')}`,
  );
  const others = tellHealing({ hosts: [], faults, problems });
  return [`lab of run ${run}`, ...hostLines, ...others.map((line) => line.replaceAll(/^/gm, '  '))];
}
