// The harness loses its network: what it sends to any sshd is dropped without a word, also on connections that stand. All else
// on the cluster's network goes on, and whoever looks at the hosts by `docker exec` sees them still.
import type { Host } from '../../harness/core/host.ts';
import type { Lab } from '../../harness/core/provider.ts';
import type { SshWay } from '../hosts/ssh-lab.ts';

/** Of the queueing disciplines, by which they are known for this program's own (test/undo/state.ts). */
export const LOSS_HANDLE = 'dead';

export interface Network {
  lose(): Promise<void>;
  /** Idempotent. */
  giveBack(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/** What is in no class goes out as ever. */
const LOSE = `for device in "$@"; do
  tc qdisc add dev $device root handle ${LOSS_HANDLE}: htb
  tc class add dev $device parent ${LOSS_HANDLE}: classid ${LOSS_HANDLE}:2 htb rate 1gbit
  tc qdisc add dev $device parent ${LOSS_HANDLE}:2 pfifo limit 0
  tc filter add dev $device parent ${LOSS_HANDLE}: protocol ip prio 1 u32 \\
    match ip protocol 6 0xff match ip dport 22 0xffff flowid ${LOSS_HANDLE}:2
done`;
const GIVE_BACK = `for device in "$@"; do
  ! tc qdisc show dev $device | grep -q ' ${LOSS_HANDLE}: root' || tc qdisc del dev $device root
done`;

/** @param lab past its sshd */
export function networkOf(lab: Lab, way: SshWay): Network {
  const ends: readonly (readonly [Host, readonly string[]])[] =
    way === 'lab'
      ? [[lab.observer, ['eth0', 'lo']]]
      : [...lab.hosts, lab.observer].map((host) => [host, ['lo']]);
  const everywhere = async (script: string): Promise<void> => {
    await Promise.all(
      ends.map(([host, devices]) =>
        host.run(['sh', '-euc', script, 'sh', ...devices], { timeoutMs: TIMEOUT_MS }),
      ),
    );
  };
  return { lose: () => everywhere(LOSE), giveBack: () => everywhere(GIVE_BACK) };
}
