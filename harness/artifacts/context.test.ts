// A build context is the same bytes whatever the checkout's times, umask and order of files.
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packContext, readContext } from './context.ts';

async function contextFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-context-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  await writeFile(join(folder, 'entrypoint'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(folder, 'etc', 'config.toml'), 'version = 2\n');
  return folder;
}

test('the files come sorted, folders below included, with the modes that a checkout keeps', async () => {
  const files = await readContext(await contextFolder());
  expect(files.map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
    ['Dockerfile', '644'],
    ['entrypoint', '755'],
    ['etc/config.toml', '644'],
  ]);
});

test('tests are no part of an image', async () => {
  const folder = await contextFolder();
  await writeFile(join(folder, 'server.test.ts'), '');
  expect((await readContext(folder)).map(({ path }) => path)).not.toContain('server.test.ts');
});

test('another time or umask gives the same archive, another content another one', async () => {
  const folder = await contextFolder();
  const before = await packContext(await readContext(folder));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  onTestFinished(() => void vi.useRealTimers());
  await utimes(join(folder, 'Dockerfile'), new Date(), new Date());
  await chmod(join(folder, 'Dockerfile'), 0o600);
  await chmod(join(folder, 'entrypoint'), 0o700);
  expect((await packContext(await readContext(folder))).equals(before)).toBe(true);
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n\n');
  expect((await packContext(await readContext(folder))).equals(before)).toBe(false);
});
