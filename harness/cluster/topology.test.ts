// The topology file: what the seed's table becomes, and one error with its position for each rule.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { explainError } from '../core/errors.ts';
import { hostsWith, rejected } from './topology-samples.ts';
import { listTopologies, loadTopology, parseTopology } from './topology.ts';

describe('the default topology', () => {
  it("is the seed's table", () => {
    const { topology } = loadTopology();
    expect(topology.hosts.map(({ name, address, roles }) => [name, address, roles.join(' ')])).toEqual([
      ['10-10-102-91.master', '10.10.102.91', 'master'],
      ['10-10-102-92.master', '10.10.102.92', 'master'],
      ['10-10-102-93.master', '10.10.102.93', 'master'],
      ['10-10-103-96.node', '10.10.103.96', 'node etcd'],
      ['10-10-103-97.node', '10.10.103.97', 'node etcd'],
    ]);
    expect(topology.hosts.map((host) => host.priority)).toEqual([100, 95, 90, undefined, undefined]);
    expect(topology.hosts.slice(3).map((host) => [host.etcdName, host.etcdDataDir])).toEqual([
      ['etcd01', '/var/lib/etcd/etcd01'],
      ['etcd02', '/var/lib/etcd/etcd02'],
    ]);
    expect(topology).toMatchObject({
      name: 'seed',
      network: '10.10.102.0/23',
      vip: { address: '10.10.102.21', prefixLength: 24 },
      podNetwork: '10.244.0.0/16',
      serviceNetwork: '10.96.0.0/12',
      keepalived: {
        virtualRouterId: 51,
        advertIntervalS: 1,
        authPass: '1111',
        garpMasterRefreshS: 0,
        check: { intervalS: 2, weight: -20 },
      },
      guard: 'off',
      dns: 'none',
      observer: { name: 'observer', address: '10.10.103.200' },
    });
  });

  it('warns that two etcd members tolerate no failure', () => {
    expect(loadTopology().warnings).toEqual([
      'etcd with 2 members tolerates no failure (its quorum is 2), an even number: no better than 1',
    ]);
  });
});

describe('a topology file', () => {
  it('takes from the seed whatever it leaves out, and its name from the file', () => {
    const { topology } = parseTopology('keepalived: { check: { weight: -30 } }', 'a/lab.yaml');
    const seed = loadTopology().topology;
    expect(topology).toEqual({
      ...seed,
      name: 'lab',
      keepalived: { ...seed.keepalived, check: { intervalS: 2, weight: -30 } },
    });
  });

  it('gives priorities, member names and data folders by position where it leaves them out', () => {
    const { topology } = parseTopology(hostsWith({}), 'lab.yaml');
    expect(topology.hosts.map((host) => host.priority)).toEqual([100, 95, 90, undefined, undefined]);
    expect(topology.hosts[4]).toEqual({
      name: 'n2',
      address: '10.10.103.97',
      roles: ['node', 'etcd'],
      etcdName: 'etcd02',
      etcdDataDir: '/var/lib/etcd/etcd02',
    });
  });

  it('is found by path', () => {
    const folder = mkdtempSync(join(tmpdir(), 'topology-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'wide.yaml');
    writeFileSync(path, 'network: 10.10.0.0/16\n');
    expect(loadTopology(path).topology).toMatchObject({ name: 'wide', network: '10.10.0.0/16' });
  });

  it('that cannot be read is an error with its path', () => {
    expect(() => loadTopology('./nowhere.yaml')).toThrow(/\.\/nowhere\.yaml cannot be read/);
  });

  it('that nobody knows by name is an error that lists the known ones', () => {
    expect(listTopologies()).toContain('seed');
    try {
      loadTopology('sed');
      expect.unreachable('the name was accepted');
    } catch (error) {
      expect(explainError(error)).toMatch(
        /called sed\n→ did you mean seed\? There are: guarded, seed, three-etcd/,
      );
    }
  });

  it.each(listTopologies())('%s, which comes with holdfast, is usable', (name) => {
    expect(loadTopology(name).topology.name).toBe(name);
  });
});

describe('warnings', () => {
  const members = (count: number): string =>
    `hosts:\n  - { name: m, address: 10.10.102.91, roles: [master] }\n` +
    `  - { name: n, address: 10.10.103.1, roles: [node] }\n` +
    Array.from({ length: count }, (_, index) => index)
      .map((index) => `  - { name: e${index}, address: 10.10.103.${10 + index}, roles: [etcd] }\n`)
      .join('');

  it.each([
    [1, ['etcd with 1 member tolerates no failure (its quorum is 1)']],
    [3, []],
    [
      4,
      ['etcd with 4 members tolerates the failure of 1 (its quorum is 3), an even number: no better than 3'],
    ],
    [5, []],
  ])('for %i etcd members are %j', (count, warnings) => {
    expect(parseTopology(members(count), 'lab.yaml').warnings).toEqual(warnings);
  });
});

describe('errors of shape', () => {
  it.each<[string, string, RegExp]>([
    ['wrong YAML', 'hosts: [', /^lab\.yaml:1:9: this is not YAML/m],
    ['a key given twice', 'vip: 10.10.102.21/24\nvip: 10.10.102.22/24\n', /^lab\.yaml:2:1: .*unique/m],
    ['a list', '- 1', /^lab\.yaml:1:1: found a list, expected a mapping/m],
    ['an unknown key', '\nvap: 1', /^lab\.yaml:2:1: vap: unknown key.*did you mean vip\?/m],
    [
      'an unknown key of keepalived',
      'keepalived:\n  priority: 1',
      /^lab\.yaml:2:3: keepalived\.priority: unknown key.*remove it/m,
    ],
    [
      'an unknown key of a host',
      hostsWith({ m2: '{ name: m2, adress: 10.10.102.92, address: 10.10.102.92, roles: [master] }' }),
      /^lab\.yaml:3:17: hosts\[1\]\.adress: unknown key.*did you mean address\?/m,
    ],
    [
      'an unknown role',
      hostsWith({ m1: '{ name: m1, address: 10.10.102.91, roles: [mastr] }' }),
      /^lab\.yaml:2:48: hosts\[0\]\.roles\[0\]: found "mastr", expected one of the roles master, node, etcd/m,
    ],
    [
      'no role',
      hostsWith({ n1: '{ name: n1, address: 10.10.103.96, roles: [] }' }),
      /^lab\.yaml:5:40: hosts\[3\]\.roles: found an empty list, expected at least one role/m,
    ],
    [
      'a missing address, at the host that lacks it',
      hostsWith({ m3: '{ name: m3, roles: [master] }' }),
      /^lab\.yaml:4:5: hosts\[2\]\.address: found nothing, expected an IPv4 address/m,
    ],
    [
      'half an address',
      hostsWith({ m3: '{ name: m3, address: 10.10.102, roles: [master] }' }),
      /^lab\.yaml:4:17: hosts\[2\]\.address: found "10\.10\.102", expected an IPv4 address/m,
    ],
    [
      'a host name that DNS would refuse',
      hostsWith({ m3: '{ name: M_3, address: 10.10.102.93, roles: [master] }' }),
      /^lab\.yaml:4:7: hosts\[2\]\.name: found "M_3", expected a DNS name/m,
    ],
    [
      'a CIDR without a prefix',
      'network: 10.10.102.0',
      /^lab\.yaml:1:1: network: .*expected an IPv4 network/m,
    ],
    [
      'a CIDR with host bits',
      'podNetwork: 10.244.0.1/16',
      /^lab\.yaml:1:1: podNetwork: .*without host bits/m,
    ],
    ['a CIDR beyond 32 bits', 'serviceNetwork: 10.96.0.0/33', /^lab\.yaml:1:1: serviceNetwork: /m],
    ['a VIP without a prefix', 'vip: 10.10.102.21', /^lab\.yaml:1:1: vip: .*with the length of its prefix/m],
    [
      'VRID 0',
      'keepalived: { virtualRouterId: 0 }',
      /^lab\.yaml:1:15: .*found 0, expected .* from 1 to 255/m,
    ],
    [
      'VRID 256',
      'keepalived: { virtualRouterId: 256 }',
      /^lab\.yaml:1:15: .*found 256, expected .* from 1 to 255/m,
    ],
    [
      'a refresh that comes before now',
      'keepalived: { garpMasterRefreshS: -1 }',
      /^lab\.yaml:1:15: .*found -1, expected .* from 0 to 3600 of seconds \(0: never\)/m,
    ],
    ['a guard that is neither', 'guard: maybe', /^lab\.yaml:1:1: guard: found "maybe", expected on or off/m],
    [
      'DNS of another kind',
      'dns: coredns',
      /^lab\.yaml:1:1: dns: found "coredns", expected one of none, deployment, daemonset/m,
    ],
    [
      'a password that is a number',
      'keepalived: { authPass: 1111 }',
      /found 1111, expected a text .* in quotes/m,
    ],
  ])('name %s with its position', (_what, text, expected) => {
    expect(rejected(text)).toMatch(expected);
  });
});
