// The watchdog's process itself, against an engine that a test can look into.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { waitFor } from '../core/wait.ts';
import { DetachedWatchdog, disarmAll } from './detached-watchdog.ts';
import type { PowerSwitches } from './watchdog/order.ts';

const RUN = '20261123-064501-9f3a';

interface State {
  Running: boolean;
  Paused: boolean;
}

/** Answers what a watchdog asks, and remembers what it did. */
class FakeEngine {
  readonly containers = new Map<string, State>();
  readonly deeds: string[] = [];
  /** How many more deeds are refused. */
  refusals = 0;
  readonly #server: Server = createServer((asked, answer) => {
    const [, , name = '', what = ''] = (asked.url ?? '').split('/');
    const state = this.containers.get(name);
    if (!state) return void answer.writeHead(404).end('{}');
    if (what === 'json') return void answer.end(JSON.stringify({ State: state }));
    this.deeds.push(`${what} ${name.replace(`holdfast-${RUN}-`, '')}`);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return void answer.writeHead(500).end('{}');
    }
    Object.assign(state, { Running: true, Paused: false });
    answer.writeHead(204).end();
  });

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.#server.listen(path, resolve));
  }

  has(host: string, state: State): void {
    this.containers.set(`holdfast-${RUN}-${host}`, { ...state });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Yard {
  readonly folder: string;
  readonly engine: FakeEngine;
  readonly watchdog: DetachedWatchdog;
  /** The watchdogs of this test: their program lies in its folder. */
  readonly pids: () => number[];
  readonly ended: () => Promise<unknown>;
}

const test = base.extend<{ yard: Yard }>({
  // From the pattern Vitest reads which other fixtures this one needs: none.
  yard: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-watchdog-'));
    const engine = new FakeEngine();
    await engine.listen(join(folder, 'engine.sock'));
    const switchesOf = (hosts: readonly string[]): PowerSwitches => ({
      kind: 'engine',
      socketPath: join(folder, 'engine.sock'),
      containers: hosts.map((host) => `holdfast-${RUN}-${host}`),
    });
    const watchdog = new DetachedWatchdog({ runId: RUN, folder, switchesOf });
    const pids = (): number[] => {
      const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
      return all.filter((pid) => commandOf(pid).includes(join(folder, 'watchdogs'))).map(Number);
    };
    const ended = (): Promise<unknown> => until('every watchdog ended', () => pids().length === 0);
    await use({ folder, engine, watchdog, pids, ended });
    await disarmAll(undefined, folder);
    await ended();
    engine.close();
    rmSync(folder, { recursive: true });
  },
});

const OFF = { Running: false, Paused: false };
const FROZEN = { Running: true, Paused: true };
const ON = { Running: true, Paused: false };

describe('a watchdog', () => {
  test('brings back what has no power or is frozen when the limit is reached, and nothing before', async ({
    yard: { folder, engine, watchdog, ended },
  }) => {
    engine.has('m1', OFF);
    engine.has('m2', FROZEN);
    engine.has('m3', ON);
    const armedAt = performance.now();
    await watchdog.arm('power-off-1', ['m1', 'm2', 'm3'], 1_000);
    expect(engine.deeds).toEqual([]);
    await until('hosts brought back', () => engine.deeds.length === 2);
    expect(performance.now() - armedAt).toBeGreaterThan(999);
    expect(engine.deeds.toSorted()).toEqual(['start m1', 'unpause m2']);
    await ended();
    expect(readdirSync(join(folder, 'watchdogs', RUN))).toEqual([]);
  });

  test('has a session of its own: neither the end of its maker nor of its group reaches it', async ({
    yard: { watchdog, pids },
  }) => {
    await watchdog.arm('power-off-1', ['m1'], 60_000);
    const [pid] = pids();
    const asks = ['-o', 'sid=,pgid=', '-p', String(pid)];
    expect(execFileSync('ps', asks, { encoding: 'utf8' }).trim().split(/\s+/)).toEqual([
      String(pid),
      String(pid),
    ]);
  });

  test('that is called off ends without a deed, by whomever', async ({
    yard: { folder, engine, watchdog, pids, ended },
  }) => {
    engine.has('m1', OFF);
    await watchdog.arm('power-off-1', ['m1'], 60_000);
    expect(pids()).toHaveLength(1);
    const another = new DetachedWatchdog({
      runId: RUN,
      folder,
      switchesOf: () => ({ kind: 'commands', lines: [] }),
    });
    await another.disarm('power-off-1');
    await ended();
    expect(engine.deeds).toEqual([]);
    await watchdog.disarm('power-off-1');
  });

  test('ends when its lab is removed', async ({ yard: { folder, watchdog, ended } }) => {
    await watchdog.arm('power-off-1', ['m1'], 60_000);
    await disarmAll(RUN, folder);
    await ended();
    expect(existsSync(join(folder, 'watchdogs', RUN))).toBe(false);
  });

  test('tries again where the engine refuses, and gives up on a host that is gone', async ({
    yard: { engine, watchdog, ended },
  }) => {
    engine.has('m1', OFF);
    engine.refusals = 1;
    await watchdog.arm('power-off-1', ['m1', 'gone'], 10);
    await until('a second try', () => engine.deeds.length === 2);
    await ended();
    expect(engine.deeds).toEqual(['start m1', 'start m1']);
  });

  test('is not armed under a name that leads elsewhere', async ({ yard: { watchdog } }) => {
    await expect(watchdog.arm('../etc', ['m1'], 10)).rejects.toThrow('no id of a fault');
  });
});

function until(what: string, isSo: () => boolean): Promise<unknown> {
  return waitFor(what, { timeoutMs: 10_000, intervalMs: 20 }, () =>
    Promise.resolve(isSo() ? { done: true } : { missing: 'not yet' }),
  );
}

/** Empty of one that has ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
