import { expect, test } from 'vitest';
import { bridgeName } from './labels.ts';

test('the name of a bridge fits into an interface name and differs between runs', () => {
  const names = ['2026-11-23T06-00-00-abcd', '2026-11-23T06-00-00-abce'].map(bridgeName);
  expect(names[0]).not.toBe(names[1]);
  expect(names.every((name) => name.length <= 15)).toBe(true);
});
