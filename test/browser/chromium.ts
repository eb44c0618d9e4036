// A real browser for the pages' tests: the one that is there, or Debian's, which is installed then.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { EnvironmentError } from '../../harness/core/errors.ts';
import { CHROMIUMS, findOnPath } from '../../harness/diagrams.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 600_000;

export async function launchChromium(): Promise<Browser> {
  const executablePath = findOnPath(CHROMIUMS) ?? (await installed());
  // Root may not use its sandbox; what it opens here are our own files.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** To be called once, before the tests. */
export async function ensureChromium(): Promise<void> {
  if (findOnPath(CHROMIUMS) === undefined) await installed();
}

async function installed(): Promise<string> {
  const options = { timeout: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await run('apt-get', ['update', '-q'], options);
    await run(
      'apt-get',
      ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      options,
    );
  } catch (thrown) {
    throw new EnvironmentError('there is no chromium, and apt-get cannot install it', {
      cause: thrown,
      hint: 'install chromium, or run the tests as root on Debian',
    });
  }
  const path = findOnPath(CHROMIUMS);
  if (path === undefined)
    throw new EnvironmentError('apt-get installed chromium, and there is none on the PATH');
  return path;
}
