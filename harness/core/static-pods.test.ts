// The shell is run for real: on manifests in a folder of the test's own, and on processes that the test starts.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessName } from './record.ts';
import { manifestOf, staticPodPids } from './static-pods.ts';

const APISERVER = `spec:
  containers:
  - command: [kube-apiserver, --etcd-servers=https://127.0.0.1:2379]
    image: k8s.gcr.io/kube-apiserver:v1.20.2
    name: kube-apiserver
    volumeMounts:
    - name: etcd-certs
`;
const VIP = `metadata: { namespace: kube-system }
spec:
  containers:
    - image: "registry.test/osixia/keepalived:2.0.20"
      name: vip
`;

/** @param files of the folder of manifests, name → text */
function found(process: ProcessName, files: Readonly<Record<string, string>>, config = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-manifests-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const manifests = join(folder, config === '' ? 'manifests' : 'elsewhere');
  mkdirSync(manifests);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(manifests, name), text);
  const kubelet = join(folder, 'config.yaml');
  if (config !== '') writeFileSync(kubelet, config.replace('@', manifests));
  const script = manifestOf(process)
    .replaceAll('/etc/kubernetes/manifests', manifests)
    .replaceAll('/var/lib/kubelet/config.yaml', kubelet);
  const { stdout, stderr, status } = spawnSync('sh', ['-eu', '-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trim().replace(`${manifests}/`, '');
}

describe('the manifest of a static pod', () => {
  test('is the file that is called so', () => {
    expect(found('etcd', { 'etcd.yaml': '', 'kube-apiserver.yaml': APISERVER })).toBe('etcd.yaml');
  });

  test.each([
    ['by its image', VIP],
    ['by its name', 'metadata:\n  name: keepalived\nspec: {}\n'],
    ['by a container, in single quotes', "spec:\n  containers:\n  - name: 'keepalived'\n"],
    ['in JSON', '{"spec":{"containers":[{"name": "keepalived","image":"x"}]}}'],
    ['by an image with a digest', 'image: keepalived@sha256:01\n'],
  ])('is found %s, whatever it is called', (_, text) => {
    expect(found('keepalived', { 'kube-apiserver.yaml': APISERVER, 'ha.yaml': text })).toBe('ha.yaml');
  });

  test.each<[ProcessName, string]>([
    ['etcd', APISERVER],
    ['keepalived', 'name: keepalived-exporter\n'],
    ['keepalived', 'image: registry.test/keepalived-vip:1\n'],
    ['keepalived', 'image: registry.test/keepalived/haproxy:1\n'],
  ])('of %s is no other, only because it has the word', (process, text) => {
    expect(found(process, { 'other.yaml': text })).toBe('');
  });

  test('is looked for where kubelet is told to look', () => {
    for (const path of ['@', '"@"']) {
      const config = `authentication: {}\nstaticPodPath: ${path}\nother: 1\n`;
      expect(found('keepalived', { 'vip.yaml': VIP }, config)).toBe('vip.yaml');
    }
  });

  test('is none in an empty folder', () => {
    expect(found('keepalived', {})).toBe('');
  });
});

describe('the processes of a static pod', () => {
  /** Whoever runs this may not look at process 1. */
  const pids = (network = '/proc/self/ns/net'): string[] => {
    const script = staticPodPids('keepalived').replace('/proc/1/ns/net', network);
    return spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean);
  };

  test('are all that are called so, by whatever path, and no others', async () => {
    const own = await Promise.all([started('/usr/sbin/keepalived'), started('keepalived')]);
    const others = await Promise.all([started('keepalived-exporter'), started('my keepalived')]);
    const found = pids();
    expect(found).toEqual(expect.arrayContaining(own));
    for (const other of others) expect(found).not.toContain(other);
  });

  test('are none of another network', async () => {
    const own = await started('keepalived');
    expect(pids()).toContain(own);
    expect(pids('/proc/self/ns/mnt')).toEqual([]);
  });
});

/** A process of that name; ends with the test. */
async function started(name: string): Promise<string> {
  const child = spawn('sleep', ['30'], { argv0: name, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return String(child.pid);
}
