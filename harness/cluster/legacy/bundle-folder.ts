// The folder that a person brings for v1.4.5, as the plan asks for its files. Whether they are what they say they are is asked by
// `holdfast bundle verify`.
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { asError, UsageError } from '../../core/errors.ts';
import type { SeedPlan } from '../../profiles/v1.4.5/plan.ts';

export interface BundleFolder {
  readonly path: string;
  /** Paths in it, in order. */
  readonly files: readonly string[];
}

/** @throws UsageError when it cannot be read */
export async function openBundle(path: string): Promise<BundleFolder> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(path, sep).length));
    return { path, files: files.toSorted() };
  } catch (thrown) {
    throw new UsageError(`the bundle ${path} cannot be read: ${asError(thrown).message}`, {
      cause: thrown,
      hint: 'a folder with the files that docs/seed-v1.4.5.md names',
    });
  }
}

/** @param pattern a path in the bundle, in which * stands for any part of a name */
export function filesLike({ files }: BundleFolder, pattern: string): readonly string[] {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('[^/]*')}$`);
  return files.filter((file) => expression.test(file));
}

export function readBundleFile({ path }: BundleFolder, file: string): Promise<Buffer> {
  return readFile(join(path, file));
}

/** @throws UsageError that names all that the plan asks for and the bundle has not */
export function requireWhole(bundle: BundleFolder, plan: SeedPlan): void {
  const wanted = plan.rows.flatMap(({ hosts }) => hosts.flatMap(({ deeds }) => deeds));
  const missing = wanted.flatMap((deed) =>
    deed.kind === 'bring' && !deed.optional && filesLike(bundle, deed.files).length === 0 ? deed.files : [],
  );
  if (missing.length === 0) return;
  throw new UsageError(`the bundle ${bundle.path} lacks ${[...new Set(missing)].join(', ')}`, {
    hint: 'docs/seed-v1.4.5.md says what belongs into it',
  });
}
