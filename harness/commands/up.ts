// holdfast up: a cluster that stays, for runs, for looking around, for taking apart.
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { loadTopology } from '../cluster/topology.ts';
import { SEED_PROFILE } from '../profiles/index.ts';
import { CHOICES } from '../profiles/v1.4.5/row.ts';
import { PROVIDERS, providerKind } from '../providers/index.ts';
import { stateDirectory } from '../providers/state-directory.ts';
import { newRunId } from '../run/folder.ts';
import { makeCluster } from '../run/lab.ts';
import { claimLab, interruptible, prepareImages, withEngine } from './environment.ts';
import { integerFrom } from './options.ts';
import {
  addProfileFlags,
  notesOf,
  profileFrom,
  refuseReleaseFlags,
  type ProfileFlags,
} from './profile-flags.ts';
import { Progress } from './progress.ts';
import { refuseSeedFlags, seedUp, showSeedPlan, type SeedFlags } from './seed-up.ts';

interface UpFlags extends ProfileFlags, SeedFlags {
  readonly topology: string;
  readonly provider: string;
  readonly instance?: number;
  readonly sequential?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  holdfast up                                  then: holdfast run, holdfast status, holdfast exec, holdfast down
  holdfast up --instance 1                     a second cluster beside the first, on shifted addresses
  holdfast up --profile release --kubernetes v1.31.4 --mirror ~/mirror
  holdfast up --json | jq .provision           how long each step took
  holdfast up --profile v1.4.5 --dry-run       what the seed's chapter 3 does, host by host, each line with its chapter
  holdfast up --profile v1.4.5 --bundle k8s    the same for real, from the rpms and images in the folder k8s`;

export function registerUp(program: Command): void {
  addProfileFlags(program.command('up'))
    .description('bring a cluster up and leave it up')
    .option('--topology <name|file>', 'the plan of the cluster', 'seed')
    .option('--provider <name>', 'who makes the hosts', PROVIDERS[0]?.name)
    .option(
      '--instance <n>',
      'which shift of the addresses (default: the first that is free)',
      integerFrom(0),
    )
    .option('--sequential', 'one step and one host after the other (for comparison)')
    .option('--dry-run', `${SEED_PROFILE.name}: print the plan, host by host; nothing is touched`)
    .option('--bundle <dir>', `${SEED_PROFILE.name}: the folder with its rpms and images`)
    .addOption(
      new Option('--packages <from>', `${SEED_PROFILE.name}: where packages come from`).choices(
        CHOICES.packages,
      ),
    )
    .addOption(
      new Option('--bind-vip <with>', `${SEED_PROFILE.name}: how the VIP is bound at first`).choices(
        CHOICES.vip,
      ),
    )
    .option(
      '--image <tag>',
      `${SEED_PROFILE.name}: what hosts are made of, instead of the stand-in for CentOS`,
    )
    .option('--json', 'print the lab and the time of each step on standard output')
    .addHelpText('after', HELP)
    .action(async (flags: UpFlags) => {
      const progress = new Progress({ plain: flags.json === true });
      const isSeed = flags.profile === SEED_PROFILE.name;
      if (isSeed) refuseReleaseFlags(flags);
      else refuseSeedFlags(flags);
      if (isSeed && flags.dryRun) {
        await showSeedPlan(flags);
        return;
      }
      const make = isSeed ? seedUp : up;
      await interruptible(progress, (signal) => withEngine(() => make(flags, progress, signal)));
    });
}

async function up(flags: UpFlags, progress: Progress, signal: AbortSignal): Promise<void> {
  const kind = providerKind(flags.provider);
  const profile = profileFrom(flags);
  const { topology, warnings } = loadTopology(flags.topology);
  for (const note of [...warnings, ...notesOf(profile)]) progress.note(note);
  const phase: typeof progress.phase = (title, work) => progress.phase(title, work);
  const provider = await kind.open(
    kind.needsImages ? await prepareImages(profile, phase, signal, { mirror: flags.mirror }) : undefined,
  );
  const runId = newRunId(new Date());
  await claimLab(runId);
  const startedAt = performance.now();
  const { lab, steps } = await progress.phase('cluster', (listener) =>
    makeCluster({
      provider,
      topology,
      profile,
      runId,
      progress: listener,
      signal,
      sequential: flags.sequential === true,
      logFolder: join(stateDirectory(), 'failed-clusters', runId),
      ...(flags.instance !== undefined && { instance: flags.instance }),
    }),
  );
  const totalMs = performance.now() - startedAt;
  const { instance } = lab.descriptor;
  const vip = lab.descriptor.topology.vip.address;
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ run: runId, instance, vip, provision: { totalMs, steps } }, undefined, 2)}\n`
      : `cluster ${runId} is up after ${(totalMs / 1000).toFixed(1)} s, VIP ${vip}\n`,
  );
}
