// Everything in a bundle's folder, read once: packages, images, manifests, and the digest of each file.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { asError, UsageError } from '../../core/errors.ts';
import type { ProgressListener } from '../../core/progress.ts';
import { nearestName } from '../../core/suggest.ts';
import type { BundlePlan, PlannedArchive } from '../../profiles/bundle-plan.ts';
import { drain, watched, type Bytes } from './byte-reader.ts';
import { unpacked } from './decompress.ts';
import { readImageArchive, type ImageArchive } from './image-archive.ts';
import { FOLDER_LIMITS } from './limits.ts';
import { imagesInManifest, MANIFEST_NAME } from './network-manifest.ts';
import { BundleRefusal, inside, printable } from './refusal.ts';
import { readRpm, type RpmPackage } from './rpm.ts';
import { tarEntries } from './tar-walk.ts';

/** The file with the checksums, in the bundle's folder. */
export const LOCK_FILE = 'bundle.lock.json';

export interface BundleFile {
  /** Relative to the bundle's folder, with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface FoundRpm {
  readonly where: string;
  readonly file: string;
  readonly rpm: RpmPackage;
}

export interface FoundImages {
  readonly where: string;
  readonly file: string;
  readonly archive: ImageArchive;
}

export interface FoundManifest {
  readonly where: string;
  /** Every image that its objects name. */
  readonly images: readonly string[];
}

export interface BundleContents {
  readonly files: readonly BundleFile[];
  readonly rpms: readonly FoundRpm[];
  readonly images: readonly FoundImages[];
  readonly manifests: readonly FoundManifest[];
  /** What is there and of no use, by place. */
  readonly others: readonly string[];
}

export interface ReadBundleOptions {
  readonly folder: string;
  readonly plan: BundlePlan;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

interface Found {
  readonly rpms: FoundRpm[];
  readonly images: FoundImages[];
  readonly manifests: FoundManifest[];
  readonly others: string[];
}

/** @throws BundleRefusal for the first file that is damaged, harmful or wrongly named */
export async function readBundle(options: ReadBundleOptions): Promise<BundleContents> {
  const paths = await pathsIn(options.folder);
  for (const path of paths) requireKnownName(path, options.plan);
  const found: Found = { rpms: [], images: [], manifests: [], others: [] };
  const files: BundleFile[] = [];
  for (const path of paths) files.push(await readFileOf(path, options, found));
  return { files, ...found };
}

async function pathsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
    throw new UsageError(`${folder}: the bundle's folder cannot be read`, {
      cause: asError(thrown),
      hint: 'docs/bundle.md says what belongs into it',
    });
  });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const wanted = paths.filter((path) => path !== LOCK_FILE).sort();
  if (
    wanted.length > FOLDER_LIMITS.files ||
    wanted.some((path) => path.split('/').length > FOLDER_LIMITS.depth)
  ) {
    throw new UsageError(
      `${folder}: ${wanted.length} files, or folders more than ${FOLDER_LIMITS.depth} deep; expected a bundle's folder`,
      { hint: 'name the folder that holds the archives, not one above it' },
    );
  }
  return wanted;
}

const COMPRESSED = /\.(tar\.(gz|xz|zst|bz2)|tgz|zip)$/;

/** A compressed archive that nobody reads is mostly one with a slip in its name. */
function requireKnownName(path: string, plan: BundlePlan): void {
  const name = posix.basename(path);
  const names = plan.archives.map(({ file }) => file);
  if (!COMPRESSED.test(name) || names.includes(path) || isOfNetwork(path, plan)) return;
  const meant = nearestName(name, names) ?? names.join(' or ');
  throw new BundleRefusal({
    where: printable(path),
    found: 'no archive of this name belongs into a bundle',
    expected: names.join(', ') + `, or images under ${plan.network.folder}/`,
    todo: `if it is ${meant}, rename it (the design document's own spelling counts); else move it out of the folder`,
  });
}

function isOfNetwork(path: string, plan: BundlePlan): boolean {
  return path.startsWith(`${plan.network.folder}/`);
}

/** Reads one file to its end, once: what it is, and its digest. */
async function readFileOf(path: string, options: ReadBundleOptions, found: Found): Promise<BundleFile> {
  const { folder, progress, signal } = options;
  const onDisk = join(folder, path);
  const size = await sizeOf(onDisk, path);
  const hash = createHash('sha256');
  let bytesRead = 0;
  const startedAtMs = performance.now();
  progress.started(path);
  const chunks = watched(
    createReadStream(onDisk, { highWaterMark: 256 * 1024, ...(signal && { signal }) }),
    (chunk) => {
      hash.update(chunk);
      bytesRead += chunk.byteLength;
      progress.output(path, `${megabytes(bytesRead)} of ${megabytes(size)} MB`);
    },
  );
  try {
    await readInto(found, path, chunks, options.plan);
    await drain(chunks);
  } catch (thrown) {
    signal?.throwIfAborted();
    progress.failed(path, performance.now() - startedAtMs, asError(thrown));
    throw thrown;
  }
  progress.finished(path, performance.now() - startedAtMs);
  return { path, sizeBytes: bytesRead, sha256: hash.digest('hex') };
}

async function sizeOf(onDisk: string, path: string): Promise<number> {
  const status = await stat(onDisk).catch(() => undefined);
  if (status?.isFile()) return status.size;
  throw new BundleRefusal({
    where: printable(path),
    found: 'it is neither a file nor a link to one',
    expected: 'a plain file',
    todo: 'put the file itself there, or move the entry out of the folder',
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

async function readInto(found: Found, path: string, chunks: Bytes, plan: BundlePlan): Promise<void> {
  const archive = plan.archives.find(({ file }) => file === path);
  if (archive) await readArchive(found, archive, chunks);
  else await readPart(found, path, path, chunks, plan);
}

async function readArchive(found: Found, archive: PlannedArchive, chunks: Bytes): Promise<void> {
  const ending = archive.holds === 'rpms' ? '.rpm' : '.tar';
  for await (const entry of tarEntries(unpacked(chunks, archive.file), archive.file)) {
    const where = inside(archive.file, entry.name);
    if (entry.kind === 'link') {
      throw new BundleRefusal({
        where,
        found: 'it is a link',
        expected: `plain files that end in ${ending}`,
        todo: 'pack the archive again with the files themselves (tar --dereference)',
      });
    }
    const file = posix.basename(entry.name);
    if (!file.endsWith(ending)) found.others.push(where);
    else if (archive.holds === 'rpms')
      found.rpms.push({ where, file, rpm: await readRpm(entry.content, where) });
    else found.images.push({ where, file, archive: await readImageArchive(entry.content, where) });
  }
}

async function readPart(
  found: Found,
  where: string,
  path: string,
  chunks: Bytes,
  plan: BundlePlan,
): Promise<void> {
  const file = posix.basename(path);
  if (file.endsWith('.rpm')) found.rpms.push({ where, file, rpm: await readRpm(chunks, where) });
  else if (file.endsWith('.tar') || COMPRESSED.test(file)) {
    found.images.push({ where, file, archive: await readImageArchive(chunks, where) });
  } else if (isOfNetwork(path, plan) && MANIFEST_NAME.test(file)) {
    found.manifests.push({ where, images: await imagesInManifest(chunks, where) });
  } else found.others.push(where);
}
