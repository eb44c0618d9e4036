// Making images with a real engine: nothing twice, failures that explain themselves, and no remains.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { expect, onTestFinished, test } from 'vitest';
import { ensureImages, ImageBuildError, missingImages } from '../../harness/artifacts/index.ts';
import { planFrom } from '../../harness/artifacts/plan.ts';
import { Workshop } from '../../harness/artifacts/workshop.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { testImages } from './test-images.ts';

const docker = new Docker();

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-images-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Builds an image of one RUN step, on an image that is there. Rejects as the build does. */
async function buildWith(command: string, logDir: string, signal?: AbortSignal): Promise<void> {
  const { observer } = await testImages();
  const dockerfile = Buffer.from(`FROM ${observer}\nRUN ${command}\n`);
  const plan = planFrom(
    [{ name: 'broken', recipe: { kind: 'build', context: '', parents: {}, args: {} } }],
    () => [{ path: 'Dockerfile', mode: 0o644, content: dockerfile }],
  );
  const workshop = new Workshop({
    docker,
    plan,
    logDir,
    progress: silentProgress,
    pathInStore: (name) => name,
    ...(signal && { signal }),
  });
  await Promise.allSettled([workshop.reference('broken')]);
  await workshop.close();
}

async function containersRunning(command: string): Promise<readonly string[]> {
  const containers = await docker.listContainers({ all: true });
  return containers.filter((one) => one.Command.includes(command)).map((one) => one.Id);
}

test('images that are there are not made again', async () => {
  const logDir = await temporaryFolder();
  const options = { docker, profile: DEFAULT_PROFILE, logDir, progress: silentProgress };
  const first = await ensureImages(options);
  expect(await missingImages(docker, DEFAULT_PROFILE)).toEqual([]);
  const started: string[] = [];
  const progress = { ...silentProgress, started: (task: string) => void started.push(task) };
  expect(await ensureImages({ ...options, progress })).toEqual(first);
  expect(started).toEqual([]);
});

test('a failing step is named with its output and its log, and its container is gone', async () => {
  const logDir = await temporaryFolder();
  const command = 'echo what went wrong && exit 7';
  const error: unknown = await buildWith(command, logDir).catch((thrown: unknown) => thrown);
  if (!(error instanceof ImageBuildError)) throw new Error('no ImageBuildError', { cause: error });
  expect(error.message).toContain(`image broken could not be made, at "Step 2/`);
  expect(error.message).toContain('\n  what went wrong\n');
  expect(error.logFile).toBe(join(logDir, 'image-broken.log'));
  expect(await readFile(error.logFile, 'utf8')).toContain('what went wrong');
  expect(await containersRunning(command)).toEqual([]);
});

test('an aborted build ends at once with the reason, and takes its container with it', async () => {
  const command = 'sleep 300.47';
  const reason = new Error('enough');
  const abort = new AbortController();
  const building = buildWith(command, await temporaryFolder(), abort.signal);
  building.catch(() => undefined);
  await expect.poll(() => containersRunning(command), { timeout: 30_000 }).toHaveLength(1);
  abort.abort(reason);
  await expect(building).rejects.toBe(reason);
  await expect.poll(() => containersRunning(command), { timeout: 10_000 }).toEqual([]);
}, 60_000);
