// The SSH host against a real sshd.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asError, CommandError } from '../../harness/core/errors.ts';
import { letTimePass, waitFor, withTimeout } from '../../harness/core/wait.ts';
import type { SshHost } from '../../harness/hosts/ssh.ts';
import { SshConnections } from '../../harness/hosts/ssh/connections.ts';
import { hostContract } from './host-contract.ts';
import { openedHosts, sshHost } from './ssh-hosts.ts';
import { startSshd, type SshdContainer } from './sshd-container.ts';

describe('the contract of hosts, kept by SSH', () => {
  hostContract(async () => {
    const sshd = await startSshd();
    const host = sshHost(sshd.target);
    return {
      host,
      dispose: async () => {
        host.close();
        await sshd.dispose();
      },
    };
  });
});

describe('a host over SSH', () => {
  let sshd: SshdContainer;
  const open = openedHosts();
  beforeAll(async () => {
    sshd = await startSshd('-o MaxSessions=3');
  });
  afterAll(() => sshd.dispose());

  /** Numbers of the running processes whose command line begins so. */
  const running = async (line: string): Promise<readonly string[]> => {
    const { stdout } = await sshd.inside.run(['pgrep', '-f', `^${line}`], { acceptExitCodes: [0, 1] });
    return stdout.split('\n').filter(Boolean);
  };
  const noneRuns = (line: string): Promise<boolean> =>
    waitFor(`no "${line}"`, { timeoutMs: 3000 }, async () => {
      const left = await running(line);
      return left.length === 0 ? { done: true } : { missing: `${left.length} still run` };
    });
  const commandErrorOf = async (work: Promise<unknown>): Promise<CommandError> => {
    const thrown: unknown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (thrown instanceof CommandError) return thrown;
    throw new Error('expected a CommandError', { cause: thrown });
  };

  test('what a timed-out command started is killed there, children and all', async () => {
    const host = open(sshd.target);
    const command = host.run(['sh', '-c', 'sleep 501 & sleep 502'], { timeoutMs: 4000 });
    const outcome = expect(command).rejects.toThrow('no end within 4000 ms');
    await waitFor('both', { timeoutMs: 3900, intervalMs: 50 }, async () =>
      (await running('sleep 50[12]')).length === 2 ? { done: true } : { missing: 'not yet' },
    );
    await outcome;
    await noneRuns('sleep 50[12]');
  });

  test('a closed stream leaves no process behind, even one that ignores SIGTERM, and whatever was read of it', async () => {
    const host = open(sshd.target);
    const script = 'trap "" TERM; while :; do head -c 100000 /dev/zero | tr "\\0" "\\n"; sleep 0.503; done';
    const stream = await host.stream(['sh', '-c', script]);
    for await (const line of stream.lines) {
      expect(line).toBe('');
      break;
    }
    await stream.close();
    expect(await stream.done).toMatchObject({ reason: 'closed' });
    await noneRuns('sleep 0.503');
    expect((await host.run(['echo', 'well'])).stdout).toBe('well\n');
  });

  test('a command that has its end while its output is not read is over', async () => {
    const stream = await open(sshd.target).stream(['sh', '-c', 'head -c 5000000 /dev/zero; exit 7']);
    expect(await stream.done).toMatchObject({ exitCode: 7 });
  });

  test('short commands, one after the other and at once, all have their exit code', async () => {
    const host = open(sshd.target);
    const codes = (count: number): number[] => Array.from({ length: count }, (_, index) => index % 200);
    const exit = async (code: number): Promise<number> =>
      (await host.run(['sh', '-c', `exit ${code}`], { acceptExitCodes: [code] })).exitCode;
    for (const code of codes(30)) expect(await exit(code)).toBe(code);
    expect(await Promise.all(codes(60).map(exit))).toEqual(codes(60));
  });

  test('more commands at once than the server allows sessions a connection; no connection is lost to it', async () => {
    const host = open(sshd.target);
    const several = (): Promise<number[]> =>
      Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          Number((await host.run(['sh', '-c', `sleep 0.2; echo ${index}`])).stdout),
        ),
      );
    const expected = Array.from({ length: 20 }, (_, index) => index);
    expect(await several()).toEqual(expected);
    const connections = await running('sshd: root@');
    expect(await several()).toEqual(expected);
    expect((await running('sshd: root@')).length).toBeLessThanOrEqual(Math.max(connections.length, 7));
  });

  test('a command that a signal ended has the exit code that a shell gives it', async () => {
    const { exitCode } = await open(sshd.target).run(['sh', '-c', 'kill -KILL $$'], {
      acceptExitCodes: [137],
    });
    expect(exitCode).toBe(137);
  });

  test('a dialled connection carries bytes both ways and ends with the other side', async () => {
    const host = open(sshd.target);
    const server = await host.stream([
      'socat',
      'TCP-LISTEN:7000,reuseaddr',
      'SYSTEM:read line; echo "got $line"',
    ]);
    const connection = await waitFor('listener', { timeoutMs: 5000 }, async () => ({
      done: await host.dial('127.0.0.1', 7000),
    }));
    connection.write('ping\n');
    expect(Buffer.concat(await connection.toArray()).toString()).toBe('got ping\n');
    await server.close();
    await expect(host.dial('127.0.0.1', 7001)).rejects.toThrow('opens no connection to 127.0.0.1:7001');
  });

  test('a host behind another one is reached through it', async () => {
    const jump = { ...sshd.target, name: 'bastion' };
    const bastion = new SshConnections(jump);
    const host = open({ ...sshd.direct, host: '127.0.0.1', jump }, bastion);
    expect((await host.run(['echo', 'through'])).stdout).toBe('through\n');
    const { failure } = await commandErrorOf(host.run(['false']));
    expect(failure.commandLine).toBe('ssh -J root@sshd-host root@127.0.0.1 -- false');
    bastion.close();
    const lost = await commandErrorOf(host.run(['sleep', '504'], { timeoutMs: 5000 }));
    expect(lost.message).toMatch(/not started|connection lost|no end/);
  });

  test('an upload to a full disk says so, and leaves what was there', async () => {
    const host = open(sshd.target);
    await host.upload('/small/file', 'before');
    const { failure, message } = await commandErrorOf(
      host.upload('/small/file', Buffer.alloc(1024 * 1024, 'x')),
    );
    expect(message).toMatch(
      /^one: no space left for the 1048576 bytes of \/small\/file; the file is as it was/,
    );
    expect(failure).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('No space left on device') as string,
    });
    expect((await sshd.inside.run(['sh', '-c', 'cat /small/file; ls -A /small'])).stdout).toBe(
      'beforefile\n',
    );
  });

  test('an upload whose connection is lost puts no half of a file in place', async () => {
    const host = open(sshd.target);
    await host.upload('/run/half', 'before');
    const upload = host.upload('/run/half', Buffer.alloc(64 * 1024 * 1024, 'x'));
    const outcome = expect(upload).rejects.toThrow(/connection lost/);
    await waitFor('first bytes', { timeoutMs: 10_000, intervalMs: 20 }, async () => {
      await sshd.inside.run(['test', '-s', '/run/.half.holdfast']);
      return { done: true };
    });
    host.close();
    await outcome;
    await noneRuns('cat');
    await waitFor('no partial file', { timeoutMs: 3000 }, async () => {
      await sshd.inside.run(['test', '!', '-e', '/run/.half.holdfast']);
      return { done: true };
    });
    expect((await sshd.inside.download('/run/half')).toString()).toBe('before');
  });

  test('a host that goes and comes back ends its commands, refuses new ones, and is connected to again', async () => {
    const host = open(sshd.target);
    const stream = await startedStream(host);
    await sshd.container.kill();
    expect(await stream.done).toMatchObject({
      exitCode: undefined,
      reason: expect.stringContaining('connection lost') as string,
    });
    await stream.close();
    await expect(host.run(['true'])).rejects.toThrow(
      /cannot be reached: the proxy command ended with 1: .*is not running/,
    );
    await sshd.container.start();
    const back = await waitFor('host back', { timeoutMs: 15_000 }, async () => ({
      done: await host.run(['echo', 'back']),
    }));
    expect(back.stdout).toBe('back\n');
  });

  test('a connection that is lost at any moment ends what runs over it, with its proxy command done in good order', async () => {
    const END_SESSIONS = "pkill -KILL -f '[s]shd: root'; true";
    for (let delayMs = 0; delayMs < 30; delayMs += 2) {
      const host = open(sshd.target);
      await host.run(['true']);
      const command = host.run(['sh', '-c', 'echo up; sleep 0.02; echo on'], { timeoutMs: 5_000 }).then(
        ({ stdout }) => stdout,
        (thrown: unknown) => asError(thrown).message,
      );
      await letTimePass(delayMs);
      await sshd.inside.run(['sh', '-c', END_SESSIONS]);
      expect(await withTimeout('end of the command', 10_000, command)).toMatch(/^up\non\n$|connection lost/);
    }
  });

  test('a host that stands still is noticed, and a command on it does not wait for ever', async () => {
    const host = open(sshd.target);
    const stream = await startedStream(host);
    await sshd.container.pause();
    try {
      const startedAt = performance.now();
      await expect(host.run(['true'], { timeoutMs: 30_000 })).rejects.toThrow(
        'connection lost: Keepalive timeout',
      );
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(await stream.done).toMatchObject({ exitCode: undefined });
      await stream.close();
    } finally {
      await sshd.container.unpause();
    }
    expect((await host.run(['echo', 'again'])).stdout).toBe('again\n');
  });

  test('a limit holds on a host that stands still, and the command that may still run is spoken of', async () => {
    const host = open(sshd.target);
    await host.run(['true']);
    const command = host.run(['sleep', '505'], { timeoutMs: 4000 });
    await waitFor('command', { timeoutMs: 3500, intervalMs: 50 }, async () =>
      (await running('sleep 505')).length === 1 ? { done: true } : { missing: 'not yet' },
    );
    await sshd.container.pause();
    try {
      await expect(command).rejects.toThrow(/no end within 4000 ms, and it may still run/);
    } finally {
      await sshd.container.unpause();
    }
  });
});

async function startedStream(host: SshHost): Promise<Awaited<ReturnType<SshHost['stream']>>> {
  const stream = await host.stream(['sh', '-c', 'echo up; sleep 500']);
  expect(await stream.lines[Symbol.asyncIterator]().next()).toMatchObject({ value: 'up' });
  return stream;
}
