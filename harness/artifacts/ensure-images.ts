// From nothing to the images that a provider makes containers from.
import type Docker from 'dockerode';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressListener } from '../core/progress.ts';
import type { Profile } from '../profiles/index.ts';
import { imageSpecs, PROVIDER_IMAGES, type HostImage } from './catalogue.ts';
import { imageExists } from './engine.ts';
import { removeBuildStages } from './manage-images.ts';
import type { ReleaseArtefacts } from './release/index.ts';
import { plannedImage, planImages, type ImagePlan } from './plan.ts';
import { Workshop } from './workshop.ts';

/** Tags of the images that a provider makes containers from. */
export interface ImageSet {
  readonly host: string;
  readonly observer: string;
}

export interface EnsureImagesOptions {
  readonly docker: Docker;
  readonly profile: Profile;
  /** What hosts are made of; default `host`, with Kubernetes in it. */
  readonly host?: HostImage;
  /** Where the full log of each build goes, as image-<name>.log; made when missing. */
  readonly logDir: string;
  readonly progress: ProgressListener;
  /** What was fetched of a profile that is a release, and the folder of its store. */
  readonly release?: { readonly artefacts: ReleaseArtefacts; readonly folder: string };
  readonly signal?: AbortSignal;
}

/**
 * Makes what is missing; when all is there, it costs the engine one question per image of the set.
 * @throws ImageBuildError, or the signal's reason
 */
export async function ensureImages(options: EnsureImagesOptions): Promise<ImageSet> {
  const { docker, release, host = 'host' } = options;
  const plan = await planImages(imageSpecs(options.profile, release?.artefacts));
  const wanted = [host, 'observer'] as const;
  if ((await missingFrom(plan, docker, wanted)).length > 0) {
    await mkdir(options.logDir, { recursive: true });
    const workshop = new Workshop({
      ...options,
      plan,
      pathInStore: (name) => join(release?.folder ?? '', name),
    });
    await Promise.allSettled(wanted.map((name) => workshop.reference(name)));
    try {
      await workshop.close();
    } finally {
      await removeBuildStages(docker);
    }
  }
  return { host: plannedImage(plan, host).tag, observer: plannedImage(plan, 'observer').tag };
}

/** Which images of the set are missing; nothing is built. */
export async function missingImages(docker: Docker, profile: Profile): Promise<readonly string[]> {
  return missingFrom(await planImages(imageSpecs(profile)), docker, PROVIDER_IMAGES);
}

async function missingFrom(
  plan: ImagePlan,
  docker: Docker,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const present = await Promise.all(wanted.map((name) => imageExists(docker, plannedImage(plan, name).tag)));
  return wanted.filter((_, index) => !present[index]);
}
