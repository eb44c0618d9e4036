// What images of ours the engine has, and how they go away again. Found by label, whoever made them.
import type Docker from 'dockerode';
import { asError } from '../core/errors.ts';
import { httpStatusOf } from '../core/http-status.ts';
import { BAKE_LABEL_VALUE, IMAGE_LABEL_VALUE, labelFilter, NAME_LABEL, STAGE_LABEL_VALUE } from './engine.ts';

export interface ImageListing {
  readonly name: string;
  /** undefined when a newer build took the tag, or none was given. */
  readonly tag: string | undefined;
  readonly id: string;
  /** With the layers it shares with others. */
  readonly sizeBytes: number;
  readonly createdAt: Date;
}

export interface RemovedImages {
  /** Tags, or ids of what had none. */
  readonly removed: readonly string[];
  /** Disk space that the engine got back, layers counted once. */
  readonly freedBytes: number;
  readonly kept: readonly { readonly image: string; readonly reason: string }[];
}

export async function listImages(docker: Docker): Promise<readonly ImageListing[]> {
  const images = await docker.listImages({ filters: labelFilter(IMAGE_LABEL_VALUE) });
  return images
    .map((image) => ({
      name: image.Labels[NAME_LABEL] ?? '',
      tag: tagsOf(image)[0],
      id: image.Id,
      sizeBytes: image.Size,
      createdAt: new Date(image.Created * 1000),
    }))
    .sort((one, other) => one.name.localeCompare(other.name) || +other.createdAt - +one.createdAt);
}

/** Removes every image of ours with what its build left behind. Images that a container uses are kept, and named. */
export async function removeImages(docker: Docker): Promise<RemovedImages> {
  const bytesBefore = await layersBytes(docker);
  const images = await docker.listImages({ filters: labelFilter(IMAGE_LABEL_VALUE) });
  // Children first: an image cannot go while another is made from it.
  images.sort((one, other) => other.Created - one.Created);
  const outcomes = [...(await removeAll(docker, images)), ...(await removeBuildRemains(docker))];
  return {
    removed: outcomes.filter((one) => one.reason === undefined).map((one) => one.image),
    kept: outcomes.flatMap(({ image, reason }) => (reason === undefined ? [] : [{ image, reason }])),
    freedBytes: Math.max(0, bytesBefore - (await layersBytes(docker))),
  };
}

interface Removal {
  readonly image: string;
  /** Why it is still there, if it is. */
  readonly reason: string | undefined;
}

/** Untagged stages of multi-stage builds: the compiler and its caches, of no use once the result is there. */
export async function removeBuildStages(docker: Docker): Promise<readonly Removal[]> {
  const filters = { ...labelFilter(STAGE_LABEL_VALUE), dangling: ['true'] };
  return removeAll(docker, await docker.listImages({ filters }));
}

/** All that builds leave behind when their process was killed. Not while one goes on: it would lose its ground. */
export async function removeBuildRemains(docker: Docker): Promise<readonly Removal[]> {
  const containers = await docker.listContainers({ all: true, filters: labelFilter(BAKE_LABEL_VALUE) });
  for (const { Id: id } of containers) await docker.getContainer(id).remove({ force: true, v: true });
  return removeBuildStages(docker);
}

async function removeAll(docker: Docker, images: readonly Docker.ImageInfo[]): Promise<readonly Removal[]> {
  const removals: Removal[] = [];
  for (const image of images) {
    const tags = tagsOf(image);
    for (const reference of tags.length > 0 ? tags : [image.Id]) {
      removals.push({ image: reference, reason: await removeOne(docker, reference) });
    }
  }
  return removals;
}

async function removeOne(docker: Docker, reference: string): Promise<string | undefined> {
  try {
    await docker.getImage(reference).remove();
    return undefined;
  } catch (thrown) {
    return httpStatusOf(thrown) === 404 ? undefined : asError(thrown).message;
  }
}

function tagsOf(image: Docker.ImageInfo): readonly string[] {
  return (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
}

async function layersBytes(docker: Docker): Promise<number> {
  const usage = (await docker.df()) as { readonly LayersSize: number };
  return usage.LayersSize;
}
