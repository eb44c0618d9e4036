// A disk that takes few writes a second, for etcd alone: every entry of its log waits for one (etcd.io, "What does the etcd
// warning 'failed to send out heartbeat on time' mean?").
import { supervisorOf } from '../core/facts.ts';
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { addressOf } from './network-hosts.ts';
import { onHosts } from './on-host.ts';
import { pidsOf } from './processes.ts';
import { ownGroup, removeGroup, REVIVE_UNITS, startHog, stopHog } from './resources.ts';

const TRIAL_WRITES = 4;
const METRICS_S = 4;
const MOVE_EVERY_S = 1;

export const diskSlow = onHosts({
  name: 'disk-slow',
  summary: "Lets etcd write to its disk only a few times a second (the kernel's block I/O throttle).",
  parameters: {
    writesPerS: { summary: 'writes a second', default: 10, min: 1, max: 1000 },
  },
  effect: ({ targets, params }) => ({
    impaired: targets.map((host) => ({
      host,
      by: `etcd's disk takes ${String(params['writesPerS'])} writes a second`,
    })),
  }),
  unavailable: async (call) => {
    const reasons = await Promise.all(call.targets.map((target) => cannotThrottle(call, target)));
    return reasons.find((reason) => reason !== undefined);
  },
  deeds: (plan) => {
    const { targets, params, id } = plan;
    const group = ownGroup('blkio', id);
    // In a loop: an etcd that is started again is slow again.
    const move = `while :; do for pid in $({ ${pidsOf('etcd', plan.topology)}; }); do echo $pid > ${group}/cgroup.procs; done; sleep ${MOVE_EVERY_S}; done`;
    return targets.map((host) => ({
      host,
      deed: `mkdir -p ${group}
echo "$(${deviceOf(dataDirOf(plan, host))}) ${String(params['writesPerS'])}" > ${group}/blkio.throttle.write_iops_device
${startHog(id, move)}
for tenth in $(seq 50); do [ -s ${group}/cgroup.procs ] && break || sleep 0.1; done`,
      undo: `${stopHog(id)}\n${removeGroup('blkio', id)}\n${REVIVE_UNITS}`,
    }));
  },
  evidence: async (call) =>
    (
      await Promise.all(
        call.targets.map((target) => Promise.all([trialIsSlow(call, target), etcdSaysSo(call, target)])),
      )
    ).flat(),
});

function dataDirOf({ topology }: FaultPlan, host: string): string {
  return topology.hosts.find(({ name }) => name === host)?.etcdDataDir ?? '/var/lib/etcd';
}

/** Shell: the disk that holds a folder, as "major:minor". Throttles are of whole disks, never of a partition. */
function deviceOf(folder: string): string {
  return `dev=$(findmnt -n -o MAJ:MIN -T ${folder} | tr -d " "); [ ! -e /sys/dev/block/$dev/partition ] || dev=$(cat /sys/dev/block/$dev/../dev); echo $dev`;
}

async function cannotThrottle(call: FaultCall, target: string): Promise<string | undefined> {
  const plan = call.topology.hosts.find(({ name }) => name === target);
  if (supervisorOf('etcd', call.topology) === 'static-pod') {
    return "etcd is a static pod there: its processes could not be given back to their pod's control group";
  }
  if (plan?.etcdDataDir === undefined) return `${target} is no etcd host`;
  return explained(call.lab.host(target), plan.etcdDataDir);
}

async function explained(host: Host, folder: string): Promise<string | undefined> {
  const script = `[ -e /sys/fs/cgroup/blkio ] || { echo "its kernel throttles writes only through control groups of version 2"; exit; }
[ -w /sys/fs/cgroup/blkio ] || { echo "it may not make control groups"; exit; }
mkdir /sys/fs/cgroup/blkio/holdfast-look 2> /dev/null || true
[ -e /sys/fs/cgroup/blkio/holdfast-look/blkio.throttle.write_iops_device ] || echo "its kernel has no throttle for block devices"
rmdir /sys/fs/cgroup/blkio/holdfast-look
dev=$(${deviceOf(folder)})
[ -e /sys/dev/block/$dev ] || echo "${folder} stands on no block device ($dev)"`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: 10_000 });
  const reason = stdout.trim().split('\n')[0] ?? '';
  return reason === '' ? undefined : `${host.name}: ${reason}`;
}

/** Writes in the same group, beside etcd's: each has to wait for its turn. */
async function trialIsSlow(call: FaultCall, target: string): Promise<Evidence> {
  const file = `${dataDirOf(call, target)}/holdfast-${call.id}`;
  const script = `echo $$ > ${ownGroup('blkio', call.id)}/cgroup.procs
date +%s%N; dd if=/dev/zero of=${file} bs=4k count=${TRIAL_WRITES} oflag=dsync 2> /dev/null; date +%s%N; rm -f ${file}`;
  const { stdout } = await call.lab.host(target).run(['sh', '-c', script], { timeoutMs: 60_000 });
  const [fromNs = NaN, toNs = NaN] = stdout.trim().split('\n').map(Number);
  const writeMs = (toNs - fromNs) / 1e6 / TRIAL_WRITES;
  return {
    witness: `writes on ${target}`,
    holds: writeMs >= 0.5 * leastMs(call),
    detail: `one takes ${Math.round(writeMs)} ms`,
  };
}

/** Between two writes. */
function leastMs({ params }: FaultCall): number {
  return 1000 / Number(params['writesPerS']);
}

/** etcd's own account of how long its log waits for the disk. */
async function etcdSaysSo(call: FaultCall, target: string): Promise<Evidence> {
  const tls = call.topology.found?.etcd.tls;
  const url = tls
    ? `--cacert ${tls.ca} --cert ${tls.cert} --key ${tls.key} https://${addressOf(call.topology, target)}:2379`
    : 'http://127.0.0.1:2379';
  const metrics = `curl -s -m 3 ${url}/metrics | awk '/^etcd_disk_wal_fsync_duration_seconds_(sum|count)/ { print $2 }'`;
  const script = `${metrics}; sleep ${METRICS_S}; ${metrics}`;
  const { stdout } = await call.lab.host(target).run(['sh', '-c', script], { timeoutMs: 30_000 });
  const [sum0 = NaN, count0 = NaN, sum1 = NaN, count1 = NaN] = stdout.trim().split('\n').map(Number);
  const syncs = count1 - count0;
  const meanMs = (1000 * (sum1 - sum0)) / syncs;
  return {
    witness: `etcd on ${target}`,
    // One that does not finish a single write in that time does not have to be asked how long one takes.
    holds: syncs === 0 || meanMs >= 0.5 * leastMs(call),
    detail:
      syncs === 0 ? `no write finished in ${METRICS_S} s` : `fsync of its log takes ${Math.round(meanMs)} ms`,
  };
}
