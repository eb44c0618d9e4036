// The seed's three errors, in the words that it shows, and its outputs without an error.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recognized, SEED_ERRORS, tokenIn } from './errors.ts';
import { ROWS } from './rows.ts';

function said(name: string): string {
  return readFileSync(new URL(`../../../fixtures/seed/outputs/${name}.txt`, import.meta.url), 'utf8');
}

function repairsFor(during: string, output: string): readonly string[] {
  return recognized(during, output).map(({ repair }) => repair);
}

test('each error is known by the very words of the seed', () => {
  expect(repairsFor('init', said('kubeadm-init-not-empty'))).toEqual([
    'repair-kubernetes-not-empty',
    'repair-etcd-not-empty',
  ]);
  expect(repairsFor('init', said('kubeadm-init-port-in-use'))).toEqual(['repair-port-in-use']);
  expect(repairsFor('join', said('kubeadm-join-no-route'))).toEqual(['repair-no-route']);
});

test('a line that comes alone is enough, as output is read while it comes', () => {
  const lines = said('kubeadm-join-no-route').split('\n');
  expect(lines.filter((line) => recognized('join', line).length > 0)).toHaveLength(2);
});

test('success is no error, and one that belongs to another command is not taken for its own', () => {
  expect(repairsFor('init', said('kubeadm-init'))).toEqual([]);
  expect(repairsFor('join', said('kubeadm-init-not-empty'))).toEqual([]);
  expect(repairsFor('init', 'Port 2380 is in use')).toEqual([]);
});

test('every error has its row of repair, and every row of repair its error', () => {
  expect(SEED_ERRORS.map(({ repair }) => repair)).toEqual(
    ROWS.filter(({ fate }) => fate === 'repair').map(({ id }) => id),
  );
  const ids = ROWS.map(({ id }) => id);
  for (const { during } of SEED_ERRORS) expect(ids).toContain(during);
});

test('the token is read from the line that is to be run on the nodes', () => {
  expect(tokenIn(said('kubeadm-init'))).toBe('6c7750.6c759069627a3c78');
  expect(tokenIn(said('kubeadm-init-not-empty'))).toBeUndefined();
});
