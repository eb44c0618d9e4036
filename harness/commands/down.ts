// holdfast down: removes labs by their label, whoever made them and however their makers ended.
import type { Command } from 'commander';
import { removeBuildRemains } from '../artifacts/index.ts';
import { findEngine, releaseEngine } from '../providers/engine.ts';
import { openProviders } from './labs.ts';

export function registerDown(program: Command): void {
  program
    .command('down')
    .description("remove one lab, or everything of holdfast's")
    .option('--run <id>', 'only the lab of this run')
    .option('--json', 'as JSON: {"removed": […]}')
    .addHelpText('after', '\nExamples:\n  holdfast down\n  holdfast down --run 20261123-064501-9f3a')
    .action(async ({ run, json }: { run?: string; json?: true }) => {
      const removed: string[] = [];
      for (const provider of await openProviders()) removed.push(...(await provider.destroy(run)));
      const docker = await findEngine();
      if (docker && run === undefined) await removeBuildRemains(docker);
      // An engine that holdfast started by hand goes with its last container.
      if (await releaseEngine()) removed.push('the Docker Engine that holdfast started');
      const nothing = run === undefined ? 'nothing to remove' : `nothing of run ${run} to remove`;
      const text = removed.length === 0 ? nothing : removed.map((name) => `removed ${name}`).join('\n');
      process.stdout.write(json ? `${JSON.stringify({ removed }, null, 2)}\n` : `${text}\n`);
    });
}
