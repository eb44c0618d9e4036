import { describe, expect, it } from 'vitest';
import { collectNamed, durationUpTo } from './options.ts';

describe('a duration on the command line', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('%s is %i ms', (text, durationMs) => {
    expect(durationUpTo('1h')(text)).toBe(durationMs);
  });

  it.each(['30', 's', '-1s', '0s', '61m', '5 s', '1d', ''])('"%s" is none', (text) => {
    expect(() => durationUpTo('1h')(text)).toThrow('1h at most');
  });
});

describe('named values on the command line', () => {
  it('are collected, the last one counting', () => {
    const first = collectNamed('process=kubelet', {});
    expect(collectNamed('note=a=b', first)).toEqual({ process: 'kubelet', note: 'a=b' });
    expect(collectNamed('process=etcd', first)).toEqual({ process: 'etcd' });
  });

  it('need a name and a value', () => {
    expect(() => collectNamed('=x', {})).toThrow('name=value');
    expect(() => collectNamed('x', {})).toThrow('name=value');
  });
});
