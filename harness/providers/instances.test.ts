import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gatewayOf, instancesToTry, networksOverlap, shiftTopology } from './instances.ts';
import { TWO_HOSTS } from './testing/two-hosts.ts';

const topology = TWO_HOSTS;

test('instance 0 is the topology itself', () => {
  expect(shiftTopology(topology, 0)).toEqual(topology);
});

test('an instance shifts every lab address and nothing else', () => {
  const shifted = shiftTopology(topology, 3);
  expect(shifted.network).toBe('10.13.102.0/23');
  expect(shifted.vip).toEqual({ address: '10.13.102.21', prefixLength: 24 });
  expect(shifted.hosts.map(({ address }) => address)).toEqual(['10.13.102.91', '10.13.103.96']);
  expect(shifted.observer.address).toBe('10.13.103.200');
  const { podNetwork, serviceNetwork, keepalived } = shifted;
  expect({ podNetwork, serviceNetwork, keepalived }).toEqual({
    podNetwork: topology.podNetwork,
    serviceNetwork: topology.serviceNetwork,
    keepalived: topology.keepalived,
  });
  expect(shifted.hosts.map(({ name, roles }) => ({ name, roles }))).toEqual(
    topology.hosts.map(({ name, roles }) => ({ name, roles })),
  );
});

test('an instance beyond the second octet is a usage error that says the range', () => {
  expect(shiftTopology(topology, 245).network).toBe('10.255.102.0/23');
  expect(() => shiftTopology(topology, 246)).toThrow(
    expect.objectContaining({ name: 'UsageError', hint: 'instances go from 0 to 245' }),
  );
  expect(() => shiftTopology(topology, -1)).toThrow('instance -1');
});

test('no two instances overlap', () => {
  const instance = fc.integer({ min: 0, max: 245 });
  fc.assert(
    fc.property(instance, instance, (one, other) => {
      const networks = [one, other].map((n) => shiftTopology(topology, n).network) as [string, string];
      expect(networksOverlap(...networks)).toBe(one === other);
    }),
  );
});

test.each([
  ['10.10.102.0/23', '10.10.103.0/24', true],
  ['10.10.103.0/24', '10.10.102.0/23', true],
  ['10.10.102.0/23', '10.10.104.0/24', false],
  ['0.0.0.0/0', '10.10.104.0/24', true],
  ['10.10.102.0/23', '10.10.103.255/32', true],
])('%s and %s overlap: %s', (one, other, expected) => {
  expect(networksOverlap(one, other)).toBe(expected);
});

test('the gateway is the last usable address', () => {
  expect(gatewayOf('10.10.102.0/23')).toBe('10.10.103.254');
  expect(gatewayOf('192.168.7.0/24')).toBe('192.168.7.254');
});

test('instances that somebody holds are passed over', () => {
  const taken = [
    { cidr: '10.10.0.0/16', holder: 'run a' },
    { cidr: '10.12.103.9/32', holder: 'eth1' },
  ];
  expect(instancesToTry(topology, taken, undefined).slice(0, 3)).toEqual([1, 3, 4]);
});

test('a fixed instance that is taken is a usage error that names the holder', () => {
  const taken = [{ cidr: '10.11.0.0/16', holder: 'the Docker network holdfast-a of run a' }];
  expect(() => instancesToTry(topology, taken, 1)).toThrow(
    'instance 1 needs 10.11.102.0/23, which overlaps 10.11.0.0/16, held by the Docker network holdfast-a of run a',
  );
  expect(instancesToTry(topology, taken, 2)).toEqual([2]);
});

test('when nothing is free the first holder is named', () => {
  const taken = [{ cidr: '10.0.0.0/8', holder: 'the route by eth0 of this machine' }];
  expect(() => instancesToTry(topology, taken, undefined)).toThrow(/no instance .* the route by eth0/);
});
