// Whole bundles: what is missing and what for, what is wrong, what is refused, and the lock.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { silentProgress } from '../../core/progress.ts';
import { bundlePlanFor } from '../../profiles/index.ts';
import {
  compareWithPlan,
  deviationsFromLock,
  readBundle,
  readLock,
  writeLock,
  type BundleContents,
} from './index.ts';
import {
  dockerSave,
  plannedImages,
  plannedRpms,
  removeBundle,
  tarOf,
  writeBundle,
  type BundleChanges,
} from './testing/archive-writer.ts';
import { writeRpm } from './testing/rpm-writer.ts';

const plan = bundlePlanFor('v1.4.5');
const RPMS = 'k8s-v1.4.5-rpms.tar.gz';
const IMAGES = 'kubernates-v1.4.5-images.tar.gz';
const DOCKER = 'docker-engine-1.12.4-1.el7.centos.x86_64.rpm';

async function bundleWith(changes: BundleChanges = {}): Promise<string> {
  const folder = await writeBundle(plan, changes);
  onTestFinished(() => removeBundle(folder));
  return folder;
}

async function contentsOf(folder: string): Promise<BundleContents> {
  return readBundle({ folder, plan, progress: silentProgress });
}

async function findingsOf(changes: BundleChanges): Promise<string[]> {
  const findings = compareWithPlan(await contentsOf(await bundleWith(changes)), plan);
  return findings
    .filter(({ kind }) => kind !== 'note')
    .map(({ kind, item, text }) => `${kind}: ${item} ${text}`);
}

/** The rpms as their archive, with some of them other ones. */
async function rpmArchive(replaced: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const parts = plannedRpms(plan).filter(({ archive }) => archive === RPMS);
  return gzipSync(
    await tarOf(
      parts.map(({ file, content }) => ({
        name: `k8s-v1.4.5-rpms/${file}`,
        content: replaced[file] ?? content,
      })),
    ),
  );
}

test('a whole bundle has nothing missing and nothing wrong; what a repository would give is noted', async () => {
  const findings = compareWithPlan(await contentsOf(await bundleWith()), plan);
  expect(findings.map(({ kind, item }) => `${kind} ${item}`)).toEqual([
    'note docker-engine-selinux',
    'note etcd',
    'note keepalived',
  ]);
});

test('the same unpacked is whole too', async () => {
  const images = Object.fromEntries(
    (await plannedImages(plan)).map(({ file, content }) => [`kubernates-v1.4.5-images/${file}`, content]),
  );
  const rpms = Object.fromEntries(
    plannedRpms(plan).map(({ file, content }) => [`k8s-v1.4.5-rpms/${file}`, content]),
  );
  expect(
    await findingsOf({ [RPMS]: undefined, [IMAGES]: undefined, [DOCKER]: undefined, ...images, ...rpms }),
  ).toEqual([]);
});

test('what is missing is named with what it is for and the chapter that asks for it', async () => {
  const folder = await bundleWith({
    [IMAGES]: undefined,
    [DOCKER]: undefined,
    'network/weave-kube.tar': undefined,
  });
  const missing = compareWithPlan(await contentsOf(folder), plan).filter(({ kind }) => kind === 'missing');
  expect(missing.map(({ item }) => item)).toEqual([
    'docker-engine',
    ...plan.images.map(({ file }) => file),
    'docker.io/weaveworks/weave-kube:1.8.2',
  ]);
  expect(missing).toHaveLength(13);
  expect(missing[0]).toEqual({
    kind: 'missing',
    item: 'docker-engine',
    text: `${DOCKER} is not there`,
    purpose: 'the container runtime of every host',
    chapter: '3.3.1',
  });
});

test('an empty folder misses all that the seed needs', async () => {
  const all = await findingsOf({
    [RPMS]: undefined,
    [IMAGES]: undefined,
    [DOCKER]: undefined,
    'network/weave.yaml': undefined,
    'network/weave-kube.tar': undefined,
  });
  expect(all).toHaveLength(6 + 11 + 1);
  expect(all.at(-1)).toBe('missing: network/ holds no manifest of a network (a .yaml file)');
});

test('a package of another version, for other machines, or under another name is wrong', async () => {
  const file = 'kubelet-1.4.1-0.x86_64.rpm';
  const kubelet = { name: 'kubelet', version: '1.4.1', release: '0', architecture: 'x86_64' };
  const wrong = async (rpm: typeof kubelet): Promise<string[]> =>
    findingsOf({ [RPMS]: await rpmArchive({ [file]: writeRpm(rpm) }) });
  const where = `wrong: ${RPMS} › k8s-v1.4.5-rpms/${file}`;
  expect(await wrong({ ...kubelet, version: '1.5.2' })).toEqual([
    `${where} is kubelet 1.5.2-0, expected 1.4.1-0`,
  ]);
  expect(await wrong({ ...kubelet, architecture: 'ppc64le' })).toEqual([
    `${where} is built for ppc64le, expected x86_64`,
  ]);
  expect(await wrong({ ...kubelet, name: 'kubectl' })).toContain(
    `${where} holds the package kubectl, expected kubelet`,
  );
  const renamed = { [DOCKER]: undefined, 'docker.rpm': plannedRpms(plan).at(-1)?.content };
  expect(await findingsOf(renamed)).toEqual([
    `wrong: docker.rpm is wrongly named: its header says ${DOCKER}`,
  ]);
});

test('an image under another tag, for other machines, or in another file is wrong', async () => {
  const withPause = async (content: Buffer, file = 'pause-amd64.tar'): Promise<string[]> => {
    const others = (await plannedImages(plan)).filter((image) => image.file !== 'pause-amd64.tar');
    const parts = [...others, { file, content }];
    return findingsOf({
      [IMAGES]: gzipSync(await tarOf(parts.map((one) => ({ name: one.file, content: one.content })))),
    });
  };
  const pause = 'gcr.io/google_containers/pause-amd64';
  const where = `wrong: ${IMAGES} › pause-amd64.tar`;
  expect(await withPause(await dockerSave([`${pause}:3.1`]))).toEqual([
    `${where} holds ${pause}:3.1, expected ${pause}:3.0`,
  ]);
  expect(await withPause(await dockerSave([`${pause}:3.0`], 'arm64'))).toEqual([
    `${where} is built for arm64, expected amd64`,
  ]);
  expect(await withPause(await dockerSave([`${pause}:3.0`]), 'pause.tar')).toEqual([
    `wrong: ${IMAGES} › pause.tar holds ${pause}:3.0; expected it in pause-amd64.tar`,
  ]);
});

test.each<[string, BundleChanges, RegExp]>([
  [
    'an archive with a slip in its name',
    { 'kubernetes-v1.4.5-images.tar.gz': 'x' },
    /^kubernetes-v1\.4\.5-images\.tar\.gz: no archive of this name.*/,
  ],
  [
    'one that is no archive',
    { [RPMS]: 'not an archive, though it is longer than one block: '.repeat(20) },
    /^k8s-v1\.4\.5-rpms\.tar\.gz: it is no tar archive/,
  ],
  ['an empty one', { [IMAGES]: '' }, /^kubernates-v1\.4\.5-images\.tar\.gz: the file is empty/],
  ['a manifest that is none', { 'network/weave.yaml': 'a: [' }, /^network\/weave\.yaml: it is no YAML/],
  [
    'a manifest without objects',
    { 'network/weave.yaml': 'a: 1' },
    /^network\/weave\.yaml: it holds no object of Kubernetes/,
  ],
])('%s is refused, with file and cure', async (_, changes, message) => {
  const thrown = await contentsOf(await bundleWith(changes)).catch((one: unknown) => one);
  expect((thrown as Error).message).toMatch(message);
  expect(thrown).toMatchObject({ exitCode: 3, hint: expect.any(String) as string });
});

test('an archive in an archive that is cut short is refused by both names', async () => {
  const parts = await plannedImages(plan);
  const cut = parts.map(({ file, content }) => ({ name: file, content: content.subarray(0, -1024) }));
  const folder = await bundleWith({ [IMAGES]: gzipSync(await tarOf(cut)) });
  await expect(contentsOf(folder)).rejects.toThrow(
    `${IMAGES} › etcd-amd64.tar: the archive ends without its two empty blocks`,
  );
});

test('links among packages are refused, and so is what is no file', async () => {
  const link = { name: 'kubelet.rpm', type: 'symlink' as const, linkname: 'other.rpm' };
  await expect(contentsOf(await bundleWith({ [RPMS]: gzipSync(await tarOf([link])) }))).rejects.toThrow(
    'it is a link',
  );
  const folder = await bundleWith();
  await symlink('/nowhere', join(folder, 'dangling'));
  await expect(contentsOf(folder)).rejects.toThrow('dangling: it is neither a file nor a link to one');
});

test('the lock tells of files that are others, gone or new', async () => {
  const folder = await bundleWith();
  expect(await readLock(folder)).toBeUndefined();
  const { files } = await contentsOf(folder);
  await writeLock(folder, plan.profile, files);
  const lock = await readLock(folder);
  if (!lock) throw new Error('expected a lock');
  expect(deviationsFromLock((await contentsOf(folder)).files, lock)).toEqual([]);
  const changed = files
    .slice(1)
    .map((file, index) => (index === 0 ? { ...file, sha256: '0'.repeat(64) } : file));
  const deviations = deviationsFromLock(
    [...changed, { path: 'new.rpm', sizeBytes: 1, sha256: '1'.repeat(64) }],
    lock,
  );
  expect(deviations).toEqual([
    `${DOCKER} is gone`,
    expect.stringMatching(
      /^k8s-v1\.4\.5-rpms\.tar\.gz is another file: sha256 0{64} \(\d+ bytes\), expected [0-9a-f]{64}/,
    ),
    'new.rpm is new',
  ]);
});

test('a lock that nobody can read, and a folder that is none, are usage errors', async () => {
  const folder = await bundleWith();
  await writeFile(
    join(folder, 'bundle.lock.json'),
    '{"schemaVersion": 1, "profile": "v1.4.5", "files": [{}]}',
  );
  await expect(readLock(folder)).rejects.toThrow(/the lock file cannot be read: files\.0\.path/);
  await expect(contentsOf(join(folder, 'nothing'))).rejects.toThrow("the bundle's folder cannot be read");
  await mkdir(join(folder, 'a/b/c'), { recursive: true });
  await writeFile(join(folder, 'a/b/c/d'), '');
  await expect(contentsOf(folder)).rejects.toThrow('folders more than 3 deep');
});
