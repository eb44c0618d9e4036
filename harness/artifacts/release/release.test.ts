// Releases from a folder and over HTTP: what arrives is what its checksum says, however often the connection is cut, or nothing is.
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentProgress } from '../../core/progress.ts';
import { dockerSave } from '../bundle/testing/archive-writer.ts';
import { fetchRelease } from './fetch-release.ts';
import { FolderMirror } from './folder-mirror.ts';
import { HttpMirror } from './http-mirror.ts';
import { ensureRelease, mirrorFrom } from './index.ts';
import { filePath, serverArchivePath } from './layout.ts';
import type { Mirror } from './mirror.ts';
import type { ReleaseArtefacts } from './release-artefacts.ts';
import { ArtefactStore } from './store.ts';
import { startMirror, type MirrorServer, type Misbehaviour } from './testing/mirror-server.ts';
import { releaseFiles, writeArchive, writeFiles } from './testing/release-writer.ts';

const VERSION = 'v1.31.4';
const files = await releaseFiles(VERSION);
const kubelet = filePath(VERSION, 'kubelet');

interface Place {
  /** Of the mirror. */
  readonly folder: string;
  readonly storeFolder: string;
}

const place: Place = { folder: '', storeFolder: '' };

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-release-'));
  onTestFinished(() => rm(root, { recursive: true }));
  Object.assign(place, { folder: join(root, 'mirror'), storeFolder: join(root, 'store') });
  await writeFiles(place.folder, VERSION, files);
});

async function fetchFrom(mirror: Mirror, retries = 5): Promise<ReleaseArtefacts> {
  return fetchRelease({
    version: VERSION,
    mirror,
    store: new ArtefactStore(place.storeFolder),
    progress: silentProgress,
    signal: new AbortController().signal,
    retries,
  });
}

async function serve(misbehaviour?: Misbehaviour): Promise<MirrorServer> {
  const server = await startMirror(place.folder, misbehaviour);
  onTestFinished(() => server.close());
  return server;
}

function overHttp({ url }: MirrorServer, stalledAfterMs = 10_000): Mirror {
  return new HttpMirror(new URL(url), stalledAfterMs);
}

async function refusal(work: Promise<unknown>): Promise<{ message: string; exitCode: unknown }> {
  const thrown = await work.catch((one: unknown) => one);
  expect(thrown).toBeInstanceOf(Error);
  const { message, exitCode } = thrown as Error & { exitCode?: unknown };
  return { message, exitCode };
}

/** What a command would install from: nothing but whole, verified files; parts are not looked at. */
async function installable(): Promise<ReleaseArtefacts | undefined> {
  return ensureRelease({
    version: VERSION,
    mirror: undefined,
    folder: place.storeFolder,
    progress: silentProgress,
    signal: new AbortController().signal,
  }).catch(() => undefined);
}

describe.each<[string, () => Promise<Mirror>]>([
  ['from a folder', () => Promise.resolve(new FolderMirror(place.folder))],
  ['over HTTP', async () => overHttp(await serve())],
])('%s', (_, open) => {
  test('a release arrives, byte for byte, and is remembered', async () => {
    const artefacts = await fetchFrom(await open());
    expect(await readFile(join(place.storeFolder, artefacts.programs.kubelet))).toEqual(files['kubelet']);
    expect(artefacts.images['kube-proxy'].reference).toBe(`k8s.gcr.io/kube-proxy-amd64:${VERSION}`);
    expect(await installable()).toEqual(artefacts);
  });

  test('it arrives from the server archive alone, and as the same files', async () => {
    const single = await fetchFrom(await open());
    await rm(join(place.folder, VERSION), { recursive: true });
    await rm(place.storeFolder, { recursive: true });
    await writeArchive(place.folder, VERSION, files);
    expect(await fetchFrom(await open())).toEqual(single);
  });

  test('checksums may be SHA-512', async () => {
    await rm(join(place.folder, VERSION), { recursive: true });
    await writeFiles(place.folder, VERSION, files, 'sha512');
    expect((await fetchFrom(await open())).programs.kubectl).toMatch(/^sha512-[0-9a-f]{128}$/);
  });

  test('a file of another content is refused with both checksums, deleted, and nothing can be installed', async () => {
    await writeFile(join(place.folder, kubelet), 'another kubelet');
    const { message, exitCode } = await refusal(fetchFrom(await open()));
    expect(exitCode).toBe(3);
    expect(message).toMatch(
      /bin\/linux\/amd64\/kubelet: wrong checksum of its 15 bytes: sha256 \w{64}; expected \w{64}/,
    );
    expect(await readdir(place.storeFolder)).toEqual([]);
    expect(await installable()).toBeUndefined();
  });

  test('a file that was cut short is refused', async () => {
    await truncate(join(place.folder, kubelet), 50_000);
    const { message, exitCode } = await refusal(fetchFrom(await open()));
    expect({ exitCode, message }).toEqual({
      exitCode: 3,
      message: expect.stringContaining('wrong checksum of its 50000 bytes') as string,
    });
  });

  test('a file that is missing is named, and so is a release that is not there', async () => {
    await rm(join(place.folder, filePath(VERSION, 'kube-scheduler.tar')));
    expect(await refusal(fetchFrom(await open()))).toEqual({
      exitCode: 3,
      message: expect.stringMatching(/kube-scheduler\.tar: the mirror has no such file/) as string,
    });
    await rm(join(place.folder, VERSION), { recursive: true });
    expect((await refusal(fetchFrom(await open()))).message).toMatch(
      /has no Kubernetes v1\.31\.4: neither .*kubelet\.sha256 nor .*tar\.gz\.sha256 is there/,
    );
  });

  test('a checksum that is a page for people is refused', async () => {
    await writeFile(join(place.folder, `${kubelet}.sha256`), '<!doctype html>');
    expect((await refusal(fetchFrom(await open()))).message).toMatch(
      /it says "<!doctype html>"; expected 64 hex digits/,
    );
  });

  test("another image, or another platform's program, under the right name is refused", async () => {
    const wrong = {
      ...files,
      'kube-proxy.tar': await dockerSave([`k8s.gcr.io/kube-proxy-arm64:${VERSION}`], 'arm64'),
    };
    await writeFiles(place.folder, VERSION, wrong);
    expect((await refusal(fetchFrom(await open()))).message).toMatch(
      /kube-proxy\.tar: it holds .*kube-proxy-arm64:v1\.31\.4 for arm64; expected the one image/,
    );
    await writeFiles(place.folder, VERSION, {
      ...files,
      kubeadm: Buffer.from('#!/bin/sh\nexit 0 # long enough\n'),
    });
    expect((await refusal(fetchFrom(await open()))).message).toBe(
      'kubeadm: it is no program for linux/amd64',
    );
  });
});

test('a download whose connection is cut goes on where it ended', async () => {
  const server = await serve({ cut: { afterBytes: 40_000, times: 3 } });
  await fetchFrom(overHttp(server));
  expect(
    server.requests.filter((one) => one.startsWith(`GET /releases/${kubelet}`) && !one.includes('.sha')),
  ).toEqual([
    `GET /releases/${kubelet}`,
    `GET /releases/${kubelet} bytes=40000-`,
    `GET /releases/${kubelet} bytes=80000-`,
  ]);
  expect(await installable()).toBeDefined();
});

test('it goes on in another process, and begins anew where the mirror knows no ranges', async () => {
  const cutting = await serve({ cut: { afterBytes: 40_000, times: 1 } });
  expect((await refusal(fetchFrom(overHttp(cutting), 0))).exitCode).toBe(4);
  const [part = ''] = await readdir(place.storeFolder);
  expect(part).toMatch(/^sha256-\w{64}\.part$/);
  expect((await stat(join(place.storeFolder, part))).size).toBe(40_000);
  const simple = await serve({ ignoresRanges: true });
  await fetchFrom(overHttp(simple));
  expect(simple.requests).toContain(`GET /releases/${kubelet} bytes=40000-`);
});

test('what was there before and does not fit is thrown away, and the file fetched whole', async () => {
  const server = await serve({ cut: { afterBytes: 40_000, times: 1 } });
  await refusal(fetchFrom(overHttp(server), 0));
  const [part = ''] = await readdir(place.storeFolder);
  await writeFile(join(place.storeFolder, part), Buffer.alloc(99_999));
  await fetchFrom(overHttp(await serve()));
  expect(await installable()).toBeDefined();
});

test('a file is fetched once', async () => {
  const server = await serve();
  await fetchFrom(overHttp(server));
  const before = server.requests.length;
  await fetchFrom(overHttp(server));
  expect(server.requests.slice(before).every((one) => one.endsWith('.sha256'))).toBe(true);
});

test('a mirror that says nothing is given up, with exit code 4', async () => {
  const server = await serve({ stallsAt: 'kubelet' });
  const { message, exitCode } = await refusal(fetchFrom(overHttp(server, 500), 1));
  expect({ message, exitCode }).toEqual({
    exitCode: 4,
    message: expect.stringMatching(/the mirror said nothing for 0\.5 s$/) as string,
  });
  expect(await installable()).toBeUndefined();
});

test('a mirror that is broken, or that nobody serves, is named with exit code 4', async () => {
  const broken = await serve({ status: 503 });
  expect(await refusal(fetchFrom(overHttp(broken), 0))).toEqual({
    exitCode: 4,
    message: expect.stringContaining('the mirror answered 503') as string,
  });
  const server = await serve();
  await server.close();
  expect((await refusal(fetchFrom(overHttp(server), 0))).exitCode).toBe(4);
});

test('without a mirror and without files from before, what to say is said; other places than folders and web are refused', async () => {
  const nothing = ensureRelease({
    version: VERSION,
    mirror: undefined,
    folder: place.storeFolder,
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  await expect(nothing).rejects.toThrow('nobody says where Kubernetes v1.31.4 is to come from');
  expect(() => mirrorFrom('ftp://somewhere/')).toThrow('expected a folder, or an http(s) URL');
  expect(mirrorFrom('a/mirror').where(serverArchivePath(VERSION))).toMatch(
    /^\/.*\/a\/mirror\/v1\.31\.4\/kubernetes-server-linux-amd64\.tar\.gz$/,
  );
});
