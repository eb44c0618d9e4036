// An archive of container images: what `docker save` of any age writes, and the OCI layout. Every digest that the archive itself
// names is compared with the bytes that are there.
import { ArchiveFiles, type SavedImage } from './archive-files.ts';
import type { Bytes } from './byte-reader.ts';
import { unpacked } from './decompress.ts';
import { imagesOfDockerSave, imagesOfRepositories } from './docker-save.ts';
import { imagesOfOciLayout } from './oci-layout.ts';
import { tarEntries } from './tar-walk.ts';

export interface ImageArchive {
  readonly format: 'docker-save' | 'docker-save before 1.10' | 'oci';
  readonly images: readonly SavedImage[];
}

/** Reads all of it, compressed or not. @throws BundleRefusal */
export async function readImageArchive(source: Bytes, where: string): Promise<ImageArchive> {
  const files = new ArchiveFiles(where);
  for await (const entry of tarEntries(unpacked(source, where), where)) await files.add(entry);
  files.requireLinksInside();
  if (files.has('manifest.json')) return { format: 'docker-save', images: imagesOfDockerSave(files) };
  if (files.has('index.json')) return { format: 'oci', images: imagesOfOciLayout(files) };
  if (files.has('repositories'))
    return { format: 'docker-save before 1.10', images: imagesOfRepositories(files) };
  throw files.refusal(
    undefined,
    'it has neither manifest.json, index.json nor repositories',
    'an archive that docker save or an OCI tool wrote',
  );
}
