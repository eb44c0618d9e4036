// When each host booted and each of its processes began: two equal answers mean that nothing has died in between.
import type { Host } from '../core/host.ts';
import { supervisorOf, type Facts } from '../core/facts.ts';
import type { ProcessName, VitalsTaken } from '../core/record.ts';

type Lives = VitalsTaken['lives'];

/** What may be one. */
const STATIC_PODS: readonly ProcessName[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'etcd',
  'keepalived',
];

/**
 * Prints "<what>=<life>" lines:
 * - boot: the kernel's boot id, and the start of process 1 in clock ticks since (proc(5), stat field 22). Containers share
 *   the machine's boot id, and their process 1 begins anew with them; a machine's own begins at the same tick each time.
 * - <unit>: active since the start of its main process, microseconds on CLOCK_MONOTONIC; else its state alone. A process
 *   that systemd restarted has another start.
 * - the static pods' processes, by the fifteen characters of a name that the kernel keeps: their starts. Of keepalived, and
 *   of what else forks under its own name, the first of the line.
 * - OOM kills: processes of the host that were killed for want of memory. On a machine of its own the kernel's count;
 *   in a container its control groups' (v2: one count for all; v1: a group's count goes with the group).
 */
const script = (pods: readonly ProcessName[]): string => `
echo "boot=$(awk '{ print $22 }' /proc/1/stat) $(cat /proc/sys/kernel/random/boot_id)"
systemctl show containerd.service docker.service crio.service kubelet.service etcd.service keepalived.service holdfast-guard.service \\
  -p Id -p LoadState -p ActiveState -p ExecMainStartTimestampMonotonic | awk -F= '
  function tell() { if (unit["LoadState"] == "loaded") print unit["Id"] "=" unit["ActiveState"] \\
    (unit["ActiveState"] == "active" ? " since " unit["ExecMainStartTimestampMonotonic"] : "") }
  NF == 0 { tell(); split("", unit); next }
  { unit[$1] = $2 }
  END { tell() }'
cat /proc/[0-9]*/stat 2>/dev/null | awk '
  BEGIN { ${pods.map((pod) => `name["(${pod.slice(0, 15)})"] = "${pod}"`).join('; ')} }
  $2 in name { called[$1] = $2; parent[$1] = $4; since[$1] = $22 }
  END { for (pid in called) if (!(parent[pid] in called) || called[parent[pid]] != called[pid])
      print name[called[pid]] "=since " since[pid] }' | sort
group=/sys/fs/cgroup
if [ ! -e /run/systemd/container ]; then
  echo "OOM kills=$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)"
elif [ -e $group/memory.events ]; then
  echo "OOM kills=$(awk '$1 == "oom_kill" { print $2 }' $group/memory.events)"
elif [ -e $group/memory/memory.oom_control ]; then
  find $group/memory -name memory.oom_control -exec cat {} + 2>/dev/null |
    awk '$1 == "oom_kill" { sum += $2 } END { print "OOM kills=" sum + 0 }'
fi
`;

/** A host that does not answer is left out: of it nothing is known. */
export async function takeVitals(hosts: readonly Host[], facts: Facts = {}): Promise<Lives> {
  const stdin = script(STATIC_PODS.filter((process) => supervisorOf(process, facts) === 'static-pod'));
  const entries = hosts.map(async (host) => {
    try {
      const { stdout } = await host.run(['sh', '-s'], { stdin, timeoutMs: 10_000 });
      return [[host.name, readLives(stdout)] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

/** Two processes of one name are one line: their lives, oldest first. */
function readLives(text: string): Record<string, string> {
  const lives: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, what, life] = /^([^=]+)=(.+)$/.exec(line) ?? [];
    if (what === undefined || life === undefined) continue;
    const known = lives[what];
    lives[what] = known === undefined ? life : `${known}, ${life}`;
  }
  return lives;
}
