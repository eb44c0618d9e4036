// What the oracle expects of clusters that somebody else built.
import { describe, expect, test } from 'vitest';
import {
  BALANCED,
  FOUND,
  STACKED,
  STACKED_INSTANCES,
  STACKED_MASTERS,
} from '../../fixtures/runs/found-topology.ts';
import type { FaultEffect } from '../core/record.ts';
import type { Topology } from '../core/topology.ts';
import { subsetsOf } from './damage.ts';
import { scriptSucceeds } from './election.ts';
import { expectationsOf, type Foreseen } from './expectations.ts';

const API = ['api', 'api-read', 'api-write', 'api-watch'];

function foresee(topology: Topology, effects: readonly FaultEffect[], capability: string): Foreseen {
  const instances = topology === BALANCED ? [] : STACKED_INSTANCES;
  const found = expectationsOf(topology, instances, effects).find((one) => one.capability === capability);
  if (!found) throw new Error(`nothing is expected of ${capability}`);
  return found;
}

const etcdDies = (...hosts: string[]): FaultEffect => ({
  processesDown: hosts.map((host) => ({ host, process: 'etcd' as const, how: 'killed' as const })),
});

describe('with etcd stacked on the masters', () => {
  const lost = subsetsOf([...STACKED_MASTERS]).filter((some) => some.length > 0);

  test.each(lost.map((some) => [some]))(
    'without power on %j: the API needs two members, so two masters',
    (hostsDown) => {
      for (const capability of [...API, 'scheduling']) {
        expect(foresee(STACKED, [{ hostsDown }], capability).settled, capability).toBe(hostsDown.length < 2);
      }
      expect(foresee(STACKED, [{ hostsDown }], 'vip').settled).toBe(hostsDown.length < 3);
    },
  );

  test('an apiserver whose own member is gone is of no use, whatever the others do', () => {
    const effects = [etcdDies('cp-1')];
    expect(foresee(STACKED, effects, 'apiserver cp-1').settled).toBe(false);
    expect(foresee(STACKED, effects, 'apiserver cp-1').reason).toContain('2 are left');
    for (const other of ['cp-2', 'cp-3']) {
      expect(foresee(STACKED, effects, `apiserver ${other}`).settled).toBe(true);
    }
  });

  test('the check of the holder fails with its member, and the VIP goes to a master that serves', () => {
    const api = foresee(STACKED, [etcdDies('cp-1')], 'api-write');
    expect(api.settled).toBe(true);
    expect(api.reason).toContain("goes to cp-2 when the holder's check has failed");
  });

  test('the same member by systemd is asked by every apiserver: one that is gone hurts none for good', () => {
    const bySystemd: Topology = { ...STACKED, found: { ...FOUND, etcd: { supervisor: 'systemd' } } };
    expect(foresee(bySystemd, [etcdDies('cp-1')], 'apiserver cp-1').settled).toBe(true);
  });

  test('a master that is cut off has a member without a quorum, and the others serve', () => {
    const others = ['cp-2', 'cp-3', 'worker-1', 'observer'];
    const cuts = others.flatMap((other) => [
      { from: 'cp-1', to: other, traffic: 'all' as const },
      { from: other, to: 'cp-1', traffic: 'all' as const },
    ]);
    expect(foresee(STACKED, [{ cuts }], 'etcd cp-1').settled).toBe(false);
    expect(foresee(STACKED, [{ cuts }], 'api-write').settled).toBe(true);
  });

  test('nobody waits for a member on another host: 4 s of election, or by the timeout that is set', () => {
    const down = [{ hostsDown: ['cp-3'] }];
    expect(foresee(STACKED, down, 'apiserver cp-2').transitionMs).toBe(4_000);
    const slow: Topology = {
      ...STACKED,
      found: { ...FOUND, etcd: { ...FOUND.etcd, electionTimeoutMs: 2_500 } },
    };
    expect(foresee(slow, down, 'apiserver cp-2').transitionMs).toBe(10_000);
  });

  test('nothing is expected of a workload that is not there', () => {
    const names = expectationsOf(STACKED, STACKED_INSTANCES, []).map(({ capability }) => capability);
    expect(names.filter((name) => name.startsWith('service'))).toEqual([]);
    const withWorkload: Topology = { ...STACKED, found: { ...FOUND, hasWorkload: true } };
    const more = expectationsOf(withWorkload, STACKED_INSTANCES, []).map(({ capability }) => capability);
    expect(more).toContain('service worker-1');
  });
});

describe('behind an endpoint that is not keepalived’s', () => {
  test('nothing is expected of the VIP, and nothing may fail while all is well', () => {
    const all = expectationsOf(BALANCED, [], []);
    expect(all.map(({ capability }) => capability)).not.toContain('vip');
    for (const { capability, expected } of all) expect(expected, capability).toBe('must-not-fail');
  });

  test.each<[string, FaultEffect, boolean | undefined]>([
    [
      'one master that does not serve may be the one that clients are led to',
      { hostsDown: ['cp-2'] },
      undefined,
    ],
    ['without a quorum no master serves, wherever clients are led', { hostsDown: ['cp-2', 'cp-3'] }, false],
    ['a node more or less is nothing to the API', { hostsDown: ['worker-1'] }, true],
    [
      'a master that the observer does not reach may be the one that clients are led to',
      { cuts: [{ from: 'cp-1', to: 'observer', traffic: 'all' }] },
      undefined,
    ],
  ])('%s', (_, effect, settled) => {
    expect(foresee(BALANCED, [effect], 'api-write').settled).toBe(settled);
  });
});

describe('a check that is a script', () => {
  const command = '"/etc/keepalived/check_apiserver.sh"';
  const content = (options: string): string => `#!/bin/sh
# curl -f is what it is not
[ -f /etc/keepalived/off ] && exit 0
curl ${options} https://127.0.0.1:6443/ \\
  -o /dev/null || errorExit "Error GET https://127.0.0.1:6443/"
`;

  test('is understood by what it asks', () => {
    expect(scriptSucceeds({ command, content: content('-k -m 2') }, false, true)).toBe(true);
    expect(scriptSucceeds({ command, content: content('-k -m 2') }, false, false)).toBe(false);
    expect(scriptSucceeds({ command, content: content('-fsk') }, false, true)).toBe(false);
  });

  test('is not understood by its name, nor when it asks nothing of its host', () => {
    expect(scriptSucceeds({ command }, true, true)).toBeUndefined();
    expect(
      scriptSucceeds({ command, content: '#!/bin/sh\npgrep kube-apiserver\n' }, true, true),
    ).toBeUndefined();
  });
});
