// What a run leaves in the API of a cluster that somebody else built, taken away again.
import { waitFor } from '../core/wait.ts';
import type { Lab } from '../core/provider.ts';
import { dismantleLedger } from '../workload/ledger.ts';

/** A namespace is deleted by a controller, which has to find out first what is in it. */
const REMOVAL_TIMEOUT_MS = 30_000;

/**
 * On a cluster of our own nothing is done: there the namespace is part of the cluster. Idempotent.
 * @throws when the cluster cannot be asked, or does not do it in time
 */
export async function removeTraces(lab: Lab): Promise<void> {
  if (!lab.descriptor.topology.found) return;
  // Loaded when it is needed: the Kubernetes client is the slowest of all packages.
  const { Cluster } = await import('../cluster/cluster.ts');
  const cluster = await Cluster.attach(lab);
  try {
    const limit = { timeoutMs: REMOVAL_TIMEOUT_MS, intervalMs: 500 };
    await waitFor('removal of the namespace holdfast', limit, async () =>
      (await dismantleLedger(cluster.request.bind(cluster)))
        ? { done: undefined }
        : { missing: 'it is there' },
    );
  } finally {
    cluster.close();
  }
}
