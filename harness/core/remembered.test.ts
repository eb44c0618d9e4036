import { expect, test } from 'vitest';
import { remembered } from './remembered.ts';

test('an answer is computed once, and anew when there is more to answer from', () => {
  let computed = 0;
  const sum = remembered(
    (list: readonly number[]) => {
      computed += 1;
      return list.reduce((total, one) => total + one, 0);
    },
    (list) => list.length,
  );
  const list = [1, 2];
  expect([sum(list), sum(list), computed]).toEqual([3, 3, 1]);
  list.push(3);
  expect([sum(list), sum([1, 2, 3]), computed]).toEqual([6, 6, 3]);
});
