// A cluster that holdfast did not build, over SSH, by the commands that a person types.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { silentProgress } from '../../harness/core/progress.ts';
import { runResultSchema } from '../../harness/core/result.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { FOR_S, healed, kubeletState, LIMIT_S, strickenBy, until } from './bad-days.ts';
import { makeForeignCluster } from './foreign-cluster.ts';
import { stateOf } from './out-of-band.ts';
import { startHoldfast, type Ended } from './holdfast-command.ts';
import { settleStranger, STRANGER, SUDOERS, type Stranger } from './stranger.ts';
import { testImages } from './test-images.ts';

const FILL_DISK = `fallocate -l $(($(df --output=avail -B1 /var | tail -n 1) - 67108864)) /var/filler
dd if=/dev/zero of=/var/filler-of-the-rest bs=4k 2> /dev/null || true`;
const EMPTY_DISK = 'rm -f /var/filler*';

describe('a cluster that holdfast did not build', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-attach-'));
  const runId = newRunId(new Date());
  let provider: Provider;
  let lab: Lab;
  let inventory: string;
  let stranger: Stranger;
  // Its own notes, so that labs of whoever works on this machine are left alone.
  const holdfast = (...words: readonly string[]): Promise<Ended> =>
    startHoldfast(join(folder, 'state'), ...words).ended;

  beforeAll(async () => {
    provider = await providerKind('containers').open(await testImages());
    ({ lab, inventory } = await makeForeignCluster({
      provider,
      runId,
      folder,
      progress: silentProgress,
      variant: 'static-pod',
      way: 'management',
    }));
  });
  afterAll(async () => {
    await provider.destroy(runId);
    rmSync(folder, { recursive: true, force: true });
  });

  test('is found out, and nothing on it is changed', async () => {
    const { exitCode, stdout } = await holdfast('attach', inventory, '--json');
    expect(exitCode).toBe(0);
    const { topology } = JSON.parse(stdout) as { topology: Lab['descriptor']['topology'] };
    const { hosts, vip, found, keepalived } = lab.descriptor.topology;
    expect(topology.vip).toEqual(vip);
    expect(
      topology.hosts.map(({ name, address, roles, priority }) => ({ name, address, roles, priority })),
    ).toEqual(hosts.map(({ name, address, roles, priority }) => ({ name, address, roles, priority })));
    expect(found).toBeUndefined();
    expect(topology.found).toMatchObject({
      kubernetesVersion: 'v1.20.2',
      apiPort: 6443,
      etcd: { supervisor: 'static-pod', electionTimeoutMs: 2500 },
      vip: { by: 'keepalived', supervisor: 'static-pod' },
      hasWorkload: true,
    });
    expect(topology.keepalived).toMatchObject({
      virtualRouterId: keepalived.virtualRouterId,
      advertIntervalS: keepalived.advertIntervalS,
      authPass: '',
    });
  });

  test('is not broken before its name was said', async () => {
    const { exitCode, stderr } = await holdfast(
      'run',
      'kill-kubelet-on-standby',
      '--cluster',
      'foreign',
      '--reports',
      folder,
    );
    expect(exitCode).toBe(3);
    expect(stderr).toContain('--yes-break foreign');
  });

  test('is not reached where its key is another one', async () => {
    const known = readFileSync(join(folder, 'known_hosts'), 'utf8');
    const [first = '', second = '', ...others] = known.split('\n');
    const swapped = [first.replace(/\S+$/, second.split(' ').at(-1) ?? ''), second, ...others].join('\n');
    writeFileSync(join(folder, 'known_hosts'), swapped);
    try {
      const { exitCode, stderr } = await holdfast('attach', inventory);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('presents another key than the one in');
    } finally {
      writeFileSync(join(folder, 'known_hosts'), known);
    }
  });

  describe('from a machine without root or Docker, which is the client too', () => {
    let before: Awaited<ReturnType<typeof stateOf>>;
    let run: string;

    beforeAll(async () => {
      stranger = await settleStranger(lab);
      before = await stateOf(lab);
    });

    test('is found out', async () => {
      const { exitCode, stdout, stderr } = await stranger.holdfast('attach', stranger.inventory, '--json');
      expect(exitCode, stderr).toBe(0);
      const told = JSON.parse(stdout) as { run: string; limits: string[] };
      ({ run } = told);
      expect(told.limits.join()).toContain(
        'Nobody has said how cp-a, cp-b, cp-c, worker-1, worker-2 is switched',
      );
    });

    test('answers a scenario as one of our own does, and says what cannot be seen or done', async () => {
      const { exitCode, stdout, stderr } = await stranger.holdfast(
        ...['run', 'kill-kubelet-on-standby', 'power-off-master2'],
        ...['--cluster', 'foreign', '--yes-break', 'foreign'],
      );
      expect(exitCode, stderr).toBe(0);
      const { scenarios } = runResultSchema.parse(await stranger.result());
      // One of which nothing could be learned, on a busy machine, is asked again.
      const struck = scenarios.findLast(({ name }) => name === 'kill-kubelet-on-standby');
      const unavailable = scenarios.find(({ name }) => name === 'power-off-master2');
      expect(struck).toMatchObject({ verdict: 'pass', cleanliness: 'clean' });
      expect(stdout).toContain('the wire cannot be watched here');
      expect(unavailable?.unavailable).toContain('no power: {off, on}');
    });

    test('is as it was when it was let go, host by host', async () => {
      const { exitCode, stderr } = await stranger.holdfast('down', '--run', run);
      expect(exitCode, stderr).toBe(0);
      expect(await stateOf(lab)).toEqual(before);
    });
  });

  // What docs/attach.md promises of them. Last: they leave hosts that have to come back.
  describe('on a bad day', () => {
    let run: string;
    const shell = (host: string, script: string): Promise<unknown> =>
      lab.host(host).run(['sh', '-euc', script]);
    const inject = (host: string): Promise<Ended> =>
      holdfast(
        ...['inject', 'pause-process', host, '--param', 'process=kubelet', '--for', `${FOR_S}s`],
        ...['--limit', `${LIMIT_S}s`, '--run', run, '--yes-break', 'foreign', '--reports', folder],
      );
    /** The fault stands on worker-1, and then this happens. */
    const struck = (misfortune: () => Promise<unknown>): Promise<Ended> =>
      strickenBy(lab.host('worker-1'), () => inject('worker-1'), misfortune);

    beforeAll(async () => {
      const read = parse(readFileSync(inventory, 'utf8')) as { ssh: object };
      const identityFile = join(folder, STRANGER);
      writeFileSync(identityFile, stranger.key, { mode: 0o600 });
      const asUser = join(folder, 'as-user.yaml');
      const ssh = { ...read.ssh, user: STRANGER, identityFile, sudo: true };
      writeFileSync(asUser, stringify({ ...read, ssh }));
      const { stdout, stderr } = await holdfast('attach', asUser, '--json');
      expect(stderr).not.toContain('Error');
      ({ run } = JSON.parse(stdout) as { run: string });
    });

    test('without space for its undo nothing is injected', async () => {
      await shell('worker-1', FILL_DISK);
      const { exitCode, stderr } = await inject('worker-1');
      await shell('worker-1', EMPTY_DISK);
      expect(stderr).toMatch(/no space left for the \d+ bytes of \/var\/lib\/holdfast\/undo/);
      expect(exitCode).toBe(2);
      expect(await kubeletState(lab.host('worker-1'))).not.toBe('T');
      await healed(lab.host('worker-1'), 2_000);
    });

    test('a disk that fills while the fault stands keeps nobody from healing', async () => {
      const { exitCode, stderr } = await struck(() => shell('worker-1', FILL_DISK));
      expect(exitCode, stderr).toBe(0);
      await healed(lab.host('worker-1'), 2_000);
      await shell('worker-1', EMPTY_DISK);
    });

    test('without sudo the host heals itself, and it is said that it was sudo', async () => {
      const { exitCode, stderr } = await struck(() => shell('worker-1', `rm ${SUDOERS}`));
      expect(stderr).toMatch(/worker-1 .*does not let ops run commands as root without a password/);
      expect(exitCode).toBe(2);
      await healed(lab.host('worker-1'));
      await shell('worker-1', `echo '${STRANGER} ALL=(ALL) NOPASSWD: ALL' > ${SUDOERS}`);
    });

    test('without sshd the host heals itself, and it is said that it is not reached', async () => {
      const { exitCode, stderr } = await struck(() =>
        shell('worker-1', 'systemctl stop ssh; pkill -KILL -x sshd || true'),
      );
      expect(stderr).toMatch(/worker-1 .*cannot be reached/);
      expect(exitCode).toBe(2);
      await healed(lab.host('worker-1'));
      await shell('worker-1', 'systemctl start ssh');
    });

    test('another host that loses its power is none of the fault’s business', async () => {
      const { exitCode, stderr } = await struck(() => lab.power('worker-2').off());
      expect(exitCode, stderr).toBe(0);
      await healed(lab.host('worker-1'), 2_000);
      await lab.power('worker-2').on();
    });

    test('a host that loses its power is healed when it has booted', async () => {
      // On a cluster that is not whole again nothing is injected.
      await until(async () => (await inject('worker-1')).exitCode === 0, 120_000);
      const { exitCode, stderr } = await struck(() => lab.power('worker-1').off());
      expect(stderr).toMatch(/worker-1 .*cannot be reached/);
      expect(exitCode).toBe(2);
      await lab.power('worker-1').on();
      await healed(lab.host('worker-1'));
    });
  });
});
