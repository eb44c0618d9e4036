// Releases: official binaries and images, from a mirror that the user names.
import { resolve } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import type { ProgressListener } from '../../core/progress.ts';
import { fetchRelease } from './fetch-release.ts';
import { FolderMirror } from './folder-mirror.ts';
import { HttpMirror } from './http-mirror.ts';
import type { Mirror } from './mirror.ts';
import { rememberedRelease, type ReleaseArtefacts } from './release-artefacts.ts';
import { ArtefactStore } from './store.ts';

export type { ReleaseArtefacts } from './release-artefacts.ts';

/** Names the mirror where no flag does. */
export const MIRROR_VARIABLE = 'HOLDFAST_RELEASE_MIRROR';

export interface EnsureReleaseOptions {
  readonly version: string;
  /** A folder, or a base URL. Without one only what was fetched before is there. */
  readonly mirror: string | undefined;
  /** Of the store. */
  readonly folder: string;
  readonly progress: ProgressListener;
  readonly signal: AbortSignal;
}

/** @throws UsageError when no mirror is named and nothing was fetched before */
export async function ensureRelease(options: EnsureReleaseOptions): Promise<ReleaseArtefacts> {
  const { version, mirror, folder } = options;
  const store = new ArtefactStore(folder);
  if (mirror !== undefined) return fetchRelease({ ...options, mirror: mirrorFrom(mirror), store });
  const remembered = await rememberedRelease(store, version);
  if (remembered) return remembered;
  throw new UsageError(
    `nobody says where Kubernetes ${version} is to come from, and it was not fetched before`,
    {
      hint: `--mirror <folder or base URL>, or ${MIRROR_VARIABLE}; docs/release.md says what has to be there`,
    },
  );
}

/** @throws UsageError for a URL of another kind */
export function mirrorFrom(place: string): Mirror {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return new FolderMirror(resolve(place));
  const url = URL.canParse(place) ? new URL(place) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol)) return new HttpMirror(url);
  throw new UsageError(
    `--mirror ${place}: no mirror can be read there; expected a folder, or an http(s) URL`,
    {
      hint: 'such as --mirror ~/mirror, or the address that stands before /v1.31.4/',
    },
  );
}
