// What commands that make hosts need first: an engine for as long as they run, and images.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureImages,
  ensureRelease,
  MIRROR_VARIABLE,
  type EnsureImagesOptions,
  type HostImage,
  type ImageSet,
} from '../artifacts/index.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Phase } from '../run.ts';
import type { Profile } from '../profiles/index.ts';
import { ensureEngine, releaseEngine } from '../providers/engine.ts';
import { returnLease, takeLease } from '../providers/engine-leases.ts';
import { stateDirectory } from '../providers/state-directory.ts';
import type { Progress } from './progress.ts';

/** Full logs of image builds, which outlive the run that built them. */
export function imageLogFolder(): string {
  return join(stateDirectory(), 'image-logs');
}

/**
 * Turns SIGINT and SIGTERM into an abort while the work goes on, which then heals and cleans up. A second signal changes
 * nothing: what is under way is the way out.
 */
export async function interruptible<T>(
  progress: Progress,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    progress.note(
      controller.signal.aborted ? 'still healing and cleaning up' : `${signal}: healing and cleaning up`,
    );
    controller.abort(new InterruptedError(signal));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Holds the engine while the work goes on; one that holdfast started ends with its last user. */
export async function withEngine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await releaseEngine();
  }
}

export interface WantedImages {
  /** Where a release comes from; default: the environment variable's, or what was fetched before. */
  readonly mirror?: string | undefined;
  /** What hosts are made of; default `host`, with Kubernetes in it. */
  readonly host?: HostImage;
}

/** The engine and the images of a profile; what is missing is fetched, installed, started and built. */
export async function prepareImages(
  profile: Profile,
  phase: Phase,
  signal: AbortSignal,
  { mirror, host }: WantedImages = {},
): Promise<ImageSet> {
  const release = await prepareRelease(profile, phase, signal, mirror);
  const docker = await phase('engine', (progress) => ensureEngine({ progress, signal }));
  return phase('images', (progress) =>
    ensureImages({
      docker,
      profile,
      logDir: imageLogFolder(),
      progress,
      signal,
      ...(host && { host }),
      ...(release && { release }),
    }),
  );
}

/** Before anything is installed: what a mirror has wrong costs nothing. */
async function prepareRelease(
  { source }: Profile,
  phase: Phase,
  signal: AbortSignal,
  mirror = process.env[MIRROR_VARIABLE] || undefined,
): Promise<EnsureImagesOptions['release']> {
  if (source.kind !== 'release') return undefined;
  const { version } = source;
  const folder = join(stateDirectory(), 'artefacts');
  const artefacts = await phase(`Kubernetes ${version}`, (progress) =>
    ensureRelease({ version, mirror, folder, progress, signal }),
  );
  return { artefacts, folder };
}

/** Marks a lab as in use by this process, for as long as the process lives. */
export async function claimLab(runId: string): Promise<void> {
  await forgetUnusedLabs();
  await takeLease(labLeases(runId));
}

async function forgetUnusedLabs(): Promise<void> {
  const folder = join(stateDirectory(), 'labs');
  for (const runId of await readdir(folder).catch(() => [])) {
    if (!(await isLabBusy(runId))) await rm(join(folder, runId), { recursive: true, force: true });
  }
}

/** Whether another living holdfast process uses the lab. */
export async function isLabBusy(runId: string): Promise<boolean> {
  return (await returnLease(labLeases(runId))).length > 0;
}

function labLeases(runId: string): string {
  return join(stateDirectory(), 'labs', runId);
}
