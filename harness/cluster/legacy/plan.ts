// The plan for v1.4.5 on a topology, with the choices that a bundle settles.
import { readFile } from 'node:fs/promises';
import type { Topology } from '../../core/topology.ts';
import { manifestOfThatAge } from '../../profiles/v1.4.5/edits.ts';
import { planSeed, type SeedPlan } from '../../profiles/v1.4.5/plan.ts';
import type { Choices } from '../../profiles/v1.4.5/row.ts';
import { filesLike, type BundleFolder } from './bundle-folder.ts';

const LOGAPI = new URL('../../../fixtures/manifests/logapi.yaml', import.meta.url);

/** What is installed from rpms of the distribution where the bundle has them, else from a repository, as in the seed. */
const OF_THE_DISTRIBUTION = ['etcd', 'keepalived'] as const;

export async function planFor(
  topology: Topology,
  said: Partial<Choices>,
  bundle?: BundleFolder,
): Promise<SeedPlan> {
  const brought = OF_THE_DISTRIBUTION.filter(
    (name) => bundle !== undefined && filesLike(bundle, `${name}-*.rpm`).length > 0,
  );
  const settled = Object.fromEntries(brought.map((name) => [name, 'rpm'] as const));
  const logapi = manifestOfThatAge(await readFile(LOGAPI, 'utf8'));
  return planSeed({ topology, choices: { ...settled, ...said }, logapi });
}
