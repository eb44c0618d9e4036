// The box that the machines are made of: made once for each state of vagrant/box, as images are.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLocal } from '../../harness/hosts/local.ts';
import { stateDirectory } from '../../harness/providers/state-directory.ts';

const SOURCE = fileURLToPath(new URL('../../vagrant/box', import.meta.url));
const BUILD_TIMEOUT_MS = 1_800_000;

/** @returns the path of the box */
export async function ensureBox(say: (text: string) => void): Promise<string> {
  const folder = join(stateDirectory(), 'boxes');
  const box = join(folder, `debian-${await digest()}.box`);
  if (existsSync(box)) return box;
  await mkdir(folder, { recursive: true });
  say('making the box of Debian’s packages');
  const startedAt = performance.now();
  await runLocal([join(SOURCE, 'build.sh'), box], { timeoutMs: BUILD_TIMEOUT_MS });
  for (const name of await readdir(folder)) {
    if (!box.endsWith(name)) await rm(join(folder, name), { force: true });
  }
  say(`made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${box}`);
  return box;
}

/** Of what the box is made of; Debian's packages have no say, as with images. */
async function digest(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(SOURCE, { recursive: true, withFileTypes: true });
  for (const path of entries
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()) {
    hash.update(path.slice(SOURCE.length)).update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 12);
}
