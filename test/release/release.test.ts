// Profile `release` end to end: v1.20.2 in the official layout, served by a mirror on loopback that cuts connections, becomes a
// cluster on which a scenario passes. What the mirror has wrong is refused before any image is made.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildMirror } from '../../fixtures/release-mirror/build-mirror.ts';
import { imageSpecs } from '../../harness/artifacts/catalogue.ts';
import { ensureRelease } from '../../harness/artifacts/index.ts';
import { planImages, plannedImage } from '../../harness/artifacts/plan.ts';
import { filePath } from '../../harness/artifacts/release/layout.ts';
import { startMirror } from '../../harness/artifacts/release/testing/mirror-server.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import { DEFAULT_PROFILE, releaseProfile } from '../../harness/profiles/index.ts';
import { startHoldfast, type Ended } from '../hosts/holdfast-command.ts';

const VERSION = DEFAULT_PROFILE.kubernetesVersion;
const docker = new Docker();
const root = await mkdtemp(join(tmpdir(), 'holdfast-release-'));
const mirror = join(root, 'mirror');

async function holdfast(...words: readonly string[]): Promise<Ended> {
  return startHoldfast(join(root, 'state'), ...words).ended;
}

const release = ['--profile', 'release', '--kubernetes', VERSION];

beforeAll(() => buildMirror(docker, DEFAULT_PROFILE, mirror));
afterAll(() => rm(root, { recursive: true }));

test('what is fetched over HTTP with cuts is what the folder has', async () => {
  const server = await startMirror(mirror, { cut: { afterBytes: 30_000_000, times: 5 } });
  const fetch = async (from: string, store: string): ReturnType<typeof ensureRelease> =>
    ensureRelease({
      version: VERSION,
      mirror: from,
      folder: join(root, store),
      progress: silentProgress,
      signal: new AbortController().signal,
    });
  const overHttp = await fetch(server.url, 'store-http');
  await server.close();
  expect(server.requests.filter((one) => one.includes('bytes='))).toHaveLength(5);
  expect(await fetch(mirror, 'store-folder')).toEqual(overHttp);
});

test('a wrong kubelet is refused with exit code 3 before an image is made', async () => {
  const wrong = join(root, 'wrong');
  await cp(mirror, wrong, { recursive: true });
  const kubelet = join(wrong, filePath(VERSION, 'kubelet'));
  const bytes = await readFile(kubelet);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(kubelet, bytes);
  // A checksum of its own, so that the store has none of it.
  await writeFile(`${kubelet}.sha256`, 'a'.repeat(64));
  const before = await docker.listImages();
  const { exitCode, stderr } = await holdfast('images', 'build', ...release, '--mirror', wrong);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringContaining('wrong checksum') as string,
  });
  expect((await docker.listImages()).length).toBe(before.length);
});

test('a cluster of the release comes up, and the scenario kill-kubelet-on-standby passes on it', async () => {
  const up = await holdfast('up', ...release, '--mirror', mirror, '--json');
  expect(up.exitCode, up.stderr).toBe(0);
  const { run } = JSON.parse(up.stdout) as { readonly run: string };
  try {
    const said = await holdfast('exec', '--run', run, 'master1', '--', 'kubectl', 'version', '--output=json');
    expect(JSON.parse(said.stdout)).toMatchObject({ serverVersion: { gitVersion: VERSION } });
    const reports = join(root, 'reports');
    const outcome = await holdfast(
      ...['run', 'kill-kubelet-on-standby', ...release, '--reports', reports, '--json'],
    );
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      verdict: 'pass',
      run: { profile: `release-${VERSION}`, id: expect.any(String) as string },
    });
  } finally {
    expect((await holdfast('down', '--run', run)).exitCode).toBe(0);
  }
});

test('hosts have the very programs of the mirror', async () => {
  const artefacts = await ensureRelease({
    version: VERSION,
    mirror,
    folder: join(root, 'store-folder'),
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  const plan = await planImages(imageSpecs(releaseProfile(VERSION), artefacts));
  const { tag } = plannedImage(plan, 'host');
  const { stdout } = await promisify(execFile)('docker', [
    ...['run', '--rm', '--network', 'none', '--entrypoint', 'sha256sum', tag, '/usr/bin/kubelet'],
  ]);
  expect(artefacts.programs.kubelet).toBe(`sha256-${stdout.split(' ')[0] ?? ''}`);
});
