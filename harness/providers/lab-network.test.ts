import { expect, test } from 'vitest';
import { parseRoutes } from './lab-network.ts';

test('every route but the default one holds a network', () => {
  const json = JSON.stringify([
    { dst: 'default', gateway: '192.0.2.1', dev: 'eth0' },
    { dst: '172.17.0.0/16', dev: 'docker0' },
    { dst: '198.51.100.7', dev: 'tun0' },
    { type: 'blackhole', dst: '203.0.113.0/24' },
  ]);
  expect(parseRoutes(json)).toEqual([
    { cidr: '172.17.0.0/16', holder: 'the route by docker0 of this machine' },
    { cidr: '198.51.100.7/32', holder: 'the route by tun0 of this machine' },
    { cidr: '203.0.113.0/24', holder: 'the route by no interface of this machine' },
  ]);
});

test('a machine without routes holds nothing', () => {
  expect(parseRoutes('')).toEqual([]);
});
