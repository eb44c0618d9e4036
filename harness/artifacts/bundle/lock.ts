// bundle.lock.json: the checksums that a bundle had when somebody vouched for it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asError, UsageError } from '../../core/errors.ts';
import { LOCK_FILE, type BundleFile } from './contents.ts';

const schema = z.strictObject({
  schemaVersion: z.literal(1),
  profile: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string().min(1),
      sizeBytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
    }),
  ),
});

export type BundleLock = z.infer<typeof schema>;

/** undefined when there is none. @throws UsageError for one that cannot be read */
export async function readLock(folder: string): Promise<BundleLock | undefined> {
  const path = join(folder, LOCK_FILE);
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const [issue] = thrown instanceof z.ZodError ? thrown.issues : [];
    const found = issue ? `${issue.path.join('.')}: ${issue.message}` : asError(thrown).message;
    throw new UsageError(
      `${path}: the lock file cannot be read: ${found}; expected what holdfast bundle lock writes`,
      {
        cause: asError(thrown),
        hint: 'get it again from where the bundle came from; if you trust the files as they are: holdfast bundle lock --replace',
      },
    );
  }
}

/** Whole or not at all. */
export async function writeLock(
  folder: string,
  profile: string,
  files: readonly BundleFile[],
): Promise<string> {
  const lock: BundleLock = { schemaVersion: 1, profile, files: [...files] };
  const path = join(folder, LOCK_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(lock, null, 2)}\n`);
  await rename(`${path}.new`, path);
  return path;
}

/** In words, one for each file that is not as the lock has it. */
export function deviationsFromLock(files: readonly BundleFile[], lock: BundleLock): string[] {
  const now = new Map(files.map((file) => [file.path, file]));
  const then = new Set(lock.files.map(({ path }) => path));
  const changed = lock.files.flatMap(({ path, sizeBytes, sha256 }) => {
    const file = now.get(path);
    if (!file) return [`${path} is gone`];
    if (file.sha256 === sha256) return [];
    return [
      `${path} is another file: sha256 ${file.sha256} (${file.sizeBytes} bytes), expected ${sha256} (${sizeBytes} bytes)`,
    ];
  });
  return [...changed, ...files.filter(({ path }) => !then.has(path)).map(({ path }) => `${path} is new`)];
}
