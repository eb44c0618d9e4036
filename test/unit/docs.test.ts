// What can be named is in the documentation, and nothing is there that cannot.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarioNames } from '../../harness/commands/scenario-names.ts';
import { FAULTS } from '../../harness/faults/index.ts';

/** The first cells of the rows of all tables, without their marks, with the rest of the row. */
function rowsOf(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
  return new Map(
    [...text.matchAll(/^\| `([^`]+)` +\|(.*)$/gm)].map(([, name = '', row = '']) => [name, row]),
  );
}

test('docs/faults.md has a row for each fault, which names its parameters', () => {
  const rows = rowsOf('faults.md');
  expect([...rows.keys()].toSorted()).toEqual(FAULTS.map(({ name }) => name).toSorted());
  for (const { name, parameters = {} } of FAULTS) {
    for (const [parameter, { default: value }] of Object.entries(parameters)) {
      const shown = value === undefined || value === '' ? '' : ` = ${String(value)}`;
      expect(rows.get(name), name).toContain(`\`${parameter}\`${shown}`);
    }
  }
});

test('docs/scenarios.md has a row for each scenario', () => {
  const names = [...rowsOf('scenarios.md').keys()];
  expect(names).toEqual(expect.arrayContaining([...scenarioNames()]));
});
