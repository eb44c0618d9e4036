// What every provider promises of a lab that it made, whatever its hosts are.
import { expect, test } from 'vitest';
import { UsageError } from '../../harness/core/errors.ts';
import type { Host, Power } from '../../harness/core/host.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import type { HostPlan } from '../../harness/core/topology.ts';
import { waitFor } from '../../harness/core/wait.ts';

export interface ProviderUnderTest {
  /** Provisioned before; its first host is switched on and off, and so is its second. */
  lab(): Lab;
  /** One that knows nothing of the lab but what another process could. */
  freshProvider(): Promise<Provider>;
  /** What is said of a host that has no power, and of one that stands still. */
  readonly silence: { readonly off: RegExp; readonly frozen: RegExp };
  /** How much slower than a container on an idle machine the hosts are. */
  readonly slowness: number;
}

export async function output(host: Host, ...argv: string[]): Promise<string> {
  return (await host.run(argv, { timeoutMs: 120_000 })).stdout.trim();
}

/** The interface that has the host's address, as `ip -4 -o addr show` tells it. */
export function addressLine(host: Host): Promise<string> {
  return output(host, 'ip', '-4', '-o', 'addr', 'show', 'to', `${host.address}/32`);
}

/** Declares the contract's tests in the current suite. */
export function providerContract(under: ProviderUnderTest): void {
  declareAddressTests(under);
  declarePowerTests(under);
  declareWatchdogTests(under);
  declareNoteTests(under);
}

interface Cast {
  readonly first: Host;
  readonly second: Host;
  readonly everyone: readonly Host[];
  readonly power: (host: Host) => Power;
}

function castOf(under: ProviderUnderTest): Cast {
  const lab = under.lab();
  const { hosts, observer } = lab;
  const [first, second] = hosts;
  if (!first || !second) throw new Error('the contract needs two hosts and an observer');
  return { first, second, everyone: [...hosts, observer], power: ({ name }) => lab.power(name) };
}

function declareAddressTests(under: ProviderUnderTest): void {
  test('hosts bear the names and addresses of the topology', async () => {
    const [, prefixLength = ''] = under.lab().descriptor.topology.network.split('/');
    for (const host of castOf(under).everyone) {
      expect(await output(host, 'hostname')).toBe(host.name);
      expect(await addressLine(host)).toContain(` ${host.address}/${prefixLength} `);
    }
  });

  test('/etc/hosts has a line for every host and gives no host a loopback address', async () => {
    const { everyone } = castOf(under);
    for (const host of everyone) {
      const lines = (await output(host, 'cat', '/etc/hosts'))
        .split('\n')
        .map((line) => line.trim().split(/\s+/));
      for (const { name, address } of everyone) {
        expect(lines.filter((words) => words.slice(1).includes(name)).map(([one]) => one)).toEqual([address]);
      }
      expect(lines.find(([address]) => address === '127.0.0.1')).toEqual(['127.0.0.1', 'localhost']);
    }
  });

  test('VRRP multicast passes between hosts', async () => {
    const { first, second } = castOf(under);
    const membership = `ip-add-membership=224.0.0.18:${second.address}`;
    const listener = await second.stream(['socat', '-u', `IP4-RECV:112,${membership}`, '-']);
    // socat does not say when it listens, so the advert is repeated, for some seconds at most.
    const times = 10 * under.slowness;
    const to = `IP4-SENDTO:224.0.0.18:112,ip-multicast-if=${first.address}`;
    const send = `for i in $(seq ${times}); do echo advert | socat -u - ${to}; sleep 0.2; done`;
    const sent = first.run(['sh', '-c', send]);
    const received = await Promise.race([
      listener.lines[Symbol.asyncIterator]().next(),
      sent.then(() => undefined),
    ]);
    expect(received).toBeDefined();
    expect(String(received?.value)).toContain('advert');
    await sent;
    await listener.close();
  });
}

/** Of a container its process 1 is new after each boot, of a machine its kernel is. */
function bootOf(host: Host): Promise<string> {
  return output(host, 'sh', '-c', 'cat /proc/sys/kernel/random/boot_id; cut -d " " -f 22 /proc/1/stat');
}

function declarePowerTests(under: ProviderUnderTest): void {
  const limits = { timeoutMs: 20_000 * under.slowness };

  test('a power cut keeps address, names and disk but not /run, and each switch may be pressed twice', async () => {
    const { first, second, power } = castOf(under);
    await first.upload('/var/lib/holdfast-test', 'disk');
    await first.upload('/run/holdfast-test', 'memory');
    await first.run(['sync'], limits);
    await power(first).off();
    await power(first).off();
    expect(await power(first).state()).toBe('off');
    await expect(first.run(['true'], limits)).rejects.toThrow(under.silence.off);
    await power(first).on();
    await power(first).on();
    expect(await power(first).state()).toBe('on');
    expect(await addressLine(first)).toContain(first.address);
    expect(await output(first, 'getent', 'hosts', second.name)).toContain(second.address);
    expect(await output(first, 'cat', '/var/lib/holdfast-test')).toBe('disk');
    await expect(first.download('/run/holdfast-test')).rejects.toThrow('No such file');
  });

  test('a reboot ends what ran and brings the host up again', async () => {
    const { first, power } = castOf(under);
    const before = await bootOf(first);
    await power(first).reboot();
    expect(await output(first, 'systemctl', 'is-system-running')).toBe('running');
    expect(await bootOf(first)).not.toBe(before);
  });

  test('a frozen host runs nothing and loses nothing, and each switch may be pressed twice', async () => {
    const { first, power } = castOf(under);
    const before = await bootOf(first);
    await power(first).freeze();
    await power(first).freeze();
    expect(await power(first).state()).toBe('frozen');
    await expect(first.run(['true'], limits)).rejects.toThrow(under.silence.frozen);
    await power(first).thaw();
    await power(first).thaw();
    expect(await power(first).state()).toBe('on');
    expect(await bootOf(first)).toBe(before);
  });
}

function declareWatchdogTests(under: ProviderUnderTest): void {
  test('a watchdog brings back what has no power and what is frozen, unless it is called off', async () => {
    const { first, second, power } = castOf(under);
    const { observer, watchdog } = under.lab();
    await watchdog.arm('called-off', [first.name], 4_000 * under.slowness);
    await watchdog.arm('watched', [second.name, observer.name], 8_000 * under.slowness);
    await watchdog.disarm('called-off');
    await Promise.all([power(first).off(), power(second).off(), power(observer).freeze()]);
    const limit = { timeoutMs: 30_000 * under.slowness, intervalMs: 200 };
    await waitFor('both brought back', limit, async () => {
      const states = await Promise.all([second, observer].map((host) => power(host).state()));
      return states.every((state) => state === 'on') ? { done: states } : { missing: states.join() };
    });
    expect(await power(first).state()).toBe('off');
    await Promise.all([power(first).on(), power(second).on()]);
    expect(await output(second, 'systemctl', 'is-system-running')).toBe('running');
  });
}

function declareNoteTests(under: ProviderUnderTest): void {
  test('another process finds a lab and attaches to it', async () => {
    const { descriptor } = under.lab();
    const { second } = castOf(under);
    const provider = await under.freshProvider();
    const found = (await provider.list()).find(({ runId }) => runId === descriptor.runId);
    expect(found).toEqual(descriptor);
    if (!found) throw new Error('not found');
    const attached = await provider.attach(found);
    expect(await output(attached.host(second.name), 'hostname')).toBe(second.name);
    const planned = descriptor.topology.hosts.map(({ name }: HostPlan) => name);
    expect(attached.hosts.map(({ name }) => name)).toEqual(planned);
    expect(() => attached.host('nobody')).toThrow(UsageError);
  });

  test('a second lab for the same run is refused and the first stays whole', async () => {
    const { runId, topology } = under.lab().descriptor;
    const provider = await under.freshProvider();
    const again = provider.provision({ topology, runId, progress: silentProgress });
    await expect(again).rejects.toThrow(`run ${runId} has a lab already`);
    expect(await output(castOf(under).first, 'hostname')).toBe(castOf(under).first.name);
  });
}
