import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, judgeAtMost, VERDICTS, worstCleanliness, worstVerdict } from './verdict.ts';

const verdicts = fc.constantFrom(...VERDICTS);

describe('combining verdicts', () => {
  it('takes the worst', () => {
    expect(worstVerdict(['pass', 'fail', 'invalid', 'inconclusive'])).toBe('fail');
    expect(worstVerdict(['pass', 'inconclusive', 'invalid'])).toBe('invalid');
  });

  it('is never green without data', () => {
    expect(worstVerdict([])).toBe('invalid');
    expect(worstCleanliness([])).toBe('unknown');
  });

  it('is green only if every part is', () => {
    fc.assert(
      fc.property(fc.array(verdicts, { minLength: 1 }), (parts) => {
        expect(worstVerdict(parts) === 'pass').toBe(parts.every((part) => part === 'pass'));
      }),
    );
  });

  it('exits 0 for pass alone', () => {
    expect(VERDICTS.map(exitCodeOf)).toEqual([0, 2, 2, 1]);
  });
});

describe('judging a bounded duration against a limit', () => {
  it('fails only if the lower bound exceeds it and passes only if the upper bound does not', () => {
    expect(judgeAtMost({ lowerMs: 101, upperMs: 200 }, 100)).toBe('fail');
    expect(judgeAtMost({ lowerMs: 50, upperMs: 100 }, 100)).toBe('pass');
    expect(judgeAtMost({ lowerMs: 99, upperMs: 101 }, 100)).toBe('inconclusive');
  });
});
