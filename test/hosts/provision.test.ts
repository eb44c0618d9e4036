// A cluster on hosts that are there and bare, over SSH, by the commands that a person types: what is refused, what becomes of
// it when holdfast is ended in the middle, and that the hosts are as bare afterwards as they were.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Provider } from '../../harness/core/provider.ts';
import { runResultSchema } from '../../harness/core/result.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { takeBareFingerprint, type BareFingerprint } from './bare-fingerprint.ts';
import { makeBareHosts, type BareHosts } from './bare-hosts.ts';
import { startHoldfast, type Ended, type Started } from './holdfast-command.ts';
import { testImages } from './test-images.ts';

const MASTER1 = '10-10-102-91.master';
const MASTER2 = '10-10-102-92.master';
const MASTER3 = '10-10-102-93.master';
const NODE1 = '10-10-103-96.node';
const NODE2 = '10-10-103-97.node';

interface File {
  readonly hosts: { name: string; address: string; ssh?: object }[];
}

describe('bare hosts over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-provision-'));
  const runId = newRunId(new Date());
  let provider: Provider;
  let bare: BareHosts;
  let before: BareFingerprint;

  const start = (...words: readonly string[]): Started => startHoldfast(join(folder, 'state'), ...words);
  const up = (topology: string): Started => start('up', '--provider', 'inventory', '--topology', topology);
  const fingerprint = (): Promise<BareFingerprint> => takeBareFingerprint(bare.lab.hosts);
  const shell = (host: string, script: string): Promise<unknown> =>
    bare.lab.host(host).run(['sh', '-euc', script]);
  /** Runs that are noted as labs on these hosts. */
  const noted = (): readonly string[] =>
    readdirSync(join(folder, 'state/inventory')).map((name) => name.replace(/\.json$/, ''));

  beforeAll(async () => {
    provider = await providerKind('containers').open(await testImages());
    bare = await makeBareHosts({ provider, runId, folder, progress: silentProgress });
    before = await fingerprint();
  });
  afterAll(async () => {
    await provider.destroy(runId);
    rmSync(folder, { recursive: true, force: true });
  });

  test('are refused for all that is wrong with any of them at once, and not touched', async () => {
    const file = parse(readFileSync(bare.behindJump, 'utf8')) as File;
    for (const host of file.hosts) {
      if (host.name === NODE1) host.address = host.address.replace(/\d+$/, '196');
      if (host.name === NODE2) host.ssh = { ...host.ssh, sudo: false };
    }
    const { vip } = bare.lab.descriptor.topology;
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, stringify(file));
    await shell(MASTER1, 'hostname other');
    await shell(MASTER2, 'mv /usr/sbin/keepalived /usr/sbin/keepalived.kept');
    await shell(MASTER3, 'echo kept > /etc/kubernetes/kubelet.conf');
    await shell(
      'observer',
      `mv /usr/bin/node /usr/bin/node.kept
printf '#!/bin/sh\\necho v16.20.2\\n' > /usr/bin/node; chmod +x /usr/bin/node
ip address add ${vip.address}/32 dev eth0`,
    );
    let ended: Ended;
    try {
      ended = await up(wrong).ended;
    } finally {
      await shell(MASTER1, `hostname ${MASTER1}`);
      await shell(MASTER2, 'mv /usr/sbin/keepalived.kept /usr/sbin/keepalived');
      await shell(MASTER3, 'rm /etc/kubernetes/kubelet.conf');
      const restored = 'mv -f /usr/bin/node.kept /usr/bin/node';
      await shell('observer', `${restored}; ip address del ${vip.address}/32 dev eth0`);
    }
    const { exitCode, stderr } = ended;
    expect(stderr).toContain(`${MASTER1}: it calls itself other: hostnamectl set-hostname ${MASTER1}`);
    expect(stderr).toContain(`${MASTER1}: somebody on its network has the VIP ${vip.address} already`);
    expect(stderr).toContain(`${MASTER2}: these programs are missing: keepalived`);
    expect(stderr).toContain(`${MASTER3}: it is a member of a cluster already: /etc/kubernetes/kubelet.conf`);
    expect(stderr).toMatch(new RegExp(`${NODE1}: it has no address \\S+196, but`));
    expect(stderr).toContain(`${NODE2}: commands run as admin, not as root`);
    expect(stderr).toContain('observer: its Node is v16.20.2, expected 18 or newer');
    expect(exitCode).toBe(3);
    expect(await fingerprint()).toEqual(before);
  });

  test('are told of when they do not answer, all at once', async () => {
    await Promise.all([MASTER2, NODE1].map((host) => shell(host, 'systemctl stop ssh')));
    const { exitCode, stderr } = await up(bare.topology).ended;
    await Promise.all([MASTER2, NODE1].map((host) => shell(host, 'systemctl start ssh')));
    expect(stderr).toMatch(new RegExp(`${MASTER2} \\(.*\\) cannot be reached`));
    expect(stderr).toMatch(new RegExp(`${NODE1} \\(.*\\) cannot be reached`));
    expect(exitCode).toBe(4);
    expect(await fingerprint()).toEqual(before);
  });

  test('are bare again when holdfast is interrupted in the middle', async () => {
    const { child, ended, said } = up(bare.topology);
    await said('etcd running: done');
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(noted()).toEqual([]);
    expect(await fingerprint()).toEqual(before);
  });

  test('are bare again by "down" when holdfast was killed in the middle', async () => {
    const { child, ended, said } = up(bare.topology);
    await said('first master initialized: started');
    child.kill('SIGKILL');
    await ended;
    expect(await fingerprint()).not.toEqual(before);
    const [left = '', ...others] = noted();
    expect(others).toEqual([]);
    const again = await up(bare.topology).ended;
    expect(again.stderr).toContain(`holdfast down --run ${left}`);
    expect(again.exitCode).toBe(3);
    const down = await start('down', '--run', left).ended;
    expect(down).toMatchObject({ exitCode: 0, stdout: 'removed the cluster on the hosts of bare\n' });
    expect(await fingerprint()).toEqual(before);
    expect((await start('down', '--run', left).ended).stdout).toBe(`nothing of run ${left} to remove\n`);
  });

  test('carry a cluster for one run, and are as bare afterwards as before', async () => {
    const { ended } = start(
      ...['run', 'kill-kubelet-on-standby', '--provider', 'inventory', '--topology', bare.topology],
      ...['--yes-break', 'bare', '--reports', join(folder, 'reports'), '--json'],
    );
    const { exitCode, stdout } = await ended;
    const { scenarios } = runResultSchema.parse(JSON.parse(stdout));
    expect(scenarios).toMatchObject([
      { name: 'kill-kubelet-on-standby', verdict: 'pass', cleanliness: 'clean' },
    ]);
    expect(exitCode).toBe(0);
    expect(noted()).toEqual([]);
    expect(await fingerprint()).toEqual(before);
  });
});
