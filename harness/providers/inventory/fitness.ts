// Whether a cluster can be made on hosts that exist already: all are looked at before anything is changed on any, and all that
// is in the way is told in one go.
import { EnvironmentError, explainError, HoldfastError, UsageError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { Lab, ProvisionOptions } from '../../core/provider.ts';
import { runSteps, type Step } from '../../core/steps.ts';
import { unfitFor, unfitObserver } from './bare.ts';
import { connected } from './reach.ts';

const LOOK_TIMEOUT_MS = 90_000;

/** What is in the way, by the name of the host. */
interface Obstacles {
  readonly unfit: string[];
  readonly unreachable: Error[];
}

/**
 * @throws UsageError that names every host and all that has to be mended there; EnvironmentError when all that is wrong is
 * that hosts do not answer
 */
export async function requireFit(lab: Lab, options: ProvisionOptions): Promise<void> {
  const { topology, needs } = options;
  const obstacles: Obstacles = { unfit: [], unreachable: [] };
  const look = (host: Host, unfit: () => Promise<readonly string[]>): Step<Obstacles> => ({
    name: `${host.name} looked at`,
    needs: [],
    timeoutMs: LOOK_TIMEOUT_MS,
    run: () => lookAt(host, unfit, obstacles),
  });
  const hosts = topology.hosts.map((plan) => {
    const host = lab.host(plan.name);
    return look(host, () => unfitFor(host, plan, topology, needs));
  });
  const observer = look(lab.observer, () => unfitObserver(lab.observer));
  await runSteps([...hosts, observer], obstacles, options);
  requireNone(topology.name, obstacles);
}

/** Never throws: what is wrong with one host must not keep the others from being looked at. */
async function lookAt(
  host: Host,
  unfit: () => Promise<readonly string[]>,
  obstacles: Obstacles,
): Promise<void> {
  const refusal = await connected(host);
  if (refusal) {
    obstacles.unreachable.push(refusal);
    return;
  }
  try {
    obstacles.unfit.push(...(await unfit()).map((problem) => `${host.name}: ${problem}`));
  } catch (thrown) {
    obstacles.unreachable.push(new HoldfastError(`${host.name} cannot be looked at`, { cause: thrown }));
  }
}

function requireNone(name: string, { unfit, unreachable }: Obstacles): void {
  if (unfit.length + unreachable.length === 0) return;
  const lines = [...unfit.toSorted(), ...unreachable.map((error) => explainError(error))];
  const text = `a cluster cannot be made on the hosts of ${name}; nothing was changed on any:\n${lines.join('\n')}`;
  if (unfit.length === 0 && !unreachable.some((error) => error instanceof UsageError)) {
    throw new EnvironmentError(text);
  }
  throw new UsageError(text, {
    ...(unfit.length > 0 && { hint: 'a cluster that runs there already is tested with holdfast attach' }),
  });
}
