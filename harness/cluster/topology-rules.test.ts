// One error with its position for each rule that a topology must keep beyond its shape.
import { describe, expect, it } from 'vitest';
import { hostsWith, rejected } from './topology-samples.ts';
import { parseTopology } from './topology.ts';

describe("errors against the seed's rules", () => {
  it.each<[string, string, RegExp]>([
    [
      "a VIP off the masters' network",
      'vip: 10.10.103.21/24',
      /^lab\.yaml:1:1: vip: .*masters' network.*10\.10\.102\.91/m,
    ],
    [
      'a VIP off the lab network',
      'vip: 10.10.104.21/16',
      /^lab\.yaml:1:1: vip: .*in network 10\.10\.102\.0\/23/m,
    ],
    [
      "a VIP that is a host's address",
      'vip: 10.10.102.92/24',
      /^lab\.yaml:1:1: vip: .*own address of 10-10-102-92\.master/m,
    ],
    [
      'a duplicate address',
      hostsWith({ m2: '{ name: m2, address: 10.10.102.91, roles: [master] }' }),
      /^lab\.yaml:3:17: hosts\[1\]\.address: found 10\.10\.102\.91, which hosts\[0\]\.address has already/m,
    ],
    [
      'a duplicate name',
      hostsWith({ n2: '{ name: n1, address: 10.10.103.97, roles: [node] }' }),
      /^lab\.yaml:6:7: hosts\[4\]\.name: found n1, which hosts\[3\]\.name has already/m,
    ],
    [
      "the observer's address given to a host",
      hostsWith({ n2: '{ name: n2, address: 10.10.103.200, roles: [node] }' }),
      /^lab\.yaml:1:1: observer\.address: found 10\.10\.103\.200, which hosts\[4\]\.address has already.*from the seed/m,
    ],
    [
      'a duplicate priority, also one that was left out',
      hostsWith({ m1: '{ name: m1, address: 10.10.102.91, roles: [master], priority: 95 }' }),
      /^lab\.yaml:3:5: hosts\[1\]\.priority: found 95, which hosts\[0\]\.priority has already/m,
    ],
    [
      'a duplicate etcd name',
      hostsWith({ n1: '{ name: n1, address: 10.10.103.96, roles: [node, etcd], etcdName: etcd02 }' }),
      /hosts\[4\]\.etcdName: found etcd02, which hosts\[3\]\.etcdName has already/m,
    ],
    [
      'an address outside of the network',
      hostsWith({ n2: '{ name: n2, address: 10.10.104.97, roles: [node] }' }),
      /^lab\.yaml:6:17: hosts\[4\]\.address: .*expected an address in network 10\.10\.102\.0\/23/m,
    ],
    [
      "the network's broadcast address",
      hostsWith({ n2: '{ name: n2, address: 10.10.103.255, roles: [node] }' }),
      /^lab\.yaml:6:17: hosts\[4\]\.address: .*between the first and the last/m,
    ],
    [
      "etcd on a master in kubeadm's folder",
      hostsWith({ m1: '{ name: m1, address: 10.10.102.91, roles: [master, etcd] }' }),
      /^lab\.yaml:2:5: hosts\[0\]\.etcdDataDir: found \/var\/lib\/etcd\/etcd01 on a master, expected a folder outside of \/var\/lib\/etcd/m,
    ],
    [
      "etcd on a master in kubeadm's folder, as given",
      hostsWith({
        m1: '{ name: m1, address: 10.10.102.91, roles: [master, etcd], etcdDataDir: /var/lib/etcd }',
      }),
      /^lab\.yaml:2:63: hosts\[0\]\.etcdDataDir: found \/var\/lib\/etcd on a master/m,
    ],
    [
      'a host that is master and node',
      hostsWith({ m1: '{ name: m1, address: 10.10.102.91, roles: [master, node] }' }),
      /^lab\.yaml:2:40: hosts\[0\]\.roles: found master and node/m,
    ],
    [
      'a role given twice',
      hostsWith({ n1: '{ name: n1, address: 10.10.103.96, roles: [node, node, etcd] }' }),
      /^lab\.yaml:5:40: hosts\[3\]\.roles: .*expected each role once/m,
    ],
    [
      'a priority on a node',
      hostsWith({ n1: '{ name: n1, address: 10.10.103.96, roles: [node, etcd], priority: 3 }' }),
      /hosts\[3\]\.priority: found 3 on a host that is no master/m,
    ],
    [
      'an etcd name without etcd',
      hostsWith({ m1: '{ name: m1, address: 10.10.102.91, roles: [master], etcdName: etcd09 }' }),
      /hosts\[0\]\.etcdName: found etcd09 on a host without the role etcd/m,
    ],
    ['no master', hostsWith({ m1: '', m2: '', m3: '' }), /^lab\.yaml:1:1: hosts: found no master/m],
    [
      'no etcd',
      hostsWith({
        n1: '{ name: n1, address: 10.10.103.96, roles: [node] }',
        n2: '{ name: n2, address: 10.10.103.97, roles: [node] }',
      }),
      /^lab\.yaml:1:1: hosts: found no etcd/m,
    ],
    [
      'no node',
      hostsWith({ n1: '{ name: e, address: 10.10.103.96, roles: [etcd] }', n2: '' }),
      /found no node/,
    ],
    [
      'a pod network over the lab',
      'podNetwork: 10.0.0.0/8',
      /^lab\.yaml:1:1: podNetwork: .*overlaps network 10\.10/m,
    ],
    [
      'a service network inside the lab',
      'serviceNetwork: 10.10.103.0/24',
      /serviceNetwork: .*overlaps network/m,
    ],
    [
      'pods and services on one network',
      'serviceNetwork: 10.244.0.0/20',
      /serviceNetwork: .*overlaps podNetwork/m,
    ],
  ])('name %s', (_what, text, expected) => {
    expect(rejected(text)).toMatch(expected);
  });

  it('are shown all at once, in the order of the file', () => {
    const lines = rejected(
      `vip: 10.10.103.21/24\n${hostsWith({ m2: '{ name: m1, address: 10.10.99.92, roles: [master] }' })}`,
    ).split('\n');
    expect(lines).toEqual([
      'lab.yaml is no usable topology, 3 problems:',
      expect.stringMatching(/^lab\.yaml:1:1: vip/),
      expect.stringMatching(/^lab\.yaml:4:7: hosts\[1\]\.name/),
      expect.stringMatching(/^lab\.yaml:4:17: hosts\[1\]\.address/),
      expect.stringMatching(/^→ every key is explained/),
    ]);
  });

  it('accept etcd on a master whose data folder was moved', () => {
    const moved = hostsWith({
      m1: '{ name: m1, address: 10.10.102.91, roles: [master, etcd], etcdDataDir: /var/lib/etcd-lab }',
    });
    expect(parseTopology(moved, 'lab.yaml').topology.hosts[0]).toMatchObject({
      etcdDataDir: '/var/lib/etcd-lab',
    });
  });
});
