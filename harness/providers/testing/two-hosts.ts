// The smallest topology that has hosts of both halves of the seed's network.
import type { Topology } from '../../core/topology.ts';

export const TWO_HOSTS: Topology = {
  name: 'two-hosts',
  network: '10.10.102.0/23',
  vip: { address: '10.10.102.21', prefixLength: 24 },
  podNetwork: '10.244.0.0/16',
  serviceNetwork: '10.96.0.0/12',
  keepalived: {
    virtualRouterId: 51,
    advertIntervalS: 1,
    authPass: 'seed',
    check: { intervalS: 2, weight: -20 },
  },
  hosts: [
    { name: '10-10-102-91.master', address: '10.10.102.91', roles: ['master'], priority: 101 },
    { name: '10-10-103-96.node', address: '10.10.103.96', roles: ['node', 'etcd'], etcdName: 'etcd01' },
  ],
  observer: { name: 'observer', address: '10.10.103.200' },
};
