// A cluster that holdfast did not build, over SSH, by the commands that a person types.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentProgress } from '../../harness/core/progress.ts';
import { runResultSchema } from '../../harness/core/result.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { makeForeignCluster } from './foreign-cluster.ts';
import { testImages } from './test-images.ts';

const HOLDFAST = join(import.meta.dirname, '../../bin/holdfast.mjs');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('a cluster that holdfast did not build', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-attach-'));
  const runId = newRunId(new Date());
  let provider: Provider;
  let lab: Lab;
  let inventory: string;
  // Its own notes, so that labs of whoever works on this machine are left alone.
  const holdfast = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { ...process.env, HOLDFAST_STATE_DIR: join(folder, 'state') };
      execFile(
        process.execPath,
        [HOLDFAST, ...args],
        { env, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });

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
    const { code, stdout } = await holdfast('attach', inventory, '--json');
    expect(code).toBe(0);
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
    const { code, stderr } = await holdfast(
      'run',
      'kill-kubelet-on-standby',
      '--cluster',
      'foreign',
      '--reports',
      folder,
    );
    expect(code).toBe(3);
    expect(stderr).toContain('--yes-break foreign');
  });

  test('is not reached where its key is another one', async () => {
    const known = readFileSync(join(folder, 'known_hosts'), 'utf8');
    const [first = '', second = '', ...others] = known.split('\n');
    const swapped = [first.replace(/\S+$/, second.split(' ').at(-1) ?? ''), second, ...others].join('\n');
    writeFileSync(join(folder, 'known_hosts'), swapped);
    try {
      const { code, stderr } = await holdfast('attach', inventory);
      expect(code).toBe(3);
      expect(stderr).toContain('presents another key than the one in');
    } finally {
      writeFileSync(join(folder, 'known_hosts'), known);
    }
  });

  test('answers a scenario as one of our own does, and is as it was', async () => {
    const reports = join(folder, 'reports');
    const { code, stdout } = await holdfast(
      ...['run', 'kill-kubelet-on-standby', '--cluster', 'foreign', '--yes-break', 'foreign'],
      ...['--reports', reports, '--json'],
    );
    const result = runResultSchema.parse(JSON.parse(stdout));
    const [only, ...others] = result.scenarios;
    expect(only).toMatchObject({
      name: 'kill-kubelet-on-standby',
      verdict: 'pass',
      cleanliness: 'clean',
    });
    expect(others).toEqual([]);
    expect(code).toBe(0);
  });
});
