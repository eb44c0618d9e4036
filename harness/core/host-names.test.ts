import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { explainError } from './errors.ts';
import { resolveHostName } from './host-names.ts';

const { topology } = loadTopology();

describe('a host may be named', () => {
  it.each([
    ['10-10-102-92.master', '10-10-102-92.master'],
    ['master1', '10-10-102-91.master'],
    ['master3', '10-10-102-93.master'],
    ['node2', '10-10-103-97.node'],
    ['etcd01', '10-10-103-96.node'],
    ['10.10.102.93', '10-10-102-93.master'],
    ['observer', 'observer'],
  ])('as %s for %s', (typed, name) => {
    expect(resolveHostName(topology, typed)).toBe(name);
  });

  it('wrongly, and is then told what there is', () => {
    try {
      resolveHostName(topology, 'mastr1');
      expect.unreachable('the name was accepted');
    } catch (error) {
      expect(explainError(error)).toMatch(/no host is called mastr1\n→ did you mean master1\? There are: /);
      expect(explainError(error)).toContain('10-10-103-96.node (node1, etcd01)');
    }
  });

  it("by an alias that is another host's own name only as that host", () => {
    const [first, second, ...others] = topology.hosts;
    if (!first || !second) throw new Error('the seed has five hosts');
    const hosts = [first, { ...second, name: 'master1' }, ...others];
    expect(resolveHostName({ ...topology, hosts }, 'master1')).toBe('master1');
  });
});
