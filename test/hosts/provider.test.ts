// The provider "containers" with real hosts: two labs side by side, from birth to the last trace.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../harness/core/host.ts';
import { silentProgress, type ProgressListener } from '../../harness/core/progress.ts';
import type { Lab, ProvisionOptions } from '../../harness/core/provider.ts';
import { TWO_HOSTS } from '../../harness/providers/testing/two-hosts.ts';
import { ContainersProvider } from '../../harness/providers/containers.ts';
import { readInotifyLimits } from '../../harness/providers/inotify.ts';
import { bridgeName } from '../../harness/providers/labels.ts';
import { addressLine, output, providerContract } from './provider-contract.ts';
import { testImages } from './test-images.ts';

const execute = promisify(execFile);
const docker = new Docker();

const topology = TWO_HOSTS;

const newRunId = (): string => `test-${randomUUID().slice(0, 8)}`;

async function newProvider(): Promise<ContainersProvider> {
  return new ContainersProvider({ docker, images: await testImages() });
}

async function provision(runId: string, more: Partial<ProvisionOptions> = {}): Promise<Lab> {
  return (await newProvider()).provision({ topology, runId, progress: silentProgress, ...more });
}

/** All traces that a run can leave on this machine, as names. */
async function tracesOf(runId: string): Promise<string[]> {
  const filters = { label: [`holdfast.run=${runId}`] };
  const [containers, networks, rules] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    execute('iptables', ['-w', '-S', 'DOCKER-USER']),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...rules.stdout.split('\n').filter((line) => line.includes(runId)),
  ];
}

async function volumesOf(runId: string): Promise<string[]> {
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`holdfast.run=${runId}`] },
  });
  return containers.flatMap(({ Mounts }) =>
    Mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name) || []),
  );
}

describe('two labs side by side', () => {
  const labs: Lab[] = [];
  let inotifyBefore: unknown;
  const [one, two] = [newRunId(), newRunId()];
  const lab = (index: number): Lab => {
    const found = labs[index];
    if (!found) throw new Error('the lab was not provisioned');
    return found;
  };
  const master = (): Host => lab(0).host('10-10-102-91.master');
  const node = (): Host => lab(0).host('10-10-103-96.node');

  beforeAll(async () => {
    inotifyBefore = await readInotifyLimits();
    labs.push(...(await Promise.all([provision(one), provision(two)])));
  });
  afterAll(async () => {
    const provider = await newProvider();
    await provider.destroy(one);
    await provider.destroy(two);
  });

  test('they hold different instances, and each knows its own addresses', () => {
    const [a, b] = [lab(0).descriptor, lab(1).descriptor];
    expect(a.instance).not.toBe(b.instance);
    for (const { instance, topology: shifted } of [a, b]) {
      expect(shifted.hosts[0]?.address).toBe(`10.${10 + instance}.102.91`);
    }
  });

  test('/var of a host is not on the overlay of its container, so containerd can stack its own there', async () => {
    for (const host of lab(0).hosts) {
      expect(await output(host, 'stat', '--file-system', '--format=%T', '/')).toBe('overlayfs');
      expect(await output(host, 'stat', '--file-system', '--format=%T', '/var')).not.toBe('overlayfs');
    }
  });

  test('what would leave the lab network is dropped, and an unknown name fails at once', async () => {
    const { runId, topology: here } = lab(0).descriptor;
    const network = await docker.getNetwork(`holdfast-${runId}`).inspect();
    expect(network).toMatchObject({ Internal: true });
    const forward = (await execute('iptables', ['-w', '-S'])).stdout;
    expect(forward).toContain(`! -d ${here.network} -i ${bridgeName(runId)} -j DROP`);
    const { durationMs } = await master().run(['getent', 'hosts', 'holdfast.invalid'], {
      acceptExitCodes: [2],
    });
    expect(durationMs).toBeLessThan(500);
  });

  providerContract({
    lab: () => lab(0),
    freshProvider: newProvider,
    silence: { off: /host powered off/, frozen: /host paused/ },
    slowness: 1,
  });

  test('the other lab has addresses of its own', async () => {
    for (const host of lab(1).hosts) expect(await addressLine(host)).toContain(` ${host.address}/23 `);
  });

  test('the kernel of a frozen host answers for it', async () => {
    const power = lab(0).power(master().name);
    await power.freeze();
    await node().run(['ping', '-c', '1', '-W', '1', master().address]);
    await power.thaw();
  });

  test('a fixed instance that is taken is refused, naming the run that holds it', async () => {
    const { instance } = lab(0).descriptor;
    await expect(provision(newRunId(), { instance })).rejects.toThrow(`of run ${one}`);
  });

  test('a fresh provider destroys one lab whole and leaves the other, twice without complaint', async () => {
    const volumes = await volumesOf(one);
    expect(volumes.length).toBeGreaterThan(0);
    expect(await tracesOf(one)).toHaveLength(5);
    const removed = await (await newProvider()).destroy(one);
    expect(removed.filter((what) => what.startsWith('container '))).toHaveLength(3);
    expect(await tracesOf(one)).toEqual([]);
    const left = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    expect(left.filter((name) => volumes.includes(name))).toEqual([]);
    expect(await output(lab(1).observer, 'hostname')).toBe('observer');
    expect(await (await newProvider()).destroy(one)).toEqual([]);
  });

  test('after the last lab the machine is as it was before the first', async () => {
    await (await newProvider()).destroy(two);
    expect(await tracesOf(two)).toEqual([]);
    expect(await readInotifyLimits()).toEqual(inotifyBefore);
  });
});

describe('a provisioning that does not come to its end', () => {
  test('an abort in the middle leaves nothing behind', async () => {
    const runId = newRunId();
    const abort = new AbortController();
    const progress: ProgressListener = {
      ...silentProgress,
      finished: (task) => {
        if (task.startsWith('observer')) abort.abort(new Error('enough'));
      },
    };
    await expect(provision(runId, { progress, signal: abort.signal })).rejects.toThrow('enough');
    expect(await tracesOf(runId)).toEqual([]);
  });

  test('a host that does not come up is named, and nothing is left behind', async () => {
    const runId = newRunId();
    const { observer } = await testImages();
    const provider = new ContainersProvider({ docker, images: { host: 'no/such-image:1', observer } });
    await expect(provider.provision({ topology, runId, progress: silentProgress })).rejects.toThrow(
      'image no/such-image:1 is not in the Docker Engine',
    );
    expect(await tracesOf(runId)).toEqual([]);
  });

  test('a firewall rule whose lab is gone is removed with the next destroy', async () => {
    const runId = newRunId();
    const rule = [
      '-i',
      'hf-orphan',
      '-o',
      'hf-orphan',
      '-m',
      'comment',
      '--comment',
      `holdfast.run=${runId}`,
    ];
    await execute('iptables', ['-w', '-I', 'DOCKER-USER', ...rule, '-j', 'ACCEPT']);
    expect(await tracesOf(runId)).toHaveLength(1);
    await (await newProvider()).destroy(newRunId());
    expect(await tracesOf(runId)).toEqual([]);
  });
});
