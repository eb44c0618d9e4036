import { describe, expect, it } from 'vitest';
import { nearestName } from './suggest.ts';

describe('nearestName', () => {
  it.each([
    ['adress', 'address'],
    ['vap', 'vip'],
    ['POWER-OFF', 'power-off'],
    ['virtalRouterId', 'virtualRouterId'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestName(typed, ['address', 'vip', 'power-off', 'virtualRouterId'])).toBe(meant);
  });

  it('suggests nothing for a name that is like none', () => {
    expect(nearestName('zebra', ['address', 'vip'])).toBeUndefined();
  });
});
