// The provider "containers" with real hosts: two labs side by side, from birth to the last trace.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../harness/core/errors.ts';
import type { Host, Power } from '../../harness/core/host.ts';
import { silentProgress, type ProgressListener } from '../../harness/core/progress.ts';
import type { Lab, ProvisionOptions } from '../../harness/core/provider.ts';
import { TWO_HOSTS } from '../../harness/providers/testing/two-hosts.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { ContainersProvider } from '../../harness/providers/containers.ts';
import { readInotifyLimits } from '../../harness/providers/inotify.ts';
import { bridgeName } from '../../harness/providers/labels.ts';
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

async function output(host: Host, ...argv: string[]): Promise<string> {
  return (await host.run(argv)).stdout.trim();
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

  test('hosts bear the names and addresses of the topology', async () => {
    for (const host of [...lab(0).hosts, lab(0).observer, ...lab(1).hosts]) {
      expect(await output(host, 'hostname')).toBe(host.name);
      expect(await output(host, 'ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0')).toContain(
        ` ${host.address}/23 `,
      );
    }
  });

  test('/var of a host is not on the overlay of its container, so containerd can stack its own there', async () => {
    for (const host of lab(0).hosts) {
      expect(await output(host, 'stat', '--file-system', '--format=%T', '/')).toBe('overlayfs');
      expect(await output(host, 'stat', '--file-system', '--format=%T', '/var')).not.toBe('overlayfs');
    }
  });

  test('/etc/hosts has a line for every host and gives no host a loopback address', async () => {
    const everyone = [...lab(0).hosts, lab(0).observer];
    for (const host of everyone) {
      const lines = (await output(host, 'cat', '/etc/hosts'))
        .split('\n')
        .map((line) => line.trim().split(/\s+/));
      for (const { name, address } of everyone) {
        expect(lines.filter((words) => words.slice(1).includes(name)).map(([first]) => first)).toEqual([
          address,
        ]);
      }
      expect(lines.find(([address]) => address === '127.0.0.1')).toEqual(['127.0.0.1', 'localhost']);
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

  test('VRRP multicast passes between hosts', async () => {
    const membership = `ip-add-membership=224.0.0.18:${node().address}`;
    const listener = await node().stream(['socat', '-u', `IP4-RECV:112,${membership}`, '-']);
    // socat does not say when it listens, so the advert is repeated, for two seconds at most.
    const send =
      'for i in 1 2 3 4 5 6 7 8 9 10; do echo advert | socat -u - IP4-SENDTO:224.0.0.18:112; sleep 0.2; done';
    const sent = master().run(['sh', '-c', send]);
    const received = await Promise.race([
      listener.lines[Symbol.asyncIterator]().next(),
      sent.then(() => undefined),
    ]);
    expect(received).toBeDefined();
    expect(String(received?.value)).toContain('advert');
    await sent;
    await listener.close();
  });

  test('a power cut keeps address, names and disk but not /run, and each switch may be pressed twice', async () => {
    const power = lab(0).power('10-10-102-91.master');
    await master().upload('/var/lib/holdfast-test', 'disk');
    await master().upload('/run/holdfast-test', 'memory');
    await power.off();
    await power.off();
    expect(await power.state()).toBe('off');
    await expect(master().run(['true'])).rejects.toThrow('host powered off');
    await power.on();
    await power.on();
    expect(await power.state()).toBe('on');
    expect(await output(master(), 'ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0')).toContain(
      master().address,
    );
    expect(await output(master(), 'getent', 'hosts', node().name)).toContain(node().address);
    expect(await output(master(), 'cat', '/var/lib/holdfast-test')).toBe('disk');
    await expect(master().download('/run/holdfast-test')).rejects.toThrow('No such file');
  });

  test('a reboot ends what ran and brings the host up again', async () => {
    const before = await output(master(), 'cat', '/proc/1/stat');
    await lab(0).power(master().name).reboot();
    expect(await output(master(), 'systemctl', 'is-system-running')).toBe('running');
    expect(await output(master(), 'cat', '/proc/1/stat')).not.toBe(before);
  });

  test('a frozen host runs nothing and loses nothing, its kernel answers, and each switch may be pressed twice', async () => {
    const power = lab(0).power(master().name);
    const boot = (): Promise<string> => output(master(), 'awk', '{ print $22 }', '/proc/1/stat');
    const before = await boot();
    await power.freeze();
    await power.freeze();
    expect(await power.state()).toBe('frozen');
    await expect(master().run(['true'])).rejects.toThrow('host paused');
    await node().run(['ping', '-c', '1', '-W', '1', master().address]);
    await power.thaw();
    await power.thaw();
    expect(await power.state()).toBe('on');
    expect(await boot()).toBe(before);
  });

  test('a watchdog brings back what has no power and what is frozen, unless it is called off', async () => {
    const { observer, watchdog } = lab(0);
    const power = (name: string): Power => lab(0).power(name);
    await watchdog.arm('called-off', [master().name], 4_000);
    await watchdog.arm('watched', [node().name, observer.name], 8_000);
    await watchdog.disarm('called-off');
    await Promise.all([power(master().name).off(), power(node().name).off(), power(observer.name).freeze()]);
    const limit = { timeoutMs: 30_000, intervalMs: 200 };
    await waitFor('both brought back', limit, async () => {
      const states = await Promise.all([node(), observer].map(({ name }) => power(name).state()));
      return states.every((state) => state === 'on') ? { done: states } : { missing: states.join() };
    });
    expect(await power(master().name).state()).toBe('off');
    await Promise.all([power(master().name).on(), power(node().name).on()]);
    expect(await output(node(), 'systemctl', 'is-system-running')).toBe('running');
  });

  test('another process finds a lab by its labels and attaches to it', async () => {
    const provider = await newProvider();
    const found = (await provider.list()).find(({ runId }) => runId === one);
    expect(found).toEqual(lab(0).descriptor);
    if (!found) throw new Error('not found');
    const attached = await provider.attach(found);
    expect(await output(attached.host(node().name), 'hostname')).toBe(node().name);
    expect(attached.hosts.map(({ name }) => name)).toEqual(topology.hosts.map(({ name }) => name));
    expect(() => attached.host('nobody')).toThrow(UsageError);
  });

  test('a fixed instance that is taken is refused, naming the run that holds it', async () => {
    const { instance } = lab(0).descriptor;
    await expect(provision(newRunId(), { instance })).rejects.toThrow(`of run ${one}`);
  });

  test('a second lab for the same run is refused and the first stays whole', async () => {
    await expect(provision(one)).rejects.toThrow(`run ${one} has a lab already`);
    expect(await output(master(), 'hostname')).toBe(master().name);
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
