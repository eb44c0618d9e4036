// The lab on which the cells are tried: one that is up and idle, which then stays, or a new one that goes at the end.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { claimLab, isLabBusy, prepareImages, withEngine } from '../../harness/commands/environment.ts';
import type { Progress } from '../../harness/commands/progress.ts';
import { findLabs, pickLab } from '../../harness/commands/labs.ts';
import { HoldfastError, UsageError } from '../../harness/core/errors.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { findIdleCluster, makeCluster } from '../../harness/run/lab.ts';
import type { SafetyPolicy } from '../../harness/safety/policy.ts';
import type { SshWay } from '../hosts/ssh-lab.ts';
import type { Network } from './network-loss.ts';
import { onFoundCluster } from './place-over-ssh.ts';

const TOPOLOGY = fileURLToPath(new URL('./topology.yaml', import.meta.url));

/** How the harness comes to the hosts, and what it has to be told. */
export interface Reached {
  readonly lab: Lab;
  /** Of its processes, beside this one's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly safety: SafetyPolicy;
}

export interface Place {
  /** As this program looks at the hosts and switches them: past every network. */
  readonly lab: Lab;
  readonly reached: Reached;
  /** Absent where the harness comes past every network too. */
  readonly network?: Network;
  /** Another cluster instead of one that could not be healed. @throws HoldfastError where it is not ours to remove */
  renew(): Promise<void>;
}

export interface PlaceOptions {
  /** Over SSH, and by what way; undefined: past every network. */
  readonly way: SshWay | undefined;
  /** Of the lab to be used; default: one that is idle, or a new one. */
  readonly run: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** At so many of them, made one after the other. */
export async function atPlaces<T>(
  count: number,
  options: PlaceOptions,
  work: (places: readonly Place[]) => Promise<T>,
  places: readonly Place[] = [],
): Promise<T> {
  if (places.length === count) return work(places);
  return atPlace({ ...options, fresh: places.length > 0 }, (place) =>
    atPlaces(count, options, work, [...places, place]),
  );
}

async function atPlace<T>(
  options: PlaceOptions & { readonly fresh: boolean },
  work: (place: Place) => Promise<T>,
): Promise<T> {
  return withEngine(async () => {
    const phase: Progress['phase'] = (title, inside) => options.progress.phase(title, inside);
    const images = await prepareImages(DEFAULT_PROFILE, phase, options.signal);
    const provider = await providerKind('containers').open(images);
    const { way } = options;
    if (way !== undefined) return onFoundCluster(provider, { ...options, way }, work);
    const idle = options.fresh ? undefined : await foundLab(provider, options.run);
    return idle ? onFound(idle, options, work) : onNew(provider, options, work);
  });
}

/** @throws UsageError where the lab that is meant does not exist or is in use */
async function foundLab(provider: Provider, run: string | undefined): Promise<Lab | undefined> {
  const { topology } = loadTopology(TOPOLOGY);
  if (run === undefined) return findIdleCluster(provider, topology, DEFAULT_PROFILE, isLabBusy);
  const { descriptor, attach } = pickLab(await findLabs(), run);
  if (!(await isLabBusy(descriptor.runId))) return attach();
  throw new UsageError(`the lab of run ${run} is in use by a holdfast that is running`);
}

async function onFound<T>(
  lab: Lab,
  { progress }: PlaceOptions,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const { runId } = lab.descriptor;
  await claimLab(runId);
  progress.note(`using the cluster of run ${runId}, which stays up`);
  const renew = (): Promise<void> =>
    Promise.reject(
      new HoldfastError(`the cluster of run ${runId} could not be healed`, {
        hint: 'holdfast down removes it; without one that is up, this makes its own',
      }),
    );
  return work({ lab, reached: past(lab), renew });
}

async function onNew<T>(
  provider: Provider,
  options: PlaceOptions,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const make = async (): Promise<Lab> => {
    const runId = newRunId(new Date());
    await claimLab(runId);
    const { lab } = await options.progress.phase('cluster', (progress) =>
      makeCluster({
        provider,
        topology: loadTopology(TOPOLOGY).topology,
        profile: DEFAULT_PROFILE,
        runId,
        progress,
        signal: options.signal,
        logFolder: join(tmpdir(), `holdfast-undo-${runId}`),
      }),
    );
    return lab;
  };
  let lab = await make();
  try {
    return await work({
      get lab() {
        return lab;
      },
      get reached() {
        return past(lab);
      },
      renew: async () => {
        await provider.destroy(lab.descriptor.runId);
        lab = await make();
      },
    });
  } finally {
    await provider.destroy(lab.descriptor.runId);
  }
}

function past(lab: Lab): Reached {
  return { lab, environment: {}, safety: {} };
}
