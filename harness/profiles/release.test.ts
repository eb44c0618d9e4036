// What a version's row says reaches its profile, and the documentation.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { profileNamed, releaseProfile } from './index.ts';
import { RELEASE_ROWS } from './release-table.ts';

test.each([
  ['v1.17.0', 'v1beta2', '/run/containerd/containerd.sock', 'pause:3.1'],
  ['v1.20.2', 'v1beta2', '/run/containerd/containerd.sock', 'pause:3.2'],
  ['v1.21.14', 'v1beta2', '/run/containerd/containerd.sock', 'pause:3.4.1'],
  ['v1.22.0', 'v1beta3', '/run/containerd/containerd.sock', 'pause:3.5'],
  ['v1.24.17', 'v1beta3', 'unix:///run/containerd/containerd.sock', 'pause:3.7'],
  ['v1.30.1', 'v1beta3', 'unix:///run/containerd/containerd.sock', 'pause:3.9'],
  ['v1.31.4', 'v1beta4', 'unix:///run/containerd/containerd.sock', 'pause:3.10'],
  ['v1.34.0', 'v1beta4', 'unix:///run/containerd/containerd.sock', 'pause:3.10.1'],
])('%s is set up by %s', (version, api, socket, pause) => {
  const profile = releaseProfile(version);
  expect(profile.kubeadm.apiVersion).toBe(`kubeadm.k8s.io/${api}`);
  expect(profile.kubelet.criSocket).toBe(socket);
  expect(profile.images.pause).toBe(`k8s.gcr.io/${pause}`);
  expect(profile.images.apiServer).toBe(`k8s.gcr.io/kube-apiserver:${version}`);
});

test('a cluster says its version, by which its profile is found again', () => {
  expect(profileNamed('release-v1.31.4')).toEqual(releaseProfile('v1.31.4'));
});

test.each([
  ['1.31.4', '"1.31.4" is no version of Kubernetes; expected one such as v1.31.4'],
  ['v1.31', '"v1.31" is no version'],
  ['../../etc', 'is no version'],
  ['v1.16.3', "v1.16.3 cannot run on holdfast's hosts; expected v1.17 to v1.34"],
  ['v1.35.0', 'cannot run'],
  ['v2.0.0', 'is no version'],
])('%s is refused', (version, message) => {
  expect(() => releaseProfile(version)).toThrow(message);
});

test('a version that asks for a newer etcd than the hosts have says so', () => {
  const notes = (version: string): string => JSON.stringify(releaseProfile(version).source);
  expect(notes('v1.20.2')).not.toContain('etcd');
  expect(notes('v1.28.0')).not.toContain('etcd');
  expect(notes('v1.31.4')).toContain('asks for etcd 3.5.11 or newer; the hosts have 3.4.23');
});

test('docs/release.md has the table', () => {
  const text = readFileSync(new URL('../../docs/release.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| v1\.(\d+) +\|(.*)\|$/gm)].map(([, minor, cells = '']) => [
    Number(minor),
    ...cells.split('|').map((cell) => cell.trim().replaceAll('`', '')),
  ]);
  expect(rows).toEqual(
    RELEASE_ROWS.map((row) => [
      row.fromMinor,
      row.kubeadmApi,
      row.criSocket,
      row.pause,
      row.etcdFrom,
      row.coreDns,
    ]),
  );
});
