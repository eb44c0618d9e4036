// A bundle as the plan asks for it: by name, by pattern, and what is missing is named before anything is touched.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadTopology } from '../topology.ts';
import { filesLike, openBundle, readBundleFile, requireWhole } from './bundle-folder.ts';
import { planFor } from './plan.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SEEDS = [
  'k8s-v1.4.5-rpms.tar.gz',
  'docker-engine-1.12.4-1.el7.centos.x86_64.rpm',
  'kubernates-v1.4.5-images.tar.gz',
  'network/weave.yaml',
];
/** A bundle of its own for each test. */
function newFolder(): { readonly folder: string; readonly put: (...names: readonly string[]) => void } {
  const folder = mkdtempSync(join(root, 'one-'));
  mkdirSync(join(folder, 'network'));
  const put = (...names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), name);
  };
  return { folder, put };
}

const { topology } = loadTopology('seed');

test('files are found by pattern, in their folder only', async () => {
  const { folder, put } = newFolder();
  put('etcd-2.3.7.rpm', 'etcd-2.3.7xrpm', 'network/weave.yaml', 'network/weave.tar');
  const bundle = await openBundle(folder);
  expect(filesLike(bundle, 'etcd-*.rpm')).toEqual(['etcd-2.3.7.rpm']);
  expect(filesLike(bundle, 'network/*')).toEqual(['network/weave.tar', 'network/weave.yaml']);
  expect(filesLike(bundle, '*')).toEqual(['etcd-2.3.7.rpm', 'etcd-2.3.7xrpm']);
  expect((await readBundleFile(bundle, 'network/weave.tar')).toString()).toBe('network/weave.tar');
});

test('all that is missing is named at once', async () => {
  const { folder, put } = newFolder();
  put(...SEEDS.slice(1, 2));
  const bundle = await openBundle(folder);
  const plan = await planFor(topology, {}, bundle);
  expect(() => {
    requireWhole(bundle, plan);
  }).toThrow(`the bundle ${folder} lacks k8s-v1.4.5-rpms.tar.gz, kubernates-v1.4.5-images.tar.gz, network/*`);
  put(...SEEDS);
  const whole = await openBundle(folder);
  requireWhole(whole, await planFor(topology, {}, whole));
});

test('etcd and keepalived come from the bundle where it has them, else from a repository as in the seed', async () => {
  const { folder, put } = newFolder();
  put(...SEEDS, 'keepalived-1.2.13-8.el7.x86_64.rpm');
  const { rows } = await planFor(topology, {}, await openBundle(folder));
  const ids = rows.map(({ row }) => row.id);
  expect(ids).toEqual(expect.arrayContaining(['etcd-install', 'keepalived-localinstall']));
  expect(ids.filter((id) => id === 'etcd-bring' || id === 'keepalived-install')).toEqual([]);
});
