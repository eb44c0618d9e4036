// This machine keeps the contract of hosts.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostContract } from '../../test/hosts/host-contract.ts';
import { waitFor } from '../core/wait.ts';
import { LocalHost } from './local-host.ts';

const host = new LocalHost('harness', '127.0.0.1');

describe('the contract of hosts, kept by this machine', () => {
  hostContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-local-'));
    return Promise.resolve({
      host,
      folder,
      dispose: () => {
        rmSync(folder, { recursive: true });
        return Promise.resolve();
      },
    });
  });
});

describe('this machine as a host', () => {
  const isRunning = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test('a closed stream leaves no process behind, even one that ignores SIGTERM', async () => {
    const stream = await host.stream([
      'sh',
      '-c',
      'trap "" TERM; sleep 500 & echo $$ $!; while :; do sleep 1; done',
    ]);
    const first = await stream.lines[Symbol.asyncIterator]().next();
    const pids = String(first.value).split(' ').map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    await stream.close();
    await waitFor('no process', { timeoutMs: 3000 }, () => {
      const left = pids.filter(isRunning);
      return Promise.resolve(
        left.length === 0 ? { done: true } : { missing: `${left.join(', ')} still run` },
      );
    });
  });

  test('a command that a signal ended has the exit code that a shell gives it', async () => {
    const { exitCode } = await host.run(['sh', '-c', 'kill -KILL $$'], { acceptExitCodes: [137] });
    expect(exitCode).toBe(137);
  });

  test('a program that is not there is named', async () => {
    await expect(host.run(['no-such-program'])).rejects.toThrow(/harness: not started: .*no-such-program/);
  });

  test('a dialled connection carries bytes both ways; a refused one names address and port', async () => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connection = await host.dial('127.0.0.1', port);
    expect(Buffer.concat((await connection.toArray()) as Buffer[]).toString()).toBe('hello');
    server.close();
    await once(server, 'close');
    await expect(host.dial('127.0.0.1', port)).rejects.toThrow(`no connection to 127.0.0.1:${port}`);
  });
});
