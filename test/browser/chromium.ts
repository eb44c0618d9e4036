// A real browser for the pages' tests: the one that is there, or Debian's, which is installed then.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { EnvironmentError } from '../../harness/core/errors.ts';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL_TIMEOUT_MS = 600_000;

export async function launchChromium(): Promise<Browser> {
  const executablePath = onPath() ?? (await installed());
  // Root may not use its sandbox; what it opens here are our own files.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** To be called once, before the tests. */
export async function ensureChromium(): Promise<void> {
  if (onPath() === undefined) await installed();
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function installed(): Promise<string> {
  const options = { timeout: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await run('apt-get', ['update', '-q'], options);
    await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], options);
  } catch (thrown) {
    throw new EnvironmentError('there is no chromium, and apt-get cannot install it', {
      cause: thrown,
      hint: 'install chromium, or run the tests as root on Debian',
    });
  }
  const path = onPath();
  if (path === undefined) throw new EnvironmentError('apt-get installed chromium, and there is none on the PATH');
  return path;
}
