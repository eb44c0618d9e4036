// What is injected for each fault: one representative target and its parameters, or several where they undo differently.
import type { FaultParams } from '../../harness/core/fault.ts';

export interface Subject {
  readonly fault: string;
  /** As on the command line. */
  readonly target: string;
  readonly params: FaultParams;
  /** After which the hosts undo it by themselves; long enough for the deed and its witnesses. Default 12000. */
  readonly limitMs?: number;
}

/** A static pod may take kubelet 20 s to end; a disk that is slow is slow for its witnesses too. */
const SLOW_LIMIT_MS = 35_000;

export const SUBJECTS: readonly Subject[] = [
  { fault: 'kill-process', target: 'master2', params: { process: 'kubelet', stays: true } },
  { fault: 'kill-process', target: 'etcd-leader', params: { process: 'etcd' } },
  { fault: 'stop-process', target: 'vip-holder', params: { process: 'keepalived' } },
  {
    fault: 'stop-process',
    target: 'master2',
    params: { process: 'kube-controller-manager' },
    limitMs: SLOW_LIMIT_MS,
  },
  { fault: 'pause-process', target: 'vip-holder', params: { process: 'kube-apiserver' } },
  { fault: 'crash-loop', target: 'etcd-follower', params: { process: 'etcd', everyS: 2 } },
  { fault: 'power-off', target: 'master2', params: {} },
  // What ends in good order takes its time: a minute, on a busy machine.
  { fault: 'reboot', target: 'node2', params: { how: 'orderly' }, limitMs: 90_000 },
  { fault: 'freeze', target: 'vip-holder', params: {} },
  { fault: 'cpu-hog', target: 'master2', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'memory-pressure', target: 'node2', params: { kills: 'hog' }, limitMs: SLOW_LIMIT_MS },
  { fault: 'disk-full', target: 'node2', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'disk-slow', target: 'etcd-leader', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'etcd-data-lost', target: 'etcd-follower', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'clock-step', target: 'master2', params: { seconds: 60 } },
  { fault: 'isolate-host', target: 'vip-holder', params: {} },
  { fault: 'partition', target: 'masters', params: { shape: 'minority' } },
  { fault: 'cut-link', target: 'masters', params: { to: 'etcd', ports: '2379' } },
  { fault: 'drop-vrrp', target: 'vip-holder', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'flap-link', target: 'master2', params: { offS: 2, onS: 2 } },
  { fault: 'packet-loss', target: 'master2', params: { percent: 30 }, limitMs: SLOW_LIMIT_MS },
  { fault: 'bandwidth', target: 'vip-holder', params: {}, limitMs: SLOW_LIMIT_MS },
  { fault: 'delay', target: 'vip-holder', params: {} },
  { fault: 'interface-down', target: 'master2', params: {} },
  { fault: 'leave-cluster', target: 'node2', params: {}, limitMs: SLOW_LIMIT_MS },
];
