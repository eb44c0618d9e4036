// Files by their digests, on this machine's disk: what is in the store was verified, and is never downloaded again.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asError, EnvironmentError, UsageError } from '../../core/errors.ts';
import type { ProgressListener } from '../../core/progress.ts';
import { digestName, type Digest } from './digest.ts';
import type { Mirror, MirrorFile } from './mirror.ts';
import { persistently } from './persistently.ts';

/** How often a download that broke off is taken up again. */
export const RETRIES = 5;
/** The largest file of a release is below 500 MB. */
const FILE_BYTES_MAX = 4 * 1024 ** 3;

export interface ObtainOptions {
  readonly mirror: Mirror;
  readonly path: string;
  readonly digest: Digest;
  readonly progress: ProgressListener;
  readonly signal: AbortSignal;
  /** How often a download that broke off is taken up again. */
  readonly retries?: number;
}

export class ArtefactStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the file with this digest is, or would be. */
  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  async has(name: string): Promise<boolean> {
    return access(this.pathOf(name)).then(
      () => true,
      () => false,
    );
  }

  /**
   * The name of the file in the store, downloaded unless it is there.
   * @throws UsageError when the mirror has no such file or another one than its checksum says; EnvironmentError when it breaks off
   */
  async obtain(options: ObtainOptions): Promise<string> {
    const name = digestName(options.digest);
    if (await this.has(name)) return name;
    await mkdir(this.#folder, { recursive: true });
    const { mirror, path, progress, signal, retries = RETRIES } = options;
    const startedAtMs = performance.now();
    progress.started(path);
    const persistence = { retries, signal, onFailure: (text: string) => progress.output(path, text) };
    try {
      await persistently(mirror.where(path), persistence, () => this.#download(name, options));
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asError(thrown);
      progress.failed(path, performance.now() - startedAtMs, error);
      throw error;
    }
    progress.finished(path, performance.now() - startedAtMs);
    return name;
  }

  /** A file that is already on this disk, moved into the store under its digest. */
  async adopt(file: string, digest: Digest): Promise<string> {
    const name = digestName(digest);
    await rename(file, this.pathOf(name));
    return name;
  }

  async #download(name: string, { mirror, path, digest, progress, signal }: ObtainOptions): Promise<void> {
    const part = `${this.pathOf(name)}.part`;
    const have = await stat(part).then(
      ({ size }) => size,
      () => 0,
    );
    const file = await mirror.open(path, have, signal);
    if (!file) throw notThere(mirror.where(path));
    const hash = createHash(digest.algorithm);
    if (file.startsAtByte > 0) await hashFile(part, hash);
    const bytes = await append(part, file, hash, (text) => progress.output(path, text));
    if (file.totalBytes !== undefined && bytes < file.totalBytes) {
      throw new EnvironmentError(`${mirror.where(path)}: cut off after ${bytes} of ${file.totalBytes} bytes`);
    }
    const found = hash.digest('hex');
    if (found !== digest.hex) {
      await rm(part);
      // The beginning may have been another file's; from the start there is no such excuse.
      if (file.startsAtByte > 0)
        throw new EnvironmentError(`${mirror.where(path)}: does not fit what was there before`);
      throw wrongChecksum(mirror.where(path), { algorithm: digest.algorithm, hex: found }, digest, bytes);
    }
    await rename(part, this.pathOf(name));
  }
}

/** Returns the size of the file afterwards. */
async function append(
  part: string,
  { startsAtByte, totalBytes, bytes: source }: MirrorFile,
  hash: Hash,
  say: (text: string) => void,
): Promise<number> {
  const handle = await open(part, startsAtByte > 0 ? 'a' : 'w');
  let bytes = startsAtByte;
  try {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > FILE_BYTES_MAX)
        throw new UsageError(`${part}: larger than ${FILE_BYTES_MAX} bytes; expected a file of a release`);
      hash.update(chunk);
      await handle.writeFile(chunk);
      say(`${megabytes(bytes)}${totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`} MB`);
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

export function notThere(where: string): UsageError {
  return new UsageError(`${where}: the mirror has no such file; expected a release in the official layout`, {
    hint: 'is the version right, and does --mirror name what stands before /<version>/? See docs/release.md',
  });
}

function wrongChecksum(where: string, found: Digest, expected: Digest, bytes: number): UsageError {
  return new UsageError(
    `${where}: wrong checksum of its ${bytes} bytes: ${found.algorithm} ${found.hex}; expected ${expected.hex}. ` +
      'It was deleted; nothing was installed',
    { hint: 'the mirror has a damaged file or a wrong checksum: ask who runs it, or take another mirror' },
  );
}
