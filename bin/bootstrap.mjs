// What must hold before anything of holdfast can be loaded: a Node that is new enough, and installed packages.
// Free of dependencies, and of syntax that an old Node could not parse.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, '.npm-ci.lock');
const EXIT_ENVIRONMENT = 4;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const INSTALL_LIMIT_MS = 15 * 60000;

/** Ends the process with a message where the machine cannot run holdfast; returns when it can. */
export async function prepare() {
  requireNode();
  if (!packagesMatchLockfile()) await withInstallLock(installPackages);
}

/**
 * Runs `npm <args>` in a process group of its own and passes signals on to the whole of it: a shell in between, as npm
 * starts one for every script, would die of SIGTERM and leave its children behind.
 */
export function runNpm(args, options) {
  // Under `npm start` the npm that runs us is known exactly; elsewhere it is the one on the PATH.
  const npmScript = process.env.npm_execpath;
  const [command, first] = npmScript ? [process.execPath, [npmScript]] : ['npm', []];
  const child = spawn(command, [...first, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    detached: true,
    ...options,
  });
  const forward = (signal) => signalGroup(child.pid, signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const one of FORWARDED) process.off(one, forward);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which its end will tell.
  }
}

function requireNode() {
  const wanted = readJson(join(ROOT, 'package.json')).engines.node;
  const [major, minor] = wanted.match(/\d+/g).map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  quit(
    `holdfast needs Node ${wanted}, and this is ${process.version}.\n→ install a newer Node, then try again`,
  );
}

/** Compares what npm wrote down as installed with package-lock.json. npm writes it last, so half an install has none. */
function packagesMatchLockfile() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson(join(ROOT, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

async function installPackages() {
  if (packagesMatchLockfile()) return;
  const startedAt = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  say('installing npm packages (npm ci) …');
  const heartbeat = setInterval(() => say(`installing npm packages: ${elapsed()}`), 10000);
  // Tests need the development packages too, whatever NODE_ENV says. Output goes to stderr: stdout is for results.
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const code = await runNpm(args, { stdio: ['ignore', 2, 2] }).catch((error) => error.message);
  clearInterval(heartbeat);
  if (code > 128) throw new Interrupted(code);
  if (code !== 0)
    throw new Error(`npm ci failed (${code}) in ${ROOT}.\n→ run npm ci there and see its output`);
  say(`npm packages installed in ${elapsed()}`);
}

class Interrupted extends Error {
  constructor(exitCode) {
    super('interrupted while installing npm packages');
    this.exitCode = exitCode;
  }
}

/** One installation at a time: npm ci begins by removing node_modules. A lock whose owner is gone is taken over. */
async function withInstallLock(work) {
  const limit = Date.now() + INSTALL_LIMIT_MS;
  for (let told = false; !takeLock(); told = true) {
    if (Date.now() > limit) quit(`another process has been installing for too long.\n→ remove ${LOCK}`);
    if (!told) say(`waiting for process ${readOwner()}, which installs the npm packages`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  try {
    await work();
  } catch (error) {
    rmSync(LOCK, { force: true });
    quit(error.message, error.exitCode);
  }
  rmSync(LOCK, { force: true });
}

function takeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') quit(`${LOCK} cannot be written: ${error.message}`);
  }
  const owner = readOwner();
  if (owner !== undefined && !isAlive(owner)) rmSync(LOCK, { force: true });
  return false;
}

function readOwner() {
  try {
    return Number(readFileSync(LOCK, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function say(text) {
  process.stderr.write(`holdfast: ${text}\n`);
}

function quit(text, exitCode = EXIT_ENVIRONMENT) {
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}
