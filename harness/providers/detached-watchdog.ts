// Starts watchdogs and calls them off: one process a fault, in a session of its own, so that neither the end of the
// harness nor the end of its process group reaches it.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { bundleProgram } from '../core/bundle.ts';
import { EnvironmentError } from '../core/errors.ts';
import type { Watchdog } from '../core/provider.ts';
import { withTimeout } from '../core/wait.ts';
import { stateDirectory } from './state-directory.ts';
import type { PowerSwitches, WatchdogOrder } from './watchdog/order.ts';

/** Written out as one file: it must not matter what becomes of this checkout meanwhile. */
const WATCHDOG = new URL('./watchdog/main.ts', import.meta.url);
const START_TIMEOUT_MS = 15_000;
/** The shape of the ids that faults have; they become names of files. */
const ID = /^[a-z0-9-]+$/;

export interface DetachedWatchdogOptions {
  readonly runId: string;
  /** What it has to press to bring these hosts back. */
  readonly switchesOf: (hosts: readonly string[]) => PowerSwitches;
  /** Default: holdfast's state folder. */
  readonly folder?: string;
}

export class DetachedWatchdog implements Watchdog {
  readonly #switchesOf: DetachedWatchdogOptions['switchesOf'];
  readonly #folder: string;

  constructor({ runId, switchesOf, folder = stateDirectory() }: DetachedWatchdogOptions) {
    this.#switchesOf = switchesOf;
    this.#folder = ordersOf(folder, runId);
  }

  async arm(id: string, hosts: readonly string[], limitMs: number): Promise<void> {
    if (!ID.test(id)) throw new Error(`"${id}" is no id of a fault`);
    const order: WatchdogOrder = {
      id,
      switches: this.#switchesOf(hosts),
      dueNs: String(process.hrtime.bigint() + BigInt(Math.round(limitMs)) * 1_000_000n),
    };
    await mkdir(this.#folder, { recursive: true });
    const [orderPath, programPath] = [this.#path(id, 'json'), this.#path(id, 'mjs')];
    await writeFile(programPath, await bundleProgram(WATCHDOG));
    await writeFile(orderPath, JSON.stringify(order));
    try {
      await withTimeout(`watchdog of ${id} armed`, START_TIMEOUT_MS, startDetached([programPath, orderPath]));
    } catch (thrown) {
      await this.disarm(id);
      throw new EnvironmentError(`no watchdog could be started: nothing would bring ${hosts.join()} back`, {
        cause: thrown,
      });
    }
  }

  async disarm(id: string): Promise<void> {
    await Promise.all(['json', 'mjs'].map((kind) => rm(this.#path(id, kind), { force: true })));
  }

  #path(id: string, kind: string): string {
    return join(this.#folder, `${id}.${kind}`);
  }
}

/** Calls off every watchdog of a run, or of all. Idempotent. */
export async function disarmAll(runId?: string, folder = stateDirectory()): Promise<void> {
  await rm(ordersOf(folder, runId), { recursive: true, force: true });
}

function ordersOf(folder: string, runId?: string): string {
  return join(folder, 'watchdogs', ...(runId === undefined ? [] : [runId]));
}

/** Resolves when it says that it is armed. */
function startDetached(argv: readonly string[]): Promise<void> {
  // Little of this process's environment: what loads into every Node here need not exist when its time comes.
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, argv, {
    argv0: 'holdfast-watchdog',
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`it ended with ${code ?? signal ?? 'nothing'}`));
    });
    child.stdout.once('data', () => {
      child.stdout.destroy();
      child.unref();
      resolve();
    });
  });
}
