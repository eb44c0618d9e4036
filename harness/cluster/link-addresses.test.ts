// The interface of the cluster is the one that has the host's address, whatever it is called.
import { expect, test } from 'vitest';
import { FakeHost } from '../hosts/fake.ts';
import { addressedInterface } from './link-addresses.ts';

test('the interface is the one that has the host’s address', async () => {
  const host = new FakeHost('m1', '10.10.102.91').when('ip -4 -oneline address show to 10.10.102.91/32', {
    stdout:
      '3: enp1s0.7    inet 10.10.102.91/23 brd 10.10.103.255 scope global enp1s0.7\\       valid_lft forever\n',
  });
  expect(await addressedInterface(host)).toBe('enp1s0.7');
});

test('a host that has not the address is named, and what it should have', async () => {
  const host = new FakeHost('m1', '10.10.102.91').when('ip', { stdout: '' });
  await expect(addressedInterface(host)).rejects.toThrow('m1 has no address 10.10.102.91');
});
