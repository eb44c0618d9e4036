// kubectl as an administrator on the first master: the way of the steps, before anything else could ask the API.
import type { RunOptions, RunResult } from '../core/host.ts';
import { initMaster, type Place } from './context.ts';

const ADMIN_CONF = '/etc/kubernetes/admin.conf';

export async function kubectl(
  context: Place,
  words: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  return initMaster(context).host.run(['kubectl', '--kubeconfig', ADMIN_CONF, ...words], {
    timeoutMs: 120_000,
    ...options,
  });
}
