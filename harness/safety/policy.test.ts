import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { UsageError } from '../core/errors.ts';
import type { FoundCluster } from '../core/topology.ts';
import { abortConditions, hostLimit, isSomebodys, requireConsent } from './policy.ts';

const { topology } = loadTopology();
const OURS = { provider: 'containers', topology };
const THEIRS = { provider: 'inventory', topology };
const WHAT = 'power-off on m1';

describe('somebody’s cluster', () => {
  it('is one on hosts that were there before, and one that was found', () => {
    const found: FoundCluster = {
      kubernetesVersion: 'v1.29.0',
      apiPort: 6443,
      etcd: { supervisor: 'static-pod' },
      vip: { by: 'keepalived' },
      runtime: 'containerd',
      hasWorkload: false,
    };
    expect(isSomebodys(OURS)).toBe(false);
    expect(isSomebodys(THEIRS)).toBe(true);
    expect(isSomebodys({ provider: 'containers', topology: { ...topology, found } })).toBe(true);
  });

  it('is broken only by its name, and by no other', () => {
    expect(() => requireConsent(THEIRS, {}, WHAT)).toThrow(UsageError);
    expect(() => requireConsent(THEIRS, {}, WHAT)).toThrow(/seed is a cluster .* power-off on m1/);
    expect(() => requireConsent(THEIRS, { yesBreak: 'sed' }, WHAT)).toThrow(/says sed, .* called seed/);
    expect(() => requireConsent(THEIRS, { yesBreak: 'seed' }, WHAT)).not.toThrow();
  });

  it('has its name and --dry-run in the hint', () => {
    const hint = expect.stringMatching(/--yes-break seed .*--dry-run/) as string;
    expect(() => requireConsent(THEIRS, {}, WHAT)).toThrow(expect.objectContaining({ hint }) as Error);
  });

  it('has a limit on the hosts that are struck at once, and on how long its API may be gone', () => {
    expect(hostLimit(THEIRS, {})).toBe(1);
    expect(hostLimit(THEIRS, { allowHosts: 3 })).toBe(3);
    expect(abortConditions(THEIRS, {})).toEqual(['api down 2m']);
    expect(abortConditions(THEIRS, { abortWhen: ['vip lost 9s'] })).toEqual(['api down 2m', 'vip lost 9s']);
    expect(abortConditions(THEIRS, { abortWhen: ['api down 9s'] })).toEqual(['api down 9s']);
  });
});

describe('a cluster of our own', () => {
  it('needs no name; one that is said has to be its own', () => {
    expect(() => requireConsent(OURS, {}, WHAT)).not.toThrow();
    expect(() => requireConsent(OURS, { yesBreak: 'seed' }, WHAT)).not.toThrow();
    expect(() => requireConsent(OURS, { yesBreak: 'prod' }, WHAT)).toThrow(UsageError);
  });

  it('has the limits that are said, and no others', () => {
    expect(hostLimit(OURS, {})).toBe(Infinity);
    expect(hostLimit(OURS, { allowHosts: 2 })).toBe(2);
    expect(abortConditions(OURS, {})).toEqual([]);
  });
});
