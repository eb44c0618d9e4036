// What of a release is in the store: which file has which name there. Kept beside them, so that a later command needs no mirror.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { COMPONENTS, PROGRAMS } from './layout.ts';
import type { ArtefactStore } from './store.ts';

const stored = z.string().regex(/^sha(256|512)-[0-9a-f]+$/);

const schema = z.strictObject({
  version: z.string(),
  programs: z.record(z.enum(PROGRAMS), stored),
  /** The archive of each image, and the name that the image has in it. */
  images: z.record(z.enum(COMPONENTS), z.strictObject({ archive: stored, reference: z.string() })),
});

export type ReleaseArtefacts = z.infer<typeof schema>;

function indexOf(version: string): string {
  return `releases/${version}.json`;
}

/** undefined unless every file of it is there. */
export async function rememberedRelease(
  store: ArtefactStore,
  version: string,
): Promise<ReleaseArtefacts | undefined> {
  const text = await readFile(store.pathOf(indexOf(version)), 'utf8').catch(() => undefined);
  const { data } = schema.safeParse(text === undefined ? undefined : parsedOrUndefined(text));
  if (!data) return undefined;
  const names = [
    ...Object.values(data.programs),
    ...Object.values(data.images).map(({ archive }) => archive),
  ];
  const present = await Promise.all(names.map((name) => store.has(name)));
  return present.every(Boolean) ? data : undefined;
}

export async function rememberRelease(store: ArtefactStore, artefacts: ReleaseArtefacts): Promise<void> {
  const path = store.pathOf(indexOf(artefacts.version));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(artefacts));
  await rename(`${path}.new`, path);
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
