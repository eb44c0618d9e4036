// Whether a lab is as it was: its fingerprint, and beyond that whatever of holdfast's may lie on a host.
import { Cluster } from '../../harness/cluster/cluster.ts';
import { takeFingerprint } from '../../harness/cluster/fingerprint.ts';
import { attemptSteadyState, type SteadyFindings } from '../../harness/cluster/steady.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { waitFor, type Attempt } from '../../harness/core/wait.ts';
import { pidsOf } from '../../harness/faults/processes.ts';
import { LOSS_HANDLE } from './network-loss.ts';

const INTERVAL_MS = 1_000;

/** Files, units, control groups, firewall rules and queueing disciplines; the lock and its folder may stay. */
const REMAINS = `
ls -d /var/lib/holdfast/* /var/lib/holdfast/undo/* /run/holdfast-* /etc/systemd/system/holdfast-* /etc/systemd/system/*/holdfast-* \\
  /run/systemd/system/holdfast-* /run/systemd/system/*/holdfast-* /run/systemd/transient/holdfast-* 2> /dev/null |
  grep -vxE '/run/holdfast-undo.lock|/var/lib/holdfast/undo'
find /sys/fs/cgroup -maxdepth 4 -type d -name '*holdfast*' 2> /dev/null | grep -v holdfast-guard
systemctl list-units --all --plain --no-legend 'holdfast-*' 2> /dev/null | awk '{ print $1, $3 }'
{ iptables-save; ip6tables-save; } 2> /dev/null | grep -i holdfast
tc qdisc show 2> /dev/null | grep -v 'noqueue\\| ${LOSS_HANDLE}:'
true`;

const NOT_RUNNING = (['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const)
  .map((process) => `[ -n "$({ ${pidsOf(process, {})}; })" ] || echo ${process}`)
  .join('\n');

/** "<host> <aspect>" → its text. */
export type LabState = Readonly<Record<string, string>>;

/** Waits for steady state, then tells what the lab is like. */
export async function steadyState(lab: Lab, timeoutMs: number, signal: AbortSignal): Promise<LabState> {
  const cluster = await attached(lab, timeoutMs, signal);
  try {
    const limit = { timeoutMs, intervalMs: INTERVAL_MS, signal };
    // Pods that are about to go still count for a moment: what is taken between two steady states is steady.
    return await waitFor('steady state', limit, async () => {
      const steady = await attemptWhole(cluster);
      if ('missing' in steady) return steady;
      const state = await takeState(cluster);
      const still = await attemptWhole(cluster);
      if ('missing' in still) return still;
      // Between the two a pod may have been away for a moment, and would be missed for ever after.
      const replicas = state['cluster logapi replicas'] ?? '';
      return /^(\d+) of \1$/.test(replicas)
        ? { done: state }
        : { missing: `${replicas} logapi pods available` };
    });
  } finally {
    cluster.close();
  }
}

/** Waits until the lab is steady and as it was before. @throws WaitTimeoutError that says what is not */
export async function sameAgain(
  lab: Lab,
  before: LabState,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const cluster = await attached(lab, timeoutMs, signal);
  try {
    const limit = { timeoutMs, intervalMs: INTERVAL_MS, signal };
    await waitFor('the lab as it was', limit, async () => {
      const steady = await attemptWhole(cluster);
      if ('missing' in steady) return steady;
      const changes = changesBetween(before, await takeState(cluster));
      return changes.length === 0 ? { done: undefined } : { missing: changes.join('; ') };
    });
  } finally {
    cluster.close();
  }
}

/** Steady, and every control plane whole: kubelet takes its time to start a static pod again that has ended a few times. */
async function attemptWhole(cluster: Cluster): Promise<Attempt<SteadyFindings>> {
  const steady = await attemptSteadyState(cluster);
  if ('missing' in steady) return steady;
  const missing = await Promise.all(
    cluster.masters.map(async (host) => {
      const { stdout } = await host.run(['sh', '-c', NOT_RUNNING], { timeoutMs: 10_000 });
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((process) => `no ${process} runs on ${host.name}`);
    }),
  );
  const told = missing.flat();
  return told.length === 0 ? steady : { missing: told.join('; ') };
}

/** Any one master that answers is enough; right after a fault there may be none. */
async function attached(lab: Lab, timeoutMs: number, signal: AbortSignal): Promise<Cluster> {
  const limit = { timeoutMs, intervalMs: INTERVAL_MS, signal };
  return waitFor('a master with credentials', limit, async () => ({ done: await Cluster.attach(lab) }));
}

async function takeState(cluster: Cluster): Promise<LabState> {
  const { hosts, observer } = cluster.lab;
  const remains = [...hosts, observer].map(async (host) => {
    const { stdout } = await host.run(['sh', '-s'], { stdin: REMAINS, timeoutMs: 20_000 });
    return [`${host.name} remains`, stdout.trim()] as const;
  });
  const [fingerprint, ...left] = await Promise.all([takeFingerprint(cluster), ...remains]);
  return { ...fingerprint, ...Object.fromEntries(left) };
}

/** In words, one for each part that differs. */
export function changesBetween(before: LabState, after: LabState): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((part) => {
    const [was = '', is = ''] = [before[part], after[part]];
    if (was === is) return [];
    const [old, fresh] = [was.split('\n'), is.split('\n')];
    const gone = old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`);
    const added = fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`);
    return `${part}: ${[...gone, ...added].join(' ')}`;
  });
}
