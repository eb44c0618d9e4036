// The labs that exist now, whoever made them. Asking never installs or starts anything.
import { EnvironmentError, UsageError } from '../core/errors.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Lab, LabDescriptor, Provider } from '../core/provider.ts';
import { unknownName } from '../core/suggest.ts';
import { PROVIDERS } from '../providers/index.ts';
import { InventoryProvider } from '../providers/inventory.ts';

export interface FoundLab {
  readonly descriptor: LabDescriptor;
  readonly attach: () => Promise<Lab>;
}

/** The providers that can be asked now; one whose engine does not answer has no lab that could be reached. */
export async function openProviders(): Promise<readonly Provider[]> {
  const opened = PROVIDERS.map(async (kind) => {
    try {
      return await kind.open();
    } catch (thrown) {
      if (thrown instanceof EnvironmentError) return undefined;
      throw thrown;
    }
  });
  return (await Promise.all(opened)).filter((provider) => provider !== undefined);
}

export async function findLabs(): Promise<readonly FoundLab[]> {
  const perProvider = (await openProviders()).map(async (provider) =>
    (await provider.list()).map((descriptor) => ({ descriptor, attach: () => provider.attach(descriptor) })),
  );
  return (await Promise.all(perProvider)).flat();
}

/** @throws UsageError that names those that there are */
export async function attachedCluster(name: string): Promise<LabDescriptor> {
  const attached = (await new InventoryProvider().list()).filter(({ topology }) => topology.found);
  const found = attached.find(({ topology }) => topology.name === name);
  if (found) return found;
  if (attached.length > 0)
    throw unknownName(
      'attached cluster',
      name,
      attached.map(({ topology }) => topology.name),
    );
  throw new UsageError(`no cluster is called ${name}: none is attached`, {
    hint: 'holdfast attach <inventory> finds one',
  });
}

/**
 * The lab of that run, or the only one there is.
 * @throws UsageError that lists the labs there are
 */
export function pickLab(labs: readonly FoundLab[], run: string | undefined): FoundLab {
  const runs = labs.map(({ descriptor }) => descriptor.runId);
  if (labs.length === 0) throw new UsageError('no lab exists', { hint: 'holdfast up makes one' });
  const matching = labs.filter(({ descriptor }) => run === undefined || descriptor.runId === run);
  const [lab, another] = matching;
  if (lab === undefined)
    throw new UsageError(`no lab is of run ${run ?? ''}`, { hint: `there is ${runs.join(', ')}` });
  if (another !== undefined) {
    throw new UsageError(`${labs.length} labs exist`, { hint: `choose one with --run: ${runs.join(', ')}` });
  }
  return lab;
}

/** Asks the cluster of a lab. Loaded when it is needed: the Kubernetes client is the slowest of all packages. */
export async function withCluster<T>(lab: Lab, ask: (cluster: Cluster) => Promise<T>): Promise<T> {
  const { Cluster: Live } = await import('../cluster/cluster.ts');
  const cluster = await Live.attach(lab);
  try {
    return await ask(cluster);
  } finally {
    cluster.close();
  }
}
