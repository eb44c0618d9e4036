import { expect, test } from 'vitest';
import { FakeHost } from '../hosts/fake.ts';
import { deletedOf, forgetHalfOpen } from './half-open.ts';

test('how many connections were forgotten is read from what conntrack says', () => {
  expect(deletedOf('conntrack v1.4.7 (conntrack-tools): 300 flow entries have been deleted.\n')).toBe(300);
  expect(deletedOf('conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.\n')).toBe(0);
  expect(deletedOf('')).toBe(0);
});

test('hosts that had none are not told of', async () => {
  const [one, other] = [new FakeHost('one'), new FakeHost('other')];
  one.when('sh', { stdout: 'conntrack v1.4.7 (conntrack-tools): 12 flow entries have been deleted.' });
  other.when('sh', { stdout: 'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.' });
  expect(await forgetHalfOpen([one, other])).toEqual(new Map([['one', 12]]));
});
