// What an OCI image layout says of its images: index.json, and indexes of several architectures below it.
import { z } from 'zod';
import { configSchema, parsed } from './docker-save.ts';
import type { ArchiveFiles, SavedImage } from './archive-files.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest such as sha256:…');
const indexSchema = z.object({
  manifests: z
    .array(
      z.object({
        digest,
        mediaType: z.string().max(256).optional(),
        platform: z.object({ architecture: z.string().max(64), os: z.string().max(64) }).optional(),
        annotations: z.record(z.string(), z.string().max(1024)).optional(),
      }),
    )
    .max(256),
});
const manifestSchema = z.object({
  config: z.object({ digest }),
  layers: z.array(z.object({ digest })).max(1024),
});

type Descriptor = z.infer<typeof indexSchema>['manifests'][number];

/** containerd's is the full name; the standard's is often the tag alone. */
const NAMES = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'] as const;

export function imagesOfOciLayout(files: ArchiveFiles): SavedImage[] {
  const { manifests } = parsed(files, 'index.json', 'the OCI layout', indexSchema);
  const images = manifests.flatMap((descriptor) => imagesOf(files, descriptor, 'index.json'));
  if (images.length === 0) throw files.refusal('index.json', 'it names no image', 'one at least');
  return images;
}

function imagesOf(files: ArchiveFiles, descriptor: Descriptor, neededBy: string): SavedImage[] {
  const name = NAMES.map((key) => descriptor.annotations?.[key]).find((one) => one !== undefined);
  const names = name === undefined ? [] : [name];
  if (!/\.(index|list)\./.test(descriptor.mediaType ?? ''))
    return [imageOf(files, descriptor.digest, names, neededBy)];
  const list = blob(descriptor.digest);
  const { manifests } = parsed(files, list, neededBy, indexSchema);
  // An index names all architectures; an archive of it may hold only some.
  const present = manifests.filter((one) => files.has(blob(one.digest)) && one.platform?.os !== 'unknown');
  if (present.length === 0)
    throw files.refusal(list, 'no image that it names is in the archive', 'one at least');
  return present.map((one) => imageOf(files, one.digest, names, list));
}

function imageOf(files: ArchiveFiles, of: string, names: readonly string[], neededBy: string): SavedImage {
  const manifest = parsed(files, blob(of), neededBy, manifestSchema);
  for (const layer of manifest.layers) files.digestOf(blob(layer.digest), blob(of));
  const { architecture } = parsed(files, blob(manifest.config.digest), blob(of), configSchema);
  return { names, layers: manifest.layers.length, ...(architecture !== undefined && { architecture }) };
}

function blob(of: string): string {
  return `blobs/${of.replace(':', '/')}`;
}
