import { expect, test } from 'vitest';
import { explainError, HoldfastError } from './errors.ts';

test('what went wrong on each of several hosts is told with its own causes and hints', () => {
  const sudo = new HoldfastError('sudo says no', { hint: 'give it back' });
  const one = new Error('healing on a failed', { cause: sudo });
  const all = new AggregateError([one, new Error('healing on b failed')], '2 failed');
  expect(
    explainError(new HoldfastError('not healed', { cause: all, hint: 'try again' })).split('\n'),
  ).toEqual([
    'not healed',
    '→ try again',
    '  because 2 failed',
    '    - healing on a failed',
    '        because sudo says no',
    '        → give it back',
    '    - healing on b failed',
  ]);
});
