import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import { UsageError } from '../core/errors.ts';
import type { Fault, FaultParams, FaultPlan, HostDeed } from '../core/fault.ts';
import { bandwidth } from './bandwidth.ts';
import { cutLink } from './cut-link.ts';
import { delay } from './delay.ts';
import { dropVrrp } from './drop-vrrp.ts';
import { flapLink } from './flap-link.ts';
import { interfaceDown } from './interface-down.ts';
import { isolateHost } from './isolate-host.ts';
import { packetLoss } from './packet-loss.ts';
import { completeParams } from './parameters.ts';
import { partition } from './partition.ts';

const [MASTER = '', OTHER = ''] = TOPOLOGY.hosts.map(({ name }) => name);
const OBSERVER = TOPOLOGY.observer.name;

function planOf(
  fault: Fault,
  targets: readonly string[],
  given: FaultParams,
): FaultPlan & { readonly id: string } {
  return { topology: TOPOLOGY, targets, params: completeParams(fault, given), id: 'fault-1' };
}

function deedsOf(fault: Fault, targets: readonly string[], given: FaultParams = {}): readonly HostDeed[] {
  return fault.preview?.(planOf(fault, targets, given)) ?? [];
}

const FAULTS: readonly (readonly [Fault, FaultParams])[] = [
  [isolateHost, {}],
  [partition, {}],
  [cutLink, { to: 'etcd', ports: '2379' }],
  [dropVrrp, {}],
  [flapLink, {}],
  [packetLoss, {}],
  [bandwidth, {}],
  [delay, { jitterMs: 10 }],
  [interfaceDown, {}],
];

describe.each(FAULTS.map(([fault, params]) => [fault.name, fault, params] as const))(
  '%s',
  (_, fault, params) => {
    test('says its deeds and undos in shell that a POSIX sh can read', () => {
      const scripts = deedsOf(fault, [MASTER, OTHER], params).flatMap(({ deed, undo }) => [deed, undo]);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) {
        const { stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
        expect(stderr).toBe('');
      }
    });

    test('has an effect on its targets', () => {
      const { cuts = [], impaired = [] } = fault.effect(planOf(fault, [MASTER, OTHER], params));
      const struck = [...cuts.map(({ from }) => from), ...impaired.map(({ host }) => host)];
      expect(struck).toContain(MASTER);
    });

    test('does not strike the observer, where nothing would undo it', () => {
      const struck = { ...params, ...(fault === cutLink && { to: OBSERVER }) };
      const hosts = deedsOf(fault, [MASTER, OTHER], struck).map(({ host }) => host);
      expect(hosts).not.toContain(OBSERVER);
      expect(() => fault.effect(planOf(fault, [OBSERVER], params))).toThrow(UsageError);
    });
  },
);

describe('isolate-host', () => {
  const cutsOf = (direction: string): string[] =>
    (isolateHost.effect(planOf(isolateHost, [MASTER], { direction })).cuts ?? []).map(
      ({ from, to }) => `${from === MASTER ? 'out' : 'in'} ${from === MASTER ? to : from}`,
    );
  const others = [...TOPOLOGY.hosts.slice(1), TOPOLOGY.observer].map(({ name }) => name);

  test.each([
    ['out', others.map((name) => `out ${name}`)],
    ['in', others.map((name) => `in ${name}`)],
    ['both', others.flatMap((name) => [`in ${name}`, `out ${name}`])],
  ])('in direction %s cuts it from all others and the observer', (direction, expected) => {
    expect(cutsOf(direction).toSorted()).toEqual(expected.toSorted());
  });

  test('stops what goes around the rules (gratuitous ARP of keepalived) only where nothing may go out', () => {
    const [both, into] = ['both', 'in'].map(
      (direction) => deedsOf(isolateHost, [MASTER], { direction })[0]?.deed,
    );
    expect(both).toContain('pfifo limit 0');
    expect(into).not.toContain('pfifo');
  });
});

describe('cut-link', () => {
  test('stands where packets arrive, and for the observer where they are sent', () => {
    const deeds = deedsOf(cutLink, [MASTER], { to: `${OTHER},observer`, direction: 'out' });
    expect(deeds.map(({ host }) => host)).toEqual([OTHER, MASTER]);
    expect(deeds[0]?.deed).toContain('$(from_link 10.10.102.91)');
    expect(deeds[1]?.deed).toContain(`-d ${TOPOLOGY.observer.address} -j DROP`);
  });

  test('of some ports leaves ARP and all else alone', () => {
    const [first] = deedsOf(cutLink, [MASTER], { to: OTHER, ports: '2379,2380' });
    expect(first?.deed).not.toContain('arptables');
    const rules = first?.deed.split('\n').filter((line) => line.endsWith('-j DROP')) ?? [];
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.every((rule) => rule.includes('-p tcp -m multiport --ports 2379,2380'))).toBe(true);
  });

  test.each([
    [{ to: MASTER }, 'two ends'],
    [{ to: OTHER, ports: '2379;2380' }, 'numbers with commas'],
    [{ to: OTHER, ports: '70000' }, 'numbers with commas'],
  ])('with %j is refused', (params, message) => {
    expect(() => cutLink.effect(planOf(cutLink, [MASTER], params))).toThrow(message);
  });
});

test('drop-vrrp takes only adverts', () => {
  const { cuts = [] } = dropVrrp.effect(planOf(dropVrrp, [MASTER], { direction: 'out' }));
  expect(new Set(cuts.map(({ traffic, from }) => `${traffic} ${from}`))).toEqual(new Set([`vrrp ${MASTER}`]));
});

test('interface-down takes the address from a master, as the host notices, and no process from a node', () => {
  const lost = (host: string): unknown =>
    interfaceDown.effect(planOf(interfaceDown, [host], {})).processesDown;
  expect(lost(MASTER)).toEqual([{ host: MASTER, process: 'keepalived', how: 'stopped' }]);
  expect(lost(TOPOLOGY.hosts.at(-1)?.name ?? '')).toEqual([]);
});
