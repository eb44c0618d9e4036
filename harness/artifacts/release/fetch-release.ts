// From a version and a mirror to verified files in the store. Nothing is installed before all of them are there.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsageError } from '../../core/errors.ts';
import type { ProgressListener } from '../../core/progress.ts';
import { readImageArchive } from '../bundle/image-archive.ts';
import { ALGORITHMS, parseChecksum, type Digest } from './digest.ts';
import { COMPONENTS, filePath, FILES, PROGRAMS, serverArchivePath, type Component } from './layout.ts';
import { readText, type Mirror } from './mirror.ts';
import { rememberRelease, type ReleaseArtefacts } from './release-artefacts.ts';
import { unpackServerArchive } from './server-archive.ts';
import { persistently } from './persistently.ts';
import { notThere, RETRIES, type ArtefactStore } from './store.ts';

export interface FetchReleaseOptions {
  readonly version: string;
  readonly mirror: Mirror;
  readonly store: ArtefactStore;
  readonly progress: ProgressListener;
  readonly signal: AbortSignal;
  /** How often a download that broke off is taken up again. */
  readonly retries?: number;
}

/** @throws UsageError for a release that is not there, damaged or another; EnvironmentError when the mirror breaks off */
export async function fetchRelease(options: FetchReleaseOptions): Promise<ReleaseArtefacts> {
  const { version, store } = options;
  const names = (await obtainFiles(options)) ?? (await obtainArchive(options));
  const nameOf = (file: string): string => {
    const name = names.get(file);
    if (name === undefined) throw new Error(`${file} is no file of a release`);
    return name;
  };
  for (const program of PROGRAMS) await requireProgram(store.pathOf(nameOf(program)), program);
  const images = await Promise.all(
    COMPONENTS.map(async (component) => {
      const archive = nameOf(`${component}.tar`);
      const reference = await requireImage(store.pathOf(archive), component, version);
      return [component, { archive, reference }] as const;
    }),
  );
  const artefacts: ReleaseArtefacts = {
    version,
    programs: { kubelet: nameOf('kubelet'), kubeadm: nameOf('kubeadm'), kubectl: nameOf('kubectl') },
    images: Object.fromEntries(images) as ReleaseArtefacts['images'],
  };
  await rememberRelease(store, artefacts);
  return artefacts;
}

/** File by file; undefined when the mirror does not have them so. */
async function obtainFiles(options: FetchReleaseOptions): Promise<ReadonlyMap<string, string> | undefined> {
  const { version, mirror } = options;
  const names = new Map<string, string>();
  for (const file of FILES) {
    const path = filePath(version, file);
    const digest = await publishedDigest(path, options);
    if (!digest && names.size === 0) return undefined;
    if (!digest) throw notThere(mirror.where(`${path}.sha256`));
    names.set(file, await options.store.obtain({ ...options, path, digest }));
  }
  return names;
}

async function obtainArchive(options: FetchReleaseOptions): Promise<ReadonlyMap<string, string>> {
  const { version, mirror, store } = options;
  const path = serverArchivePath(version);
  const digest = await publishedDigest(path, options);
  if (!digest) {
    const asked = [filePath(version, 'kubelet'), path].map((one) => mirror.where(`${one}.sha256`));
    throw new UsageError(`the mirror has no Kubernetes ${version}: neither ${asked.join(' nor ')} is there`, {
      hint: 'is the version right, and does --mirror name what stands before /<version>/? See docs/release.md',
    });
  }
  const archive = store.pathOf(await store.obtain({ ...options, path, digest }));
  return unpackServerArchive(archive, mirror.where(path), store);
}

async function publishedDigest(
  path: string,
  { mirror, progress, signal, retries = RETRIES }: FetchReleaseOptions,
): Promise<Digest | undefined> {
  const persistence = { retries, signal, onFailure: (text: string) => progress.output(path, text) };
  for (const algorithm of ALGORITHMS) {
    const where = mirror.where(`${path}.${algorithm}`);
    const text = await persistently(where, persistence, () =>
      readText(mirror, `${path}.${algorithm}`, signal),
    );
    if (text !== undefined) return parseChecksum(text, algorithm, where);
  }
  return undefined;
}

const ELF = Buffer.from('7f454c46', 'hex');
const X86_64 = 0x3e;

/** A checksum only says that the file is what the mirror has: a mirror may have another platform's. */
async function requireProgram(path: string, program: string): Promise<void> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(20), 0, 20);
    if (bytesRead === 20 && buffer.subarray(0, 4).equals(ELF) && buffer[18] === X86_64) return;
  } finally {
    await handle.close();
  }
  throw new UsageError(`${program}: it is no program for linux/amd64`, {
    hint: 'the mirror has another file under this name: ask who runs it',
  });
}

/** The one name that the image has in its archive. @throws UsageError when it is another image than meant */
async function requireImage(path: string, component: Component, version: string): Promise<string> {
  const where = `${component}.tar`;
  const { images } = await readImageArchive(createReadStream(path, { highWaterMark: 256 * 1024 }), where);
  const [reference] = images.flatMap(({ names }) => names);
  const isMeant = images.length === 1 && images[0]?.architecture === 'amd64' && reference !== undefined;
  const names = [`${component}:${version}`, `${component}-amd64:${version}`];
  if (isMeant && names.some((name) => reference === name || reference.endsWith(`/${name}`))) return reference;
  throw new UsageError(
    `${where}: it holds ${reference ?? 'an image without a name'} for ${images[0]?.architecture ?? 'unknown machines'}; ` +
      `expected the one image ${component}:${version} for amd64`,
    { hint: 'the mirror has another file under this name: ask who runs it' },
  );
}
