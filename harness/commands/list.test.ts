import { describe, expect, it } from 'vitest';
import { readCatalogue, renderCatalogue } from './list.ts';

describe('the catalogue', () => {
  it('holds everything that can be named, each with a sentence and no name twice', async () => {
    const catalogue = await readCatalogue();
    expect(Object.keys(catalogue)).toEqual([
      'scenarios',
      'suites',
      'faults',
      'targets',
      'probes',
      'checks',
      'reporters',
      'topologies',
      'profiles',
      'providers',
    ]);
    for (const [kind, entries] of Object.entries(catalogue)) {
      const names = entries.map(({ name }) => name);
      expect(names, kind).not.toHaveLength(0);
      expect(new Set(names).size, kind).toBe(names.length);
      for (const { name, summary } of entries) expect(summary, `${kind} ${name}`).toMatch(/\S/);
    }
  });

  it('names in suites only scenarios that exist', async () => {
    const { scenarios = [], suites = [] } = await readCatalogue();
    const known = scenarios.map(({ name }) => name);
    for (const { summary } of suites) {
      expect(known).toEqual(expect.arrayContaining(summary.replace(/ \(.*\)$/, '').split(', ')));
    }
  });

  it('is shown by kind, with the names in one column', () => {
    const entry = (name: string, summary: string): { name: string; summary: string } => ({ name, summary });
    expect(
      renderCatalogue({ faults: [entry('a', 'One.'), entry('long', 'Two.')], probes: [entry('b', 'P.')] }),
    ).toBe('faults\n  a     One.\n  long  Two.\n\nprobes\n  b  P.\n');
    const parameters = { shape: { summary: '', default: 'b', values: ['a', 'b'] }, to: { summary: '' } };
    expect(renderCatalogue({ faults: [{ ...entry('a', 'One.'), parameters }] })).toBe(
      'faults\n  a  One. (shape=b|a, to=)\n',
    );
  });
});
