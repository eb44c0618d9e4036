// holdfast down: removes labs by their label, whoever made them and however their makers ended.
import type { Command } from 'commander';
import { removeBuildRemains } from '../artifacts/index.ts';
import { findEngine, releaseEngine } from '../providers/engine.ts';
import { asError, UsageError } from '../core/errors.ts';
import type { Provider } from '../core/provider.ts';
import { removeTraces } from '../scenario/traces.ts';
import { isLabBusy } from './environment.ts';
import { openProviders } from './labs.ts';

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
      await removeAllTraces(providers, run);
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

/** Of runs that were killed: the others have done it themselves. Nobody is kept from forgetting a cluster that is gone. */
async function removeAllTraces(providers: readonly Provider[], run: string | undefined): Promise<void> {
  for (const provider of providers) {
    for (const descriptor of await provider.list()) {
      if (!descriptor.topology.found || (run !== undefined && run !== descriptor.runId)) continue;
      await removeTraces(await provider.attach(descriptor)).catch((thrown: unknown) => {
        const { name } = descriptor.topology;
        process.stderr.write(
          `${name}: its namespace holdfast may still be there, with the label holdfast.purpose=ledger: ` +
            `${asError(thrown).message}\n`,
        );
      });
    }
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
