// Whatever comes: faults at random, overlapping, for as long as --for says. The same seed, the same faults at the same times.
import { performSchedule, scenario, soakSchedule } from '../harness/index.ts';

const DURATION_MS = 60_000;
const MASTERS = ['master1', 'master2', 'master3'];
const NODES = ['node1', 'node2'];

function dead(process: string, on: readonly string[]): Parameters<typeof soakSchedule>[0][number] {
  return { fault: 'kill-process', params: { process, stays: true }, on };
}

const CHOICES: Parameters<typeof soakSchedule>[0] = [
  dead('kubelet', [...MASTERS, ...NODES]),
  dead('kube-apiserver', MASTERS),
  dead('kube-controller-manager', MASTERS),
  dead('kube-scheduler', MASTERS),
  dead('etcd', NODES),
  { fault: 'stop-process', params: { process: 'keepalived' }, on: MASTERS },
  { fault: 'pause-process', params: { process: 'kube-apiserver' }, on: MASTERS },
  { fault: 'isolate-host', on: MASTERS },
  { fault: 'drop-vrrp', on: MASTERS },
  { fault: 'freeze', on: MASTERS },
  { fault: 'power-off', on: [...MASTERS, ...NODES] },
];

export default scenario({
  hypothesis:
    'Under faults that come at random and overlap, what must not fail does not, nothing acknowledged is lost, and when the ' +
    'last is healed the cluster is whole again without a hand.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ durationMs = DURATION_MS, inject, note, observe, random, steadyAgain }) {
    await performSchedule({ inject, note, observe }, soakSchedule(CHOICES, { durationMs, random }));
    await steadyAgain(150_000);
  },
  bodyTimeoutMs: 270_000,
});
