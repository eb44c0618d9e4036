// Where the prober is measured: on the observer of a five-host cluster, or on this machine alone.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../harness/cluster/topology.ts';
import { claimLab, isLabBusy, prepareImages, withEngine } from '../harness/commands/environment.ts';
import type { Progress } from '../harness/commands/progress.ts';
import type { Host } from '../harness/core/host.ts';
import type { Provider } from '../harness/core/provider.ts';
import { localHost } from '../harness/probes/testing/local-host.ts';
import { REFERENCE_SERVER_PATH } from '../harness/probes/testing/reference-server.ts';
import { DEFAULT_PROFILE } from '../harness/profiles/index.ts';
import { providerKind } from '../harness/providers/index.ts';
import { newRunId } from '../harness/run/folder.ts';
import { findIdleCluster, makeCluster } from '../harness/run/lab.ts';

export interface Place {
  readonly host: Host;
  /** In words, for the result. */
  readonly name: string;
  /** The line of /proc/<pid>/stat of the prober that was started last (proc(5)). */
  proberStat(): Promise<string>;
}

export interface PlaceOptions {
  readonly withoutCluster: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Leaves behind what it found, and nothing that it made. */
export async function atPlace<T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> {
  return options.withoutCluster ? onThisMachine(work) : withEngine(() => besideCluster(options, work));
}

async function onThisMachine<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    const host = localHost(folder);
    return await work({
      host,
      name: 'this machine, without a cluster',
      proberStat: () => readFile(`/proc/${host.pids.at(-1) ?? 0}/stat`, 'latin1'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function besideCluster<T>(
  { progress, signal }: PlaceOptions,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const phase: Progress['phase'] = (title, inside) => progress.phase(title, inside);
  const images = await prepareImages(DEFAULT_PROFILE, phase, signal);
  const provider = await providerKind('containers').open(images);
  const { topology } = loadTopology();
  const idle = await findIdleCluster(provider, topology, DEFAULT_PROFILE, isLabBusy);
  if (idle) {
    progress.note(`using the cluster of run ${idle.descriptor.runId}, which stays up`);
    await claimLab(idle.descriptor.runId);
    return onObserver(idle.observer, work);
  }
  return withNewCluster(provider, { progress, signal }, work);
}

async function withNewCluster<T>(
  provider: Provider,
  { progress, signal }: Pick<PlaceOptions, 'progress' | 'signal'>,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const runId = newRunId(new Date());
  await claimLab(runId);
  try {
    const { lab } = await progress.phase('cluster', (listener) =>
      makeCluster({
        provider,
        topology: loadTopology().topology,
        profile: DEFAULT_PROFILE,
        runId,
        progress: listener,
        signal,
        logFolder: join(tmpdir(), `holdfast-bench-${runId}`),
      }),
    );
    return await onObserver(lab.observer, work);
  } finally {
    await provider.destroy(runId);
  }
}

async function onObserver<T>(observer: Host, work: (place: Place) => Promise<T>): Promise<T> {
  try {
    return await work({
      host: observer,
      name: 'the observer of a five-host cluster',
      proberStat: async () => {
        const script = 'cat "/proc/$(pgrep -n -f "^node .*prober\\.mjs")/stat"';
        return (await observer.run(['sh', '-c', script])).stdout;
      },
    });
  } finally {
    await observer.run(['rm', '-f', REFERENCE_SERVER_PATH]);
  }
}
