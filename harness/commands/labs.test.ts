import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { explainError } from '../core/errors.ts';
import { pickLab, type FoundLab } from './labs.ts';

const { topology } = loadTopology();

function lab(runId: string): FoundLab {
  return {
    descriptor: {
      provider: 'containers',
      runId,
      instance: 0,
      createdAt: '2026-11-23T06:45:01.000Z',
      topology,
    },
    attach: () => Promise.reject(new Error('not asked for')),
  };
}

function refusal(labs: readonly FoundLab[], run?: string): string {
  try {
    return `took ${pickLab(labs, run).descriptor.runId}`;
  } catch (error) {
    return explainError(error);
  }
}

describe('a command that needs one lab', () => {
  it('takes the only one, or the one that was named', () => {
    expect(pickLab([lab('a')], undefined).descriptor.runId).toBe('a');
    expect(pickLab([lab('a'), lab('b')], 'b').descriptor.runId).toBe('b');
  });

  it('asks which one when there are several, and says when there is none', () => {
    expect(refusal([lab('a'), lab('b')])).toBe('2 labs exist\n→ choose one with --run: a, b');
    expect(refusal([lab('a')], 'c')).toBe('no lab is of run c\n→ there is a');
    expect(refusal([])).toBe('no lab exists\n→ holdfast up makes one');
  });
});
