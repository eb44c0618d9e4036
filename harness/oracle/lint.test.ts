import { describe, expect, test } from 'vitest';
import { NODES, TOPOLOGY, VRRP_INSTANCES } from '../../fixtures/runs/good-run-plan.ts';
import { UsageError } from '../core/errors.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import type { HostPlan, Topology } from '../core/topology.ts';
import { lintConfFiles, lintInstances } from './lint-keepalived.ts';
import { bySeverity, lintTopology, type LintFinding } from './lint.ts';

/** The seed's with the one thing that it lacks: nothing can be said against them. */
const SOUND = VRRP_INSTANCES.map((instance) => ({ ...instance, garpMasterRefreshS: 10 }));
const [first, second, third] = SOUND as [VrrpInstance, VrrpInstance, VrrpInstance];
const [CHECK] = first.trackScripts as [TrackScript];

describe('a topology', () => {
  test("as the seed's is told its two weaknesses of etcd, and its VIP's mask", () => {
    expect(idsOf(lintTopology(TOPOLOGY))).toEqual(['etcd-tolerates-nothing', 'etcd-on-nodes', 'vip-mask']);
    expect(lintTopology(TOPOLOGY)[0]).toMatchObject({
      severity: 'weakness',
      what: 'etcd with 2 members tolerates no failure (its quorum is 2), an even number: no better than 1',
    });
  });

  test('with nothing to say against it is told nothing', () => {
    expect(lintTopology(sound())).toEqual([]);
  });

  test.each<[string, Partial<Topology>, string, LintFinding['severity']]>([
    ['one etcd member', { hosts: withEtcd(1) }, 'etcd-tolerates-nothing', 'weakness'],
    ['four etcd members', { hosts: withEtcd(4) }, 'etcd-even', 'note'],
    ['two masters', { hosts: withEtcd(3).slice(1) }, 'two-masters', 'note'],
    ['one master', { hosts: withEtcd(3).slice(2) }, 'one-master', 'weakness'],
    ['one node', { hosts: withEtcd(3).filter(({ name }) => name !== NODES[0]) }, 'one-node', 'weakness'],
    ['a VIP with a longer mask', { vip: { ...TOPOLOGY.vip, prefixLength: 24 } }, 'vip-mask', 'weakness'],
    [
      'etcd on masters',
      {
        hosts: withEtcd(0).map((host) =>
          host.roles.includes('master') ? { ...host, roles: ['master', 'etcd'] } : host,
        ),
      },
      'etcd-on-masters',
      'note',
    ],
  ])('with %s is told so', (_, change, id, severity) => {
    expect(lintTopology({ ...sound(), ...change })).toMatchObject([{ id, severity }]);
  });
});

describe('instances of keepalived', () => {
  test('with nothing to say against them are told nothing', () => {
    expect(lintInstances(SOUND)).toEqual([]);
  });

  test.each<[string, readonly VrrpInstance[], string]>([
    ['without a check', SOUND.map((one) => ({ ...one, trackScripts: [] })), 'no-check'],
    [
      'that ignore an HTTP 500',
      withCheck({ command: 'curl -k -m 2 https://127.0.0.1:6443/healthz' }),
      'check-ignores-errors',
    ],
    [
      'that ask the insecure port',
      withCheck({ command: 'curl -fk -m 2 http://127.0.0.1:8080/healthz' }),
      'check-insecure-port',
    ],
    [
      'whose check may hang',
      withCheck({ command: 'curl -fk https://127.0.0.1:6443/healthz' }),
      'check-may-hang',
    ],
    ['whose check has no weight', withCheck({ weight: 0 }), 'check-without-weight'],
    ['whose weight is too small', withCheck({ weight: -4 }), 'weight-too-small'],
    ['whose weight makes equal', withCheck({ weight: -5 }), 'weight-makes-equal'],
    ['of the same priority', [first, { ...second, priority: 100 }, third], 'equal-priorities'],
    ['of which two begin as master', [first, { ...second, state: 'MASTER' }, third], 'several-masters'],
    [
      'with other advert intervals',
      [first, { ...second, advertIntervalS: 2 }, third],
      'advert-intervals-differ',
    ],
    ['with other router ids', [first, { ...second, virtualRouterId: 52 }, third], 'router-ids-differ'],
    [
      'with other addresses',
      [first, { ...second, virtualAddresses: ['10.10.102.21/32'] }, third],
      'addresses-differ',
    ],
    ['that do not preempt', [{ ...first, state: 'BACKUP', preempt: false }, second, third], 'nopreempt'],
    ['that cannot but preempt', [{ ...first, preempt: false }, second, third], 'nopreempt-master'],
    ['that never repeat their ARP', VRRP_INSTANCES, 'no-garp-refresh'],
    [
      'twice on a host',
      [first, { ...first, name: 'VI_2', state: 'BACKUP', virtualAddresses: ['10.10.102.22/24'] }],
      'router-id-twice',
    ],
  ])('%s are told so', (_, instances, id) => {
    expect(idsOf(lintInstances(instances))).toContain(id);
    expect(idsOf(lintInstances(SOUND))).not.toContain(id);
  });

  test('of the seed keep their order after every failing check: 80 is below 90', () => {
    expect(idsOf(lintInstances(withCheck({ weight: -11 })))).toEqual([]);
    expect(idsOf(lintInstances(withCheck({ weight: -6 })))).toEqual([]);
  });
});

describe('keepalived.conf', () => {
  const conf = `vrrp_script check_k8s_master {
    script "curl -k http://127.0.0.1:8080/healthz"
    interval 2
    weight -20
}
vrrp_instance VI_1 {
    state MASTER
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass 123456789
    }
    track_script {
        check_k8s_master
    }
}`;
  const file = (text: string, host: string) => ({ text, host, address: '0.0.0.0', file: `${host}.conf` });

  test('of the seed is told its mistakes at their lines', () => {
    const findings = bySeverity(lintConfFiles([file(conf, 'm1')]));
    expect(findings.map(({ id, where }) => [id, where])).toEqual([
      ['auth-pass-cut', 'm1.conf:12'],
      ['check-ignores-errors', 'm1.conf:1'],
      ['check-insecure-port', 'm1.conf:1'],
      ['no-garp-refresh', 'm1.conf:6'],
      ['check-may-hang', 'm1.conf:1'],
    ]);
  });

  test('of several hosts is told once what is wrong in all, and what they do not agree on', () => {
    const findings = bySeverity(lintConfFiles([file(conf, 'm1'), file(conf, 'm2')]));
    expect(findings.find(({ id }) => id === 'check-ignores-errors')?.where).toBe('m1.conf:1, m2.conf:1');
    expect(idsOf(findings)).toContain('equal-priorities');
    expect(idsOf(findings)).toContain('several-masters');
  });

  test('that keepalived could not read is refused', () => {
    expect(() => lintConfFiles([file('vrrp_instance VI_1 {', 'm1')])).toThrow(UsageError);
  });
});

test('the gravest come first', () => {
  const found = bySeverity([...lintTopology(TOPOLOGY), ...lintInstances(withCheck({ weight: -4 }))]);
  expect(found.map(({ severity }) => severity)).toEqual(['mistake', 'weakness', 'weakness', 'weakness']);
});

function idsOf(findings: readonly LintFinding[]): string[] {
  return findings.map(({ id }) => id);
}

/** The seed's masters and nodes, with so many hosts for etcd alone. */
function withEtcd(members: number): HostPlan[] {
  const others = TOPOLOGY.hosts.map((host) => ({
    ...host,
    roles: host.roles.filter((role) => role !== 'etcd'),
  }));
  const own = Array.from({ length: members }, (_, index) => ({
    name: `etcd${index}`,
    address: `10.10.103.${110 + index}`,
    roles: ['etcd' as const],
  }));
  return [...others, ...own];
}

function sound(): Topology {
  return { ...TOPOLOGY, hosts: withEtcd(3), vip: { ...TOPOLOGY.vip, prefixLength: 32 } };
}

function withCheck(change: Partial<TrackScript>): VrrpInstance[] {
  return SOUND.map((instance) => ({ ...instance, trackScripts: [{ ...CHECK, ...change }] }));
}
