// A dockerd started by hand, where no init system would: its start, its state on disk, and its end without a trace.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { waitFor } from '../core/wait.ts';
import { readKernelState, restoreKernel, type KernelState } from './engine-kernel.ts';
import { identityOf, isAlive, type ProcessIdentity } from './engine-leases.ts';

export interface DaemonOptions {
  /** Folder of our engine state; the log is dockerd.log in it. */
  readonly folder: string;
  /** Words before every command, as `nsenter --net=<path>`; none on an ordinary machine. */
  readonly prefix: readonly string[];
  /** Arguments of dockerd beyond its defaults. */
  readonly arguments: readonly string[];
  readonly answers: () => Promise<boolean>;
}

interface DaemonState {
  readonly process: ProcessIdentity;
  readonly startedAt: string;
  readonly before: KernelState;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const LOG_LINES_SHOWN = 15;

export async function startDaemon(options: DaemonOptions, signal?: AbortSignal): Promise<void> {
  mkdirSync(options.folder, { recursive: true });
  const before = await readKernelState(options.prefix);
  const logPath = join(options.folder, 'dockerd.log');
  const log = openSync(logPath, 'a');
  const [program = '', ...words] = [...options.prefix, 'dockerd', ...options.arguments];
  const daemon = spawn(program, words, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  let ended: string | undefined;
  daemon.once('error', ({ message }) => (ended = message));
  daemon.once('exit', (code, killer) => (ended = `ended with ${code ?? killer ?? 'nothing'}`));
  daemon.unref();
  const identity = daemon.pid === undefined ? undefined : await identityOf(daemon.pid);
  if (identity)
    writeState(options.folder, { process: identity, startedAt: new Date().toISOString(), before });

  try {
    const end = await waitFor(
      'an answer of the Docker Engine',
      { timeoutMs: START_TIMEOUT_MS, intervalMs: 300, ...(signal && { signal }) },
      async () => {
        if (ended !== undefined) return { done: ended };
        return (await options.answers()) ? { done: undefined } : { missing: 'no answer' };
      },
    );
    if (end !== undefined) throw new Error(`dockerd ${end}`);
  } catch (thrown) {
    await stopDaemon(options);
    signal?.throwIfAborted();
    throw new EnvironmentError(`dockerd could not be started:\n${lastLines(logPath)}`, {
      cause: thrown,
      hint: `the whole log is ${logPath}`,
    });
  }
}

/** Stops the daemon that holdfast started, if there is one, and takes back what it left in the kernel. Idempotent. */
export async function stopDaemon(options: DaemonOptions): Promise<boolean> {
  const state = readState(options.folder);
  if (!state) return false;
  if (await isAlive(state.process)) {
    process.kill(state.process.pid, 'SIGTERM');
    await waitFor(`dockerd (pid ${state.process.pid}) ended`, { timeoutMs: STOP_TIMEOUT_MS }, async () =>
      (await isAlive(state.process)) ? { missing: 'still running' } : { done: true },
    );
  }
  // Ours died and somebody started another engine: then the kernel's state is that one's.
  if (!(await options.answers())) await restoreKernel(state.before, options.prefix);
  rmSync(statePath(options.folder), { force: true });
  return true;
}

/** Whether the engine is one that holdfast started by hand, and did not stop yet. */
export function hasDaemon(folder: string): boolean {
  return readState(folder) !== undefined;
}

function writeState(folder: string, state: DaemonState): void {
  writeFileSync(statePath(folder), `${JSON.stringify(state)}\n`);
}

function readState(folder: string): DaemonState | undefined {
  try {
    return JSON.parse(readFileSync(statePath(folder), 'utf8')) as DaemonState;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function statePath(folder: string): string {
  return join(folder, 'daemon.json');
}

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
