// Everything of ours on this machine, found by label, and its removal: also what another process left half-made.
import type Docker from 'dockerode';
import { HoldfastError, asError } from '../core/errors.ts';
import { waitFor } from '../core/wait.ts';
import { isEngineStatus } from './engine-status.ts';
import { bridgeRules, removeBridgeRule } from './firewall.ts';
import { formerLimits, writeInotifyLimits } from './inotify.ts';
import { labelFilter, RUN_LABEL } from './labels.ts';

const REMOVAL_TIMEOUT_MS = 60_000;

/**
 * Removes the containers with their volumes, the firewall rules and the network of one run, or of all. Idempotent.
 * @returns what was removed, as nouns for a person
 * @throws HoldfastError with all failures, after everything was tried
 */
export async function removeLab(docker: Docker, runId?: string): Promise<readonly string[]> {
  const removed: string[] = [];
  const errors: Error[] = [];
  const attempt = async (what: string, removal: () => Promise<boolean>): Promise<void> => {
    try {
      if (await removal()) removed.push(what);
    } catch (thrown) {
      errors.push(new Error(`${what} could not be removed`, { cause: asError(thrown) }));
    }
  };

  const filters = labelFilter(runId);
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id, Names }) =>
      attempt(`container ${Names[0]?.slice(1) ?? Id}`, () => removeContainer(docker, Id)),
    ),
  );
  // The network goes last: its label is what describes the lab until then.
  await attempt('firewall rules', async () => {
    const rules = await removeRules(docker, runId);
    removed.push(...rules);
    return false;
  });
  const networks = await docker.listNetworks({ filters });
  for (const { Id, Name } of networks) await attempt(`network ${Name}`, () => removeNetwork(docker, Id));
  await attempt('raised inotify limits', () => restoreInotify(docker, networks));

  if (errors.length === 0) return removed;
  throw new HoldfastError('not all of the lab could be removed', {
    cause: new AggregateError(errors, errors.map(({ message }) => message).join('; ')),
    hint: 'holdfast down tries again',
  });
}

async function removeContainer(docker: Docker, id: string): Promise<boolean> {
  const container = docker.getContainer(id);
  try {
    await container.remove({ force: true, v: true });
  } catch (thrown) {
    if (isEngineStatus(thrown, 404)) return false;
    if (!isEngineStatus(thrown, 409)) throw thrown;
    // Another process is removing it; it must be gone before its network can go.
    await waitFor(`container ${id} gone`, { timeoutMs: REMOVAL_TIMEOUT_MS }, async () => {
      const left = await docker.listContainers({ all: true, filters: { id: [id] } });
      return left.length === 0 ? { done: true } : { missing: left[0]?.Status ?? 'still there' };
    });
  }
  return true;
}

async function removeNetwork(docker: Docker, id: string): Promise<boolean> {
  try {
    await docker.getNetwork(id).remove();
    return true;
  } catch (thrown) {
    if (isEngineStatus(thrown, 404)) return false;
    throw thrown;
  }
}

/** The rules of the run, or of all runs, and those whose network is gone. */
async function removeRules(docker: Docker, runId: string | undefined): Promise<readonly string[]> {
  const rules = await bridgeRules();
  const networks = await docker.listNetworks({ filters: labelFilter() });
  const standing = new Set(networks.map(({ Labels }) => Labels?.[RUN_LABEL]));
  const ours = rules.filter(
    (rule) => runId === undefined || rule.runId === runId || !standing.has(rule.runId),
  );
  for (const rule of ours) await removeBridgeRule(rule);
  return ours.map((rule) => `firewall rule of run ${rule.runId} on ${rule.bridge}`);
}

/** Puts the limits back when these were the last labs. */
async function restoreInotify(
  docker: Docker,
  removedNetworks: readonly Docker.NetworkInspectInfo[],
): Promise<boolean> {
  const former = removedNetworks.map(({ Labels }) => formerLimits(Labels ?? {})).find((limits) => limits);
  if (former === undefined) return false;
  const left = await docker.listNetworks({ filters: labelFilter() });
  if (left.length > 0) return false;
  await writeInotifyLimits(former);
  return true;
}
