import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { killProcess } from '../faults/kill-process.ts';
import { previewOf, renderFaultPreview } from '../safety/preview.ts';
import { renderEvidence } from './inject.ts';

const { topology } = loadTopology();

describe('what inject says', () => {
  it('would be done, and how it would be undone, without touching a host', () => {
    const targets = ['10-10-102-91.master'];
    const params = { process: 'kubelet', stays: true };
    const plan = { topology, targets, params };
    const preview = previewOf(killProcess, { plan, forMs: 30_000, limitMs: 60_000, refused: [] });
    const text = renderFaultPreview(preview);
    expect(text).toMatch(
      /^would inject kill-process \(process=kubelet, stays=true\) on 10-10-102-91\.master; healed after 30\.0 s/,
    );
    expect(text).toMatch(
      /10-10-102-91\.master would do:\n(.*\n)* {4}kill -KILL .*\n {2}and undo it by:\n {4}\S/,
    );
  });

  it('was seen by each witness', () => {
    const seen = { witness: 'kernel', holds: true, detail: 'gone' };
    expect(renderEvidence([seen, { ...seen, holds: false, detail: 'there' }])).toBe(
      'took effect  kernel: gone\nNO EFFECT  kernel: there\n',
    );
    expect(renderEvidence([])).toBe('no witness said anything\n');
  });
});
