// The stand-in for the seed's bundle, built on a host of the lab, as the machine itself need not have rpmbuild.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBundle, type BundleFolder } from '../../harness/cluster/legacy/bundle-folder.ts';
import type { Host } from '../../harness/core/host.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const PLACE = '/run/stand-in';

export async function buildStandInBundle(host: Host, folder: string): Promise<BundleFolder> {
  for (const part of ['legacy', 'seed/outputs']) {
    for (const entry of readdirSync(join(FIXTURES, part), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await host.upload(join(PLACE, relative(FIXTURES, path)), readFileSync(path), { mode: 0o755 });
    }
  }
  await host.run([`${PLACE}/legacy/build-bundle.sh`, `${PLACE}/bundle`], { timeoutMs: 120_000 });
  const { stdout } = await host.run(['find', `${PLACE}/bundle`, '-type', 'f']);
  for (const path of stdout.trim().split('\n')) {
    const here = join(folder, relative(`${PLACE}/bundle`, path));
    mkdirSync(dirname(here), { recursive: true });
    writeFileSync(here, await host.download(path));
  }
  await host.run(['rm', '-rf', PLACE]);
  return openBundle(folder);
}
