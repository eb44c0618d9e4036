// holdfast down: removes labs by their label, whoever made them and however their makers ended.
import type { Command } from 'commander';
import { removeBuildRemains } from '../artifacts/index.ts';
import { findEngine, releaseEngine } from '../providers/engine.ts';
import { asError, UsageError } from '../core/errors.ts';
import type { Provider } from '../core/provider.ts';
import { healLeftovers, tellHealing } from '../run/leftovers.ts';
import { isSomebodys } from '../safety/policy.ts';
import { removeTraces } from '../scenario/traces.ts';
import { isLabBusy } from './environment.ts';
import { openProviders } from './labs.ts';
import { Progress } from './progress.ts';

export function registerDown(program: Command): void {
  program
    .command('down')
    .description("remove one lab, or everything of holdfast's")
    .option('--run <id>', 'only the lab of this run')
    .option('--force', 'also labs that a living holdfast process uses')
    .option('--json', 'as JSON: {"removed": […]}')
    .addHelpText('after', '\nExamples:\n  holdfast down\n  holdfast down --run 20261123-064501-9f3a')
    .action(async ({ run, force, json }: { run?: string; force?: true; json?: true }) => {
      const removed: string[] = [];
      const providers = await openProviders();
      if (!force) await refuseLabsInUse(providers, run);
      const progress = new Progress({ plain: json === true });
      for (const provider of providers) await leaveClean(provider, run, progress);
      for (const provider of providers) removed.push(...(await provider.destroy(run)));
      const docker = await findEngine();
      if (docker && run === undefined) await removeBuildRemains(docker);
      // An engine that holdfast started by hand goes with its last container.
      if (await releaseEngine()) removed.push('the Docker Engine that holdfast started');
      const nothing = run === undefined ? 'nothing to remove' : `nothing of run ${run} to remove`;
      const text = removed.length === 0 ? nothing : removed.map((name) => `removed ${name}`).join('\n');
      process.stdout.write(json ? `${JSON.stringify({ removed }, null, 2)}\n` : `${text}\n`);
    });
}

/**
 * Hosts that holdfast did not make outlive the lab, so what dead runs broke or left there goes before anybody forgets it. What
 * cannot be healed is told: it undoes itself at its fault's limit.
 */
async function leaveClean(provider: Provider, run: string | undefined, progress: Progress): Promise<void> {
  for (const descriptor of await provider.list()) {
    if ((run !== undefined && run !== descriptor.runId) || !isSomebodys(descriptor)) continue;
    const { name, found } = descriptor.topology;
    const lab = await provider.attach(descriptor);
    const keepNotes = await isLabBusy(descriptor.runId);
    const healing = await progress.phase(`leftovers of dead runs on ${name}`, (listener) =>
      healLeftovers({ lab, progress: listener, keepNotes }),
    );
    for (const line of tellHealing(healing)) progress.note(line);
    if (!found) continue;
    await removeTraces(lab).catch((thrown: unknown) =>
      progress.note(
        `${name}: its namespace holdfast may still be there, with the label holdfast.purpose=ledger: ${asError(thrown).message}`,
      ),
    );
  }
}

async function refuseLabsInUse(providers: readonly Provider[], run: string | undefined): Promise<void> {
  for (const provider of providers) {
    for (const { runId } of await provider.list()) {
      if ((run !== undefined && run !== runId) || !(await isLabBusy(runId))) continue;
      throw new UsageError(`the lab of run ${runId} is in use by a holdfast that is running`, {
        hint: 'end that one (Ctrl-C), choose another lab with --run, or say --force',
      });
    }
  }
}
