// One golden refusal for each reason, and beside it what is let through.
import { describe, expect, it } from 'vitest';
import { parseTopology } from '../cluster/topology.ts';
import type { FaultParams } from '../core/fault.ts';
import type { Topology } from '../core/topology.ts';
import { FAULTS, faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import { refusalsOf, type Circumstances, type Intended } from './refusals.ts';

/** Three masters with an etcd member each, as kubeadm stacks them, and two nodes. */
const STACKED = parseTopology(
  `hosts:
  - { name: m1, address: 10.10.102.91, roles: [master, etcd], etcdDataDir: /var/lib/e }
  - { name: m2, address: 10.10.102.92, roles: [master, etcd], etcdDataDir: /var/lib/e }
  - { name: m3, address: 10.10.102.93, roles: [master, etcd], etcdDataDir: /var/lib/e }
  - { name: n1, address: 10.10.103.96, roles: [node] }
  - { name: n2, address: 10.10.103.97, roles: [node] }
`,
  'stacked.yaml',
).topology;

const power = { off: 'ipmitool off', on: 'ipmitool on' };
const POWERED: Topology = { ...STACKED, hosts: STACKED.hosts.map((host) => ({ ...host, power })) };

function intended(
  kind: string,
  targets: readonly string[],
  given: FaultParams = {},
  topology = STACKED,
): Intended {
  const fault = faultNamed(kind);
  const plan = { topology, targets, params: completeParams(fault, given) };
  return { kind, targets, effect: fault.effect(plan), deeds: fault.preview?.({ ...plan, id: 'x' }) };
}

function theirs(topology: Topology, more: Partial<Circumstances> = {}): Circumstances {
  return {
    owned: { provider: 'inventory', topology },
    policy: {},
    standing: [],
    losesQuorum: false,
    ...more,
  };
}

function ours(topology: Topology): Circumstances {
  return { ...theirs(topology), owned: { provider: 'containers', topology } };
}

const reasons = (one: Intended, circumstances: Circumstances): string[] =>
  refusalsOf(one, circumstances).map(({ reason }) => reason);

const ETCD_KILLED = { process: 'etcd', stays: true };

describe('a protected host', () => {
  const topology = { ...STACKED, protect: ['m1'] };
  it.each([
    ['is a target', intended('kill-process', ['m1'], { process: 'kubelet' })],
    ['is among the targets', intended('power-off', ['m2', 'm1'])],
    ['would have rules laid on it', intended('cut-link', ['m2'], { to: 'm1' })],
  ])('refuses a fault that it %s of, also on our own cluster', (_how, one) => {
    const reason = 'm1 is protected (protect: in the topology stacked)';
    expect(reasons(one, ours(topology))).toEqual([reason]);
    expect(reasons(one, theirs(topology))).toContain(reason);
    expect(reasons(one, ours(STACKED))).toEqual([]);
  });

  it('may lose its links to a host that is struck: nothing is done on it', () => {
    expect(reasons(intended('isolate-host', ['m2']), theirs(topology))).toEqual([]);
  });
});

describe('the blast radius', () => {
  it('is one host on somebody’s cluster, and what is said anywhere', () => {
    const one = intended('kill-process', ['n1', 'n2'], { process: 'kubelet' });
    expect(refusalsOf(one, theirs(STACKED))).toEqual([
      { reason: 'it strikes 2 hosts at once (n1, n2); allowed is 1', flag: '--allow-hosts 2' },
    ]);
    expect(refusalsOf(one, theirs(STACKED, { policy: { allowHosts: 2 } }))).toEqual([]);
    expect(refusalsOf(one, ours(STACKED))).toEqual([]);
    expect(refusalsOf(one, { ...ours(STACKED), policy: { allowHosts: 1 } })).toHaveLength(1);
  });

  it('counts hosts that are struck already, and hosts that a fault needs rules on', () => {
    const standing = [intended('kill-process', ['n1'], { process: 'kubelet' })];
    const again = intended('pause-process', ['n1'], { process: 'kubelet' });
    const another = intended('kill-process', ['n2'], { process: 'kubelet' });
    expect(refusalsOf(again, theirs(STACKED, { standing }))).toEqual([]);
    expect(reasons(another, theirs(STACKED, { standing }))).toEqual([
      'it strikes 2 hosts at once (n1, n2), those that are struck already among them; allowed is 1',
    ]);
    expect(reasons(intended('cut-link', ['n1'], { to: 'n2' }), theirs(STACKED))).toHaveLength(1);
  });
});

describe('a way back that needs no harness', () => {
  it.each(['power-off', 'freeze'])(
    'is missing for %s where nobody says how a host is switched on',
    (kind) => {
      expect(refusalsOf(intended(kind, ['n1']), theirs(STACKED))).toEqual([
        {
          reason: 'nothing could switch n1 on again: the topology says no power: {off, on} for it',
        },
      ]);
      expect(refusalsOf(intended(kind, ['n1'], {}, POWERED), theirs(POWERED))).toEqual([]);
      expect(refusalsOf(intended(kind, ['n1']), ours(STACKED))).toEqual([]);
    },
  );

  it('is the boot itself for a reboot', () => {
    expect(refusalsOf(intended('reboot', ['n1']), theirs(STACKED))).toEqual([]);
  });

  it('is missing for a cut that nothing on the host would undo', () => {
    const byHarness = { ...intended('isolate-host', ['n1']), deeds: undefined };
    expect(reasons(byHarness, theirs(STACKED))).toEqual([
      'no timer on the host would undo it if holdfast were cut off',
    ]);
  });
});

describe('quorum', () => {
  const two = intended('kill-process', ['m1', 'm2'], ETCD_KILLED);
  const policy = { allowHosts: 5 };
  const lost = '3 etcd members need 2 for quorum; m1 and m2 are down, 1 is left';

  it('is not lost without the scenario saying so and the person too', () => {
    expect(refusalsOf(two, theirs(STACKED, { policy }))).toEqual([
      {
        reason: `etcd would lose its quorum: ${lost}; the scenario does not say that it does that (losesQuorum)`,
      },
    ]);
    expect(refusalsOf(two, theirs(STACKED, { policy, losesQuorum: true }))).toEqual([
      { reason: `etcd would lose its quorum: ${lost}`, flag: '--allow-quorum-loss' },
    ]);
    const leave = { ...policy, allowQuorumLoss: true } as const;
    expect(refusalsOf(two, theirs(STACKED, { policy: leave }))).toHaveLength(1);
    expect(refusalsOf(two, theirs(STACKED, { policy: leave, losesQuorum: true }))).toEqual([]);
    expect(refusalsOf(two, ours(STACKED))).toEqual([]);
  });

  it.each([
    ['masters without power that carry members', intended('power-off', ['m1', 'm2'], {}, POWERED)],
    ['masters that reach nobody', intended('isolate-host', ['m1', 'm2'])],
    ['links between all members', intended('cut-link', ['m1', 'm2', 'm3'], { to: 'etcd' })],
    ['members that are started again', intended('kill-process', ['m1', 'm2'], { process: 'etcd' })],
    ['hosts that cannot be relied upon', intended('disk-full', ['m1', 'm2'])],
    [
      'a ring, in which a leader may or may not be found',
      intended('partition', ['m1', 'm2', 'm3'], { shape: 'bridge' }),
    ],
  ])('counts %s', (_what, one) => {
    expect(reasons(one, theirs(POWERED, { policy }))).toEqual([
      expect.stringContaining('etcd would lose its quorum') as string,
    ]);
  });

  it('counts what stands already', () => {
    const standing = [intended('isolate-host', ['m3'])];
    const one = intended('kill-process', ['m1'], ETCD_KILLED);
    expect(refusalsOf(one, theirs(STACKED, { policy }))).toEqual([]);
    expect(refusalsOf(one, theirs(STACKED, { policy, standing }))).toHaveLength(1);
  });

  it('is kept by one member of three, by a master’s kubelet, and by the larger side of a partition', () => {
    for (const one of [
      intended('power-off', ['m1'], {}, POWERED),
      intended('kill-process', ['m1', 'm2'], { process: 'kubelet', stays: true }),
      intended('partition', ['m1', 'm2', 'm3']),
    ]) {
      expect(refusalsOf(one, theirs(POWERED, { policy }))).toEqual([]);
    }
  });
});

it('every fault says what it would do, on its hosts or from outside of them', () => {
  const silent = FAULTS.filter((fault) => !('preview' in fault) && !('outside' in fault));
  expect(silent.map(({ name }) => name)).toEqual([]);
});
