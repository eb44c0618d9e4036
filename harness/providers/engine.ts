// The Docker Engine: the one that runs, or one that holdfast installs and starts, and stops again when nobody needs it.
import { accessSync, constants, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { asError, EnvironmentError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import { waitFor } from '../core/wait.ts';
import { hasProgram, runLocal } from '../hosts/local.ts';
import { hasDaemon, startDaemon, stopDaemon, type DaemonOptions } from './engine-daemon.ts';
import { returnLease, takeLease, withLock } from './engine-leases.ts';
import { stateDirectory } from './state-directory.ts';

export interface EnsureEngineOptions {
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

/** What a test replaces to bring up an engine beside the one that runs. */
export interface EngineMachine {
  readonly stateDirectory: string;
  find(): Promise<Docker | undefined>;
  /** Words before every command that touches the kernel's network. */
  readonly commandPrefix: readonly string[];
  readonly daemonArguments: readonly string[];
}

export const ENGINE_HINT = 'as root: apt-get install docker.io && systemctl start docker (or run dockerd)';
const DEFAULT_SOCKET = '/var/run/docker.sock';
const TASK = 'Docker Engine';
const LOCK_TIMEOUT_MS = 600_000;
const APT_TIMEOUT_MS = 600_000;
const SYSTEMD_START_TIMEOUT_MS = 60_000;

export function thisMachine(): EngineMachine {
  return { stateDirectory: stateDirectory(), find: findEngine, commandPrefix: [], daemonArguments: [] };
}

/** The engine that answers now, found as testcontainers finds it (DOCKER_HOST, the usual sockets), or undefined. */
export async function findEngine(): Promise<Docker | undefined> {
  // Loaded when it is needed: it takes half a second, and `holdfast --help` does without.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    const docker = (await getContainerRuntimeClient()).container.dockerode;
    // The client is kept for the life of the process, the engine may have gone since.
    await docker.ping();
    return docker;
  } catch {
    return undefined;
  }
}

/**
 * The engine that runs, or on Debian and Ubuntu as root one that is installed and started. The caller holds a lease on
 * it until `releaseEngine` or the end of its process. @throws EnvironmentError with the command that the user needs
 */
export async function ensureEngine(options: EnsureEngineOptions, machine = thisMachine()): Promise<Docker> {
  const startedAt = performance.now();
  options.progress.started(TASK);
  try {
    const docker = await withLock(machine.stateDirectory, LOCK_TIMEOUT_MS, async () => {
      await takeLease(leaseFolder(machine));
      return (await machine.find()) ?? (await bringUp(options, machine));
    });
    options.progress.finished(TASK, performance.now() - startedAt);
    return docker;
  } catch (thrown) {
    options.progress.failed(TASK, performance.now() - startedAt, asError(thrown));
    throw thrown;
  }
}

/**
 * Gives the lease back. The last one to do so stops an engine that holdfast started by hand, unless it holds
 * containers, whosever they are. @returns whether it was stopped
 */
export async function releaseEngine(machine = thisMachine()): Promise<boolean> {
  return withLock(machine.stateDirectory, LOCK_TIMEOUT_MS, async () => {
    const holders = await returnLease(leaseFolder(machine));
    if (holders.length > 0 || !hasDaemon(engineFolder(machine))) return false;
    const docker = await machine.find();
    if (docker && (await docker.listContainers({ all: true })).length > 0) return false;
    return stopDaemon(daemonOptions(machine));
  });
}

async function bringUp(options: EnsureEngineOptions, machine: EngineMachine): Promise<Docker> {
  requireRoot();
  const programs = await Promise.all(['dockerd', 'iptables', 'ip'].map(hasProgram));
  if (!programs.every(Boolean)) await install(options);
  if (await isSystemd()) {
    await runLocal(['systemctl', 'start', 'docker'], { timeoutMs: SYSTEMD_START_TIMEOUT_MS });
  } else {
    await startDaemon(daemonOptions(machine), options.signal);
  }
  return waitFor('an answer of the Docker Engine', { timeoutMs: SYSTEMD_START_TIMEOUT_MS }, async () => {
    const docker = await machine.find();
    return docker ? { done: docker } : { missing: 'no answer' };
  });
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  if (existsSync(DEFAULT_SOCKET) && !isWritable(DEFAULT_SOCKET)) {
    throw new EnvironmentError(`this user may not use the Docker Engine at ${DEFAULT_SOCKET}`, {
      hint: 'as root: usermod -aG docker <user>, then log in anew',
    });
  }
  throw new EnvironmentError('no Docker Engine answers, and only root can start one', { hint: ENGINE_HINT });
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether holdfast could install an engine: it knows the packages of Debian and Ubuntu. */
export async function canInstallEngine(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release);
}

async function install({ progress, signal }: EnsureEngineOptions): Promise<void> {
  if (!(await canInstallEngine())) {
    throw new EnvironmentError(
      'no Docker Engine answers, and holdfast installs one only on Debian and Ubuntu',
      {
        hint: 'install Docker Engine with your distribution’s package manager and start it',
      },
    );
  }
  // Never cut short by the signal: a package manager that is killed in the middle leaves the machine half-configured.
  const apt = (...words: readonly string[]): Promise<unknown> =>
    runLocal(['apt-get', '-q', '-y', ...words], {
      timeoutMs: APT_TIMEOUT_MS,
      // Runlevel 1 keeps invoke-rc.d from starting a daemon that nobody would stop again; systemd does not look at it.
      env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      onLine: (line) => {
        progress.output(TASK, line);
      },
    });
  const packages = ['install', '--no-install-recommends', 'docker.io', 'iptables', 'iproute2'];
  try {
    // Fails where the package lists are absent or old.
    await apt(...packages);
  } catch {
    signal?.throwIfAborted();
    await apt('update');
    await apt(...packages).catch((thrown: unknown) => {
      throw new EnvironmentError('the Docker Engine could not be installed', {
        cause: thrown,
        hint: ENGINE_HINT,
      });
    });
  }
  signal?.throwIfAborted();
}

async function isSystemd(): Promise<boolean> {
  return (await readFile('/proc/1/comm', 'utf8')).trim() === 'systemd';
}

function engineFolder({ stateDirectory: folder }: EngineMachine): string {
  return join(folder, 'engine');
}

function leaseFolder(machine: EngineMachine): string {
  return join(engineFolder(machine), 'leases');
}

function daemonOptions(machine: EngineMachine): DaemonOptions {
  return {
    folder: engineFolder(machine),
    prefix: machine.commandPrefix,
    arguments: machine.daemonArguments,
    answers: async () => (await machine.find()) !== undefined,
  };
}
