// What `docker save` says of its images: manifest.json since Docker 1.10, repositories before.
import { z } from 'zod';
import type { ArchiveFiles, SavedImage } from './archive-files.ts';

const path = z.string().min(1).max(1024);
const manifestSchema = z
  .array(
    z.object({
      Config: path,
      RepoTags: z.array(z.string().max(512)).nullish(),
      Layers: z.array(path).max(1024),
    }),
  )
  .min(1)
  .max(256);
export const configSchema = z.object({
  architecture: z.string().max(64).optional(),
  rootfs: z.object({ diff_ids: z.array(z.string().max(128)).max(1024).nullish() }).optional(),
});
const repositoriesSchema = z.record(z.string().max(512), z.record(z.string().max(256), z.string().max(256)));

export function imagesOfDockerSave(files: ArchiveFiles): SavedImage[] {
  const manifest = parsed(files, 'manifest.json', 'docker load', manifestSchema);
  return manifest.map(({ Config: config, RepoTags: names, Layers: layers }) => {
    const digest = /([0-9a-f]{64})(\.json)?$/.exec(config)?.[1];
    const { sha256 } = files.digestOf(config, 'manifest.json');
    if (digest !== undefined && digest !== sha256) {
      throw files.refusal(
        config,
        `its content has the digest ${sha256}`,
        `${digest}, its name: it is damaged`,
      );
    }
    const { architecture, rootfs } = parsed(files, config, 'manifest.json', configSchema);
    verifyLayers(files, layers, rootfs?.diff_ids ?? [], config);
    return { names: names ?? [], layers: layers.length, ...(architecture !== undefined && { architecture }) };
  });
}

/** The digests in the configuration are those of the layers uncompressed. */
function verifyLayers(
  files: ArchiveFiles,
  layers: readonly string[],
  digests: readonly string[],
  config: string,
): void {
  if (layers.length !== digests.length) {
    throw files.refusal(
      config,
      `it names ${digests.length} layers`,
      `${layers.length}, as manifest.json does`,
    );
  }
  layers.forEach((layer, index) => {
    const { sha256, isGzip } = files.digestOf(layer, 'manifest.json');
    if (isGzip || digests[index] === `sha256:${sha256}`) return;
    throw files.refusal(
      layer,
      `its content has the digest sha256:${sha256}`,
      `${digests[index] ?? ''}: it is damaged`,
    );
  });
}

export function imagesOfRepositories(files: ArchiveFiles): SavedImage[] {
  const repositories = parsed(files, 'repositories', 'docker load', repositoriesSchema);
  const images = Object.entries(repositories).flatMap(([repository, tags]) =>
    Object.entries(tags).map(([tag, layer]) => {
      files.digestOf(`${layer}/layer.tar`, 'repositories');
      return { names: [`${repository}:${tag}`], layers: 1 };
    }),
  );
  if (images.length === 0) throw files.refusal('repositories', 'it names no image', 'one at least');
  return images;
}

/** @throws BundleRefusal that names the key which is not as it should be */
export function parsed<T>(files: ArchiveFiles, name: string, neededBy: string, schema: z.ZodType<T>): T {
  const { data, error } = schema.safeParse(files.json(name, neededBy));
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  const key = issue?.path.join('.') ?? '';
  throw files.refusal(
    name,
    `${key === '' ? 'it' : key} is not as it should be`,
    issue?.message ?? 'another form',
  );
}
