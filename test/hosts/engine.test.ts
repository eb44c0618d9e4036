// An engine started by hand, in a network namespace of its own beside the engine that runs: start, leases, end.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentProgress } from '../../harness/core/progress.ts';
import { ensureEngine, releaseEngine, type EngineMachine } from '../../harness/providers/engine.ts';
import { takeLease } from '../../harness/providers/engine-leases.ts';

const execute = promisify(execFile);

describe('an engine that holdfast starts by hand', () => {
  const namespace = `hf-test-${randomUUID().slice(0, 6)}`;
  // Not `ip netns exec`: that mounts another /sys, without the cgroups that dockerd needs.
  const inNamespace = ['nsenter', `--net=/run/netns/${namespace}`];
  let folder: string;
  let machine: EngineMachine;
  let daemonPid: number;

  const kernel = async (): Promise<string> => {
    const state: string[] = [];
    for (const command of [
      'iptables-save',
      'ip6tables-save',
      'ip -br link',
      'cat /proc/sys/net/ipv4/ip_forward',
    ]) {
      const { stdout } = await execute('nsenter', [...inNamespace.slice(1), ...command.split(' ')]);
      state.push(...stdout.split('\n').filter((line) => !line.startsWith('#')));
    }
    // Counters differ, and a table that was never looked at is not listed.
    return state.filter((line) => !/^(\*|COMMIT|:\w+ ACCEPT)/.test(line)).join('\n');
  };
  let kernelBefore: string;

  beforeAll(async () => {
    await execute('ip', ['netns', 'add', namespace]);
    await execute('nsenter', [
      ...inNamespace.slice(1),
      'iptables',
      '-A',
      'FORWARD',
      '-s',
      '192.0.2.0/24',
      '-j',
      'DROP',
    ]);
    // An engine that finds forwarding off turns it on and the FORWARD policy to DROP.
    await execute('nsenter', [...inNamespace.slice(1), 'sysctl', '-qw', 'net.ipv4.ip_forward=0']);
    folder = await mkdtemp(join(tmpdir(), 'holdfast-engine-'));
    const socketPath = join(folder, 'docker.sock');
    const docker = new Docker({ socketPath });
    machine = {
      stateDirectory: folder,
      find: () =>
        docker.ping().then(
          () => docker,
          () => undefined,
        ),
      commandPrefix: inNamespace,
      daemonArguments: [
        ...['--host', `unix://${socketPath}`, '--pidfile', join(folder, 'docker.pid')],
        ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
        ...['--storage-driver', 'vfs'],
      ],
    };
    kernelBefore = await kernel();
  });
  afterAll(async () => {
    await releaseEngine(machine);
    await execute('ip', ['netns', 'delete', namespace]);
    // A killed dockerd leaves its data mounted onto itself.
    await execute('umount', ['--quiet', join(folder, 'data')]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  test('two who need it at once get the same one, with its log kept', async () => {
    const [one, two] = await Promise.all([
      ensureEngine({ progress: silentProgress }, machine),
      ensureEngine({ progress: silentProgress }, machine),
    ]);
    expect((await one.version()).Version).toBe((await two.version()).Version);
    daemonPid = Number(readFileSync(join(folder, 'docker.pid'), 'utf8'));
    expect(readFileSync(join(folder, 'engine', 'dockerd.log'), 'utf8')).toContain('API listen on');
    expect(await kernel()).toContain('docker0');
    expect(await kernel()).toContain(':FORWARD DROP');
  });

  test('it stays while another holdfast process holds a lease', async () => {
    const other = spawn('sleep', ['60']);
    await once(other, 'spawn');
    await takeLease(join(folder, 'engine', 'leases'), other.pid);
    expect(await releaseEngine(machine)).toBe(false);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await machine.find()).toBeDefined();
  });

  test('it stays while it holds a container, whosever that is', async () => {
    const docker = await ensureEngine({ progress: silentProgress }, machine);
    const empty = await execute('sh', [
      '-c',
      `tar -cf - -T /dev/null | docker -H unix://${folder}/docker.sock import -`,
    ]);
    const image = empty.stdout.trim();
    const container = await docker.createContainer({
      Image: image,
      Cmd: ['none'],
      Labels: { holdfast: 'test' },
    });
    expect(await releaseEngine(machine)).toBe(false);
    await container.remove();
  });

  test('the last to give back its lease stops it, and the kernel is as it was before', async () => {
    expect(await releaseEngine(machine)).toBe(true);
    expect(existsSync(`/proc/${daemonPid}`)).toBe(false);
    expect(await kernel()).toBe(kernelBefore);
    expect(await releaseEngine(machine)).toBe(false);
  });

  test('what a killed engine left in the kernel is taken back too', async () => {
    await ensureEngine({ progress: silentProgress }, machine);
    process.kill(Number(readFileSync(join(folder, 'docker.pid'), 'utf8')), 'SIGKILL');
    expect(await releaseEngine(machine)).toBe(true);
    expect(await kernel()).toBe(kernelBefore);
  });

  test('an engine that does not come up says why, from its log, and leaves nothing', async () => {
    const broken = {
      ...machine,
      daemonArguments: [...machine.daemonArguments, '--no-such-option'],
    };
    await expect(ensureEngine({ progress: silentProgress }, broken)).rejects.toThrow(
      /dockerd could not be started/,
    );
    expect(await kernel()).toBe(kernelBefore);
  });
});
