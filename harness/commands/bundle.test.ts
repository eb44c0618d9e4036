// holdfast bundle as a person meets it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeBundle, writeBundle, type BundleChanges } from '../artifacts/bundle/testing/archive-writer.ts';
import { explainError, HoldfastError } from '../core/errors.ts';
import { bundlePlanFor } from '../profiles/index.ts';
import { makeProgram } from '../program.ts';

const DOCKER = 'docker-engine-1.12.4-1.el7.centos.x86_64.rpm';

async function bundleWith(changes: BundleChanges = {}): Promise<string> {
  const folder = await writeBundle(bundlePlanFor('v1.4.5'), changes);
  onTestFinished(() => removeBundle(folder));
  return folder;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly error: string;
}

/** The command in this process: what it prints, and the exit code that it or its error stands for. */
async function bundle(...words: readonly string[]): Promise<Outcome> {
  const argv = ['node', 'holdfast', 'bundle', ...words];
  const program = await makeProgram(argv);
  let stdout = '';
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text) => ((stdout += String(text)), true);
  try {
    await program.parseAsync(argv);
    return { code: Number(process.exitCode ?? 0), stdout, error: '' };
  } catch (thrown) {
    return {
      code: thrown instanceof HoldfastError ? thrown.exitCode : 1,
      stdout,
      error: explainError(thrown),
    };
  } finally {
    process.stdout.write = write;
    process.exitCode = undefined;
  }
}

test('a whole bundle is verified, locked once, and a changed file is then found by its checksum', async () => {
  const folder = await bundleWith();
  expect(await bundle('verify', folder)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('bundle for v1.4.5: whole') as string,
  });
  expect((await bundle('lock', folder)).code).toBe(0);
  const lock = await readFile(join(folder, 'bundle.lock.json'), 'utf8');
  expect(JSON.parse(lock)).toMatchObject({ schemaVersion: 1, profile: 'v1.4.5' });
  const other = await bundleWith({ 'bundle.lock.json': lock, 'network/weave.yaml': 'kind: DaemonSet\n' });
  const { code, stdout } = await bundle('verify', other, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    sound: false,
    lock: 'differs',
    findings: expect.any(Array) as unknown[],
  });
  expect(stdout).toContain('network/weave.yaml is another file');
  const again = await bundle('lock', other);
  expect(again).toMatchObject({
    code: 3,
    error: expect.stringContaining('if you have changed the files on purpose: --replace') as string,
  });
  expect((await bundle('lock', other, '--replace')).code).toBe(0);
});

test('what is missing is told with what it is for, exit code 3, and such a bundle is not locked', async () => {
  const folder = await bundleWith({ [DOCKER]: undefined });
  const { code, stdout } = await bundle('verify', folder);
  expect(code).toBe(3);
  expect(stdout).toContain(
    `missing  docker-engine ${DOCKER} is not there\n         for the container runtime of every host (chapter 3.3.1)`,
  );
  expect(await bundle('lock', folder)).toMatchObject({
    code: 3,
    error: expect.stringContaining('1 thing missing or wrong') as string,
  });
});

test('inspect says what is in it, by headers and manifests', async () => {
  const { code, stdout } = await bundle('inspect', await bundleWith());
  expect(code).toBe(0);
  expect(stdout).toContain('rpm       kubeadm 1.5.0-0.alpha.1.409.714f816a349e79 x86_64');
  expect(stdout).toContain('image     gcr.io/google_containers/pause-amd64:3.0 amd64, 1 layer, docker-save');
});

test('what is damaged is refused with one error that says what to do', async () => {
  const folder = await bundleWith({ [DOCKER]: 'no rpm' });
  const { code, stdout, error } = await bundle('verify', folder, '--json');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(error).toContain(
    `${DOCKER}: it begins with 6e6f2072; expected an rpm, which begins with edabeedb\n→ copy or download`,
  );
});
