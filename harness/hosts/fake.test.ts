// The fake host keeps the contract of the real ones, so that what is tested against it holds for them.
import { describe, expect, test } from 'vitest';
import { CONTRACT_COMMANDS, hostContract } from '../../test/hosts/host-contract.ts';
import { FakeHost } from './fake.ts';

const same = (expected: readonly string[]) => (argv: readonly string[]) =>
  argv.join('\0') === expected.join('\0');

describe('the contract of hosts, kept by the fake', () => {
  hostContract(() =>
    Promise.resolve({
      host: new FakeHost()
        .when(same(CONTRACT_COMMANDS.bothOutputs), { stdout: 'out\n', stderr: 'err\n' })
        .when(same(CONTRACT_COMMANDS.fails), { exitCode: 3, stdout: 'half\n', stderr: 'broken\n' })
        .when(same(CONTRACT_COMMANDS.echoesStdin), ({ stdin }) => ({ stdout: stdin, hangs: stdin === '' }))
        .when(same(CONTRACT_COMMANDS.hangs), { hangs: true })
        .when(same(CONTRACT_COMMANDS.threeLines), { stdout: 'one\ntwo\nthree' }),
      dispose: () => Promise.resolve(),
    }),
  );
});

describe('scripts of the fake host', () => {
  test('a command without an answer is an error of the test, not of the host', async () => {
    await expect(new FakeHost().run(['reboot'])).rejects.toThrow('no answer for: reboot');
  });

  test('the newest matching answer wins, and every command is recorded', async () => {
    const host = new FakeHost().when('ip', { stdout: 'old' }).when('ip addr', { stdout: 'new' });
    expect((await host.run(['ip', 'addr', 'show'])).stdout).toBe('new');
    expect((await host.run(['ip', 'route'])).stdout).toBe('old');
    expect(host.commands.map(({ argv }) => argv.join(' '))).toEqual(['ip addr show', 'ip route']);
  });

  test('a dial gives what the other side says, or fails as a refused one does', async () => {
    const host = new FakeHost()
      .when('dial 10.10.102.21 6443', { stdout: 'hello' })
      .when('dial 10.10.102.22 6443', { exitCode: 1, stderr: 'Connection refused' });
    const connection = await host.dial('10.10.102.21', 6443);
    expect(await connection.toArray()).toEqual([Buffer.from('hello')]);
    await expect(host.dial('10.10.102.22', 6443)).rejects.toThrow('Connection refused');
  });
});
