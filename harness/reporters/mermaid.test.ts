import { describe, expect, test } from 'vitest';
import { goodRun, HOLDER, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import { reportOf } from '../reports.ts';
import { mermaid } from './mermaid.ts';

const files = mermaid.render(reportOf(runOf(goodRun())), { script: '', style: '' });
const linesOf = (name: string): string[] => (files[`diagrams/${name}.mmd`] ?? '').trimEnd().split('\n');

describe('diagrams', () => {
  test('are one of the topology, one of the run, and one of each scenario', () => {
    expect(Object.keys(files)).toEqual([
      'diagrams/topology.mmd',
      'diagrams/run.mmd',
      'diagrams/power-off-vip-holder.mmd',
    ]);
  });

  test('of the topology have every host, the VIP, and who asks whom', () => {
    const [head, ...lines] = linesOf('topology');
    expect(head).toBe('flowchart TB');
    for (const { name, address } of TOPOLOGY.hosts) {
      expect(lines.filter((line) => line.includes(`["${name}<br/>${address}`))).toHaveLength(1);
    }
    expect(lines).toContain('  observer --> vip');
    // Three masters, two members of etcd.
    expect(lines.filter((line) => /^ {2}h\S+ --> h\S+$/.test(line))).toHaveLength(6);
  });

  test('of the run have a bar for the scenario and one for its fault, on one axis', () => {
    const bars = linesOf('run').filter((line) => line.startsWith('    '));
    expect(bars.every((line) => /^ {4}[^:;#]+ :(\w+, )?\d+, \d+$/.test(line))).toBe(true);
    expect(bars.filter((line) => line.includes('power-off :active'))).toHaveLength(1);
  });

  test('of a scenario tell its course over those whom it is about', () => {
    const lines = linesOf('power-off-vip-holder');
    expect(lines[0]).toBe('sequenceDiagram');
    for (const host of [HOLDER, SUCCESSOR]) {
      expect(lines).toContain(`  participant h${host.replaceAll(/\W/g, '_')} as ${host}`);
    }
    const notes = lines.filter((line) => line.startsWith('  Note over '));
    expect(notes.length).toBeGreaterThan(5);
    expect(notes.every((line) => /^ {2}Note over \w+: [^:;#]+$/.test(line))).toBe(true);
  });
});
