// A build context: the files of one folder under fixtures/images, the same bytes and modes on every machine.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';

export interface ContextFile {
  /** Path inside the context, with forward slashes. */
  readonly path: string;
  /** 0o755 or 0o644: what a checkout keeps of a mode. */
  readonly mode: number;
  readonly content: Buffer;
}

const imagesFolder = fileURLToPath(new URL('../../fixtures/images/', import.meta.url));

export function contextFolder(name: string): string {
  return join(imagesFolder, name);
}

/** Every file of the folder but tests, sorted by path. */
export async function readContext(folder: string): Promise<readonly ContextFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  return Promise.all(
    paths.map(async (path) => {
      const file = join(folder, path);
      const executable = ((await stat(file)).mode & 0o100) !== 0;
      return { path, mode: executable ? 0o755 : 0o644, content: await readFile(file) };
    }),
  );
}

/** A tar archive with one fixed time stamp, so that the engine's build cache sees the same files every time. */
export async function packContext(files: readonly ContextFile[]): Promise<Buffer> {
  const archive = pack();
  for (const file of files) {
    archive.entry({ name: file.path, mode: file.mode, mtime: new Date(0) }, file.content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
