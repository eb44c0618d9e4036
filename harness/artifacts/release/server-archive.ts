// kubernetes-server-linux-amd64.tar.gz: the files that a cluster needs, out of it and into the store.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { UsageError } from '../../core/errors.ts';
import { unpacked } from '../bundle/decompress.ts';
import { tarEntries, type TarEntry } from '../bundle/tar-walk.ts';
import { ARCHIVE_FOLDER, FILES } from './layout.ts';
import type { ArtefactStore } from './store.ts';

/** File → its name in the store. @throws UsageError for an archive that lacks one of them or is damaged */
export async function unpackServerArchive(
  archive: string,
  where: string,
  store: ArtefactStore,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const bytes = createReadStream(archive, { highWaterMark: 256 * 1024 });
  for await (const entry of tarEntries(unpacked(bytes, where), where)) {
    const file = FILES.find((one) => entry.name === `${ARCHIVE_FOLDER}${one}`);
    if (file !== undefined && entry.kind === 'file') names.set(file, await adopt(entry, store));
  }
  const missing = FILES.filter((file) => !names.has(file));
  if (missing.length > 0) {
    throw new UsageError(
      `${where}: it lacks ${missing.join(', ')}; expected them under ${ARCHIVE_FOLDER} in it`,
      { hint: 'is it the archive of the server binaries, for linux/amd64?' },
    );
  }
  return names;
}

async function adopt({ name, content }: TarEntry, store: ArtefactStore): Promise<string> {
  const part = store.pathOf(`unpacking-${process.pid}-${name.replaceAll('/', '-')}`);
  const handle = await open(part, 'w');
  const hash = createHash('sha256');
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  } finally {
    await handle.close();
  }
  return store.adopt(part, { algorithm: 'sha256', hex: hash.digest('hex') });
}
