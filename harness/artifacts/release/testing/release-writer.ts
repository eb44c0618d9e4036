// A release in the official layout for tests, with programs of a few bytes.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { dockerSave, tarOf } from '../../bundle/testing/archive-writer.ts';
import { ARCHIVE_FOLDER, COMPONENTS, filePath, PROGRAMS, serverArchivePath } from '../layout.ts';

export function checksum(algorithm: 'sha256' | 'sha512', content: Buffer): string {
  return createHash(algorithm).update(content).digest('hex');
}

/** An ELF header for x86-64, and enough after it to be cut. */
function program(name: string): Buffer {
  const bytes = Buffer.alloc(100_000, name);
  bytes.write('7f454c46', 0, 'hex');
  bytes[18] = 0x3e;
  return bytes;
}

export async function releaseFiles(version: string): Promise<Readonly<Record<string, Buffer>>> {
  const files: Record<string, Buffer> = {};
  for (const name of PROGRAMS) files[name] = program(name);
  for (const name of COMPONENTS) {
    files[`${name}.tar`] = await dockerSave([`k8s.gcr.io/${name}-amd64:${version}`]);
  }
  return files;
}

/** Each file by itself, with its checksum, below the folder. */
export async function writeFiles(
  folder: string,
  version: string,
  files: Readonly<Record<string, Buffer>>,
  algorithm: 'sha256' | 'sha512' = 'sha256',
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await put(join(folder, filePath(version, name)), content, algorithm);
  }
}

/** All in the server archive, with its checksum. */
export async function writeArchive(
  folder: string,
  version: string,
  files: Readonly<Record<string, Buffer>>,
): Promise<void> {
  const entries = Object.entries(files).map(([name, content]) => ({
    name: `${ARCHIVE_FOLDER}${name}`,
    content,
  }));
  const notes = { name: 'kubernetes/LICENSES', content: 'something else' };
  await put(join(folder, serverArchivePath(version)), gzipSync(await tarOf([notes, ...entries])), 'sha512');
}

async function put(path: string, content: Buffer, algorithm: 'sha256' | 'sha512'): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await writeFile(`${path}.${algorithm}`, checksum(algorithm, content));
}
