// Suites are lists of scenario names; a scenario's name is its file's.

/** The seed's chapters on failures and their handling, in their order: processes, network, machines, workload. */
const SEED = [
  'kill-kubelet-on-vip-holder',
  'kill-kubelet-on-standby',
  'kill-apiserver-on-vip-holder',
  'hang-apiserver-on-vip-holder',
  'stop-keepalived-on-vip-holder',
  'hang-keepalived-on-vip-holder',
  'kill-controller-manager-leader',
  'kill-scheduler-leader',
  'isolate-vip-holder',
  'isolate-standby',
  'partition-masters',
  'cut-vip-holder-from-etcd',
  'drop-vrrp-only',
  'flap-vip-holder-link',
  'power-off-vip-holder',
  'power-off-master2',
  'power-off-two-masters',
  'reboot-vip-holder',
  'power-off-node1',
  'power-off-all-masters',
  'cold-boot-cluster',
  'scale-logapi-while-master2-down',
  'roll-logapi-while-master2-down',
  'heal-logapi',
  'join-node-while-vip-moves',
  'join-with-bad-token',
  'kube-dns-survives-master-loss',
  'etcd-member-down',
  'etcd-leader-down',
  'etcd-member-replaced',
  'preflight-pitfalls',
] as const;

export const SUITES: Readonly<Record<string, readonly string[]>> = {
  // One of each class: a process, the network, a machine, the workload.
  quick: [
    'kill-apiserver-on-vip-holder',
    'isolate-vip-holder',
    'power-off-vip-holder',
    'roll-logapi-while-master2-down',
  ],
  seed: SEED,
  nightly: [...SEED, 'worst-phase', 'soak'],
};

export const DEFAULT_SUITE = 'quick';
