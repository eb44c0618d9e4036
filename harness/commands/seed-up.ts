// holdfast up --profile v1.4.5: the seed's chapter 3, shown or gone through.
import { join } from 'node:path';
import { openBundle } from '../cluster/legacy/bundle-folder.ts';
import { planFor } from '../cluster/legacy/plan.ts';
import { loadTopology } from '../cluster/topology.ts';
import { UsageError } from '../core/errors.ts';
import { DEFAULT_PROFILE, SEED_PROFILE } from '../profiles/index.ts';
import { planByHost } from '../profiles/v1.4.5/by-host.ts';
import type { Choices } from '../profiles/v1.4.5/row.ts';
import { providerKind } from '../providers/index.ts';
import { stateDirectory } from '../providers/state-directory.ts';
import { newRunId } from '../run/folder.ts';
import { makeSeedCluster } from '../run/lab.ts';
import { claimLab, prepareImages } from './environment.ts';
import type { Progress } from './progress.ts';
import { renderSeedPlan } from './seed-plan.ts';

/** Of `up`, for this profile alone. */
export interface SeedFlags {
  readonly dryRun?: true;
  readonly bundle?: string;
  readonly packages?: Choices['packages'];
  readonly bindVip?: Choices['vip'];
  readonly image?: string;
}

interface SeedUpFlags extends SeedFlags {
  readonly topology: string;
  readonly provider: string;
  readonly instance?: number;
  readonly json?: true;
}

const FLAGS: Readonly<Record<keyof SeedFlags, string>> = {
  dryRun: '--dry-run',
  bundle: '--bundle',
  packages: '--packages',
  bindVip: '--bind-vip',
  image: '--image',
};

/** @throws UsageError when a flag was said that means nothing for another profile */
export function refuseSeedFlags(flags: SeedFlags): void {
  const said = Object.entries(FLAGS).find(([name]) => flags[name as keyof SeedFlags] !== undefined);
  if (!said) return;
  throw new UsageError(`${said[1]} is for --profile ${SEED_PROFILE.name} alone`);
}

export async function showSeedPlan(flags: SeedUpFlags): Promise<void> {
  const { topology } = loadTopology(flags.topology);
  const bundle = flags.bundle === undefined ? undefined : await openBundle(flags.bundle);
  const plan = planByHost(await planFor(topology, choicesOf(flags), bundle), topology);
  const head = {
    profile: SEED_PROFILE.name,
    topology: topology.name,
    ...(bundle && { bundle: bundle.path }),
  };
  process.stdout.write(
    flags.json ? `${JSON.stringify({ ...head, ...plan }, undefined, 2)}\n` : renderSeedPlan(head, plan),
  );
}

export async function seedUp(flags: SeedUpFlags, progress: Progress, signal: AbortSignal): Promise<void> {
  const kind = providerKind(flags.provider);
  const { topology, warnings } = loadTopology(flags.topology);
  if (flags.bundle === undefined) {
    throw new UsageError(`profile ${SEED_PROFILE.name} needs --bundle: a folder with its rpms and images`, {
      hint: 'docs/seed-v1.4.5.md says what belongs into it; --dry-run shows the plan without it',
    });
  }
  const bundle = await openBundle(flags.bundle);
  for (const warning of warnings) progress.note(warning);
  const images = kind.needsImages ? await imagesFor(flags, progress, signal) : undefined;
  const provider = await kind.open(images);
  const runId = newRunId(new Date());
  await claimLab(runId);
  const { lab, steps, repairs } = await progress.phase('cluster', (listener) =>
    makeSeedCluster({
      provider,
      topology,
      bundle,
      planOn: (shifted) => planFor(shifted, choicesOf(flags), bundle),
      runId,
      progress: listener,
      signal,
      logFolder: join(stateDirectory(), 'failed-clusters', runId),
      ...(flags.instance !== undefined && { instance: flags.instance }),
    }),
  );
  const { instance } = lab.descriptor;
  const vip = lab.descriptor.topology.vip.address;
  if (flags.json) {
    const report = { run: runId, instance, vip, provision: { steps }, repairs };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  const told = repairs.map(
    ({ host, said, chapter, commands }) =>
      `${host} said "${said}": repaired as in ${chapter}:\n${commands.map((one) => `  ${one}\n`).join('')}`,
  );
  process.stdout.write(`${told.join('')}cluster ${runId} is up, VIP ${vip}\n`);
}

/** Hosts without Kubernetes: the stand-in for CentOS, or an image that was said. */
async function imagesFor(
  { image }: SeedUpFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly host: string; readonly observer: string }> {
  const phase: typeof progress.phase = (title, work) => progress.phase(title, work);
  const images = await prepareImages(DEFAULT_PROFILE, phase, signal, { host: 'rpm-host' });
  return image === undefined ? images : { ...images, host: image };
}

function choicesOf({ packages, bindVip }: SeedFlags): Partial<Choices> {
  return { ...(packages && { packages }), ...(bindVip && { vip: bindVip }) };
}
