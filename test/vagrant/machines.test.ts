// The provider "vagrant" with real virtual machines, from birth to the last trace. Run by `npm run test:vagrant`, which gives
// them a network without a way out.
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepalivedConf, preferredHolder } from '../../harness/cluster/keepalived.ts';
import { addressedInterface } from '../../harness/cluster/link-addresses.ts';
import { vipHolders } from '../../harness/cluster/vip.ts';
import type { Host } from '../../harness/core/host.ts';
import { hostsWithRole } from '../../harness/core/topology.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { runLocal } from '../../harness/hosts/local.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { stateDirectory } from '../../harness/providers/state-directory.ts';
import { VagrantProvider } from '../../harness/providers/vagrant.ts';
import type { MachineLab } from '../../harness/providers/vagrant/machine-lab.ts';
import { hostContract } from '../hosts/host-contract.ts';
import { output, providerContract } from '../hosts/provider-contract.ts';
import { AdvertWatch } from './adverts.ts';
import {
  isEmulated,
  machineLog,
  remains,
  RUN_ID,
  spokenProgress,
  topologyUnderTest,
  virsh,
} from './lab-under-test.ts';

const topology = topologyUnderTest();
const kind = isEmulated ? 'emulated' : 'hardware virtualisation';
const SILENCE = /connection lost|no end within|cannot be reached|Timed out/i;
const figures: string[] = [];
const say = (line: string): void => void process.stdout.write(`  ${line}\n`);

function note(what: string, durationMs: number): void {
  figures.push(`${what}: ${(durationMs / 1000).toFixed(2)} s (${kind})`);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  note(what, performance.now() - startedAt);
  return result;
}

const place: { lab?: MachineLab } = {};
const lab = (): MachineLab => {
  if (!place.lab) throw new Error('the lab was not provisioned');
  return place.lab;
};
const first = (): Host => lab().host(preferredHolder(topology).name);
const masters = (): readonly Host[] => hostsWithRole(topology, 'master').map(({ name }) => lab().host(name));
const others = (): readonly Host[] => masters().filter(({ name }) => name !== first().name);

beforeAll(async () => {
  const provider = new VagrantProvider();
  expect(await provider.unavailable()).toBeUndefined();
  place.lab = await timed(`${topology.hosts.length + 1} machines from nothing`, () =>
    provider.provision({ topology, runId: RUN_ID, progress: spokenProgress(say) }),
  );
});
afterAll(async () => {
  await new VagrantProvider().destroy(RUN_ID);
  for (const figure of figures) say(figure);
});

describe('the lab network', () => {
  test('is on the second interface of every machine', async () => {
    for (const host of [...lab().hosts, lab().observer]) {
      expect(await addressedInterface(host)).toBe('eth1');
    }
  });

  test('has no address of this machine’s, gives out none, and leads nowhere', async () => {
    const definition = await virsh('net-dumpxml', `holdfast-${RUN_ID}`);
    expect(definition).toContain(`<name>holdfast-${RUN_ID}</name>`);
    expect(definition).not.toMatch(/<(ip|dhcp|forward)\b/);
    const { stdout } = await runLocal(['ip', '-4', '-oneline', 'address']);
    expect(stdout).not.toContain(' 10.10.');
  });

  test('no machine has a way out, and all reach each other across both halves of the network', async () => {
    const everyone = [...lab().hosts, lab().observer];
    for (const host of everyone) {
      expect(await output(host, 'ip', '-4', 'route', 'show', 'default')).toBe('');
      const { stderr } = await host.run(['ip', 'route', 'get', '192.0.2.1'], { acceptExitCodes: [2] });
      expect(stderr).toContain('Network is unreachable');
      for (const { address } of everyone) await host.run(['ping', '-c', '1', '-W', '5', address]);
    }
  });

  test('the management network has no NAT either', async () => {
    expect(await virsh('net-dumpxml', `holdfast-${RUN_ID}-management`)).not.toContain('<forward');
    expect((await runLocal(['iptables-save', '--table', 'nat'])).stdout).not.toContain('MASQUERADE');
  });
});

describe('the contract of hosts, kept by a machine', () => {
  hostContract(() => Promise.resolve({ host: first(), dispose: () => Promise.resolve() }));
});

describe('the contract of providers, kept by vagrant', () => {
  providerContract({
    lab,
    freshProvider: () => Promise.resolve(new VagrantProvider()),
    // SSH cannot tell the two apart.
    silence: { off: SILENCE, frozen: SILENCE },
    slowness: isEmulated ? 5 : 2,
  });

  test('a frozen machine’s kernel stands still with it', async () => {
    const power = lab().power(first().name);
    await power.freeze();
    const ping = await lab().observer.run(['ping', '-c', '1', '-W', '3', first().address], {
      acceptExitCodes: [0, 1],
    });
    await power.thaw();
    expect(ping.exitCode).toBe(1);
    expect(power.frozenKernel).toBe('stands still');
  });
});

/** keepalived as the seed has it, but for its health check: there is no apiserver, and every second a curl would be emulated. */
async function startKeepalived(host: Host): Promise<void> {
  const plan = topology.hosts.find(({ name }) => name === host.name);
  if (!plan) throw new Error(`${host.name} is not planned`);
  const conf = keepalivedConf(topology, plan, DEFAULT_PROFILE, await addressedInterface(host));
  expect(conf).toContain('interface eth1');
  await host.upload('/etc/keepalived/keepalived.conf', conf.replace(/script ".*"/, 'script "/bin/true"'));
  await host.run(['systemctl', 'enable', '--now', '--quiet', 'keepalived']);
}

/** Resolves when exactly one master holds the VIP, and it is one of these. */
function heldByOneOf(hosts: readonly Host[]): Promise<string> {
  const { address } = topology.vip;
  const names = hosts.map(({ name }) => name);
  const limit = { timeoutMs: 120_000, intervalMs: 500 };
  return waitFor(`VIP on ${names.join(' or ')} alone`, limit, async (signal) => {
    const states = await Promise.all(masters().map(({ name }) => lab().power(name).state()));
    const asked = masters().filter((_, index) => states[index] === 'on');
    const [holder, another] = await vipHolders(asked, address, signal);
    return holder !== undefined && another === undefined && names.includes(holder)
      ? { done: holder }
      : { missing: `held by ${[holder, another].filter(Boolean).join(', ') || 'nobody'}` };
  });
}

describe('a VIP on machines, moved by keepalived', () => {
  let wire: AdvertWatch;
  /** The first advert after a moment of anybody but the first master. */
  const successor = async (afterMs: number): Promise<{ readonly host: Host; readonly tookMs: number }> => {
    const advert = await waitFor('adverts of another', { timeoutMs: 120_000 }, () => {
      const found = wire.since(afterMs).find(({ from }) => from !== first().address);
      return Promise.resolve(found ? { done: found } : { missing: 'none on the wire' });
    });
    const host = masters().find(({ address }) => address === advert.from);
    if (!host) throw new Error(`${advert.from} is no master`);
    return { host, tookMs: advert.atMs - afterMs };
  };
  const lastOfFirst = (): number => {
    const advert = wire.last(first().address);
    if (!advert) throw new Error(`${first().name} has sent no advert`);
    return advert.atMs;
  };

  beforeAll(async () => {
    wire = await AdvertWatch.on(lab().observer, await addressedInterface(lab().observer));
    await Promise.all(masters().map(startKeepalived));
    await heldByOneOf([first()]);
    await waitFor('adverts on the wire', { timeoutMs: 60_000 }, () =>
      Promise.resolve(wire.last(first().address) ? { done: true } : { missing: 'none yet' }),
    );
  });
  afterAll(() => wire.close());

  test('a power cut of the holder is one: nobody says goodbye, and the VIP moves as late as VRRP’s timers say', async () => {
    const before = (await machineLog(first().name)).length;
    await timed('power cut', () => lab().power(first().name).off());
    expect((await machineLog(first().name)).slice(before)).toContain('reason=destroyed');
    const { host, tookMs } = await successor(lastOfFirst());
    note('last advert of the old holder to the first of the new', tookMs);
    expect(await heldByOneOf(others())).toBe(host.name);
    expect(wire.adverts.filter(({ priority }) => priority === 0)).toEqual([]);
    // RFC 5798: three intervals and a skew of (256 - priority)/256. Sooner would be a goodbye that was missed.
    expect(tookMs).toBeGreaterThan(3_000);
    expect(tookMs).toBeLessThan(isEmulated ? 15_000 : 5_000);
  });

  test('with power the host is back, and so is its VIP', async () => {
    await timed('power on until systemd is running', () => lab().power(first().name).on());
    await heldByOneOf([first()]);
  });

  test('a snapshot of all machines brings back their files and what ran', async () => {
    await timed('snapshot of all machines', () => lab().snapshot('clean'));
    await first().upload('/var/lib/holdfast-dirt', 'dirt');
    await first().run(['systemctl', 'stop', 'keepalived']);
    await timed('restored until all answer', () => lab().restore('clean'));
    await expect(first().download('/var/lib/holdfast-dirt')).rejects.toThrow('No such file');
    expect(await output(first(), 'systemctl', 'is-active', 'keepalived')).toBe('active');
    await heldByOneOf([first()]);
    const clock = Number(await output(first(), 'date', '+%s'));
    expect(Math.abs(clock - Date.now() / 1000)).toBeLessThan(isEmulated ? 30 : 5);
    // The watch was on the observer as it was before.
    await wire.close();
    wire = await AdvertWatch.on(lab().observer, await addressedInterface(lab().observer));
  });

  test('a pulled cable is seen by the host and takes the VIP away, until it is plugged in again', async () => {
    const carrier = (): Promise<string> => output(first(), 'cat', '/sys/class/net/eth1/carrier');
    expect(await carrier()).toBe('1');
    await lab().plug(first().name, 'down');
    await waitFor('no carrier', { timeoutMs: 30_000 }, async () =>
      (await carrier()) === '0' ? { done: true } : { missing: 'there is one' },
    );
    await heldByOneOf(others());
    await lab().plug(first().name, 'up');
    await heldByOneOf([first()]);
  });

  // What tells a power cut from this one would else be believed of it without having been seen.
  test('a keepalived that is stopped does say goodbye, and the VIP moves at once', async () => {
    await waitFor('adverts on the wire', { timeoutMs: 60_000 }, () =>
      Promise.resolve(wire.last(first().address) ? { done: true } : { missing: 'none yet' }),
    );
    await first().run(['systemctl', 'stop', 'keepalived']);
    const goodbye = await waitFor('a goodbye', { timeoutMs: 30_000 }, () => {
      const found = wire.adverts.find(({ from, priority }) => from === first().address && priority === 0);
      return Promise.resolve(found ? { done: found } : { missing: 'none on the wire' });
    });
    const { tookMs } = await successor(goodbye.atMs);
    note('goodbye of the old holder to the first advert of the new', tookMs);
    expect(tookMs).toBeLessThan(3_000);
  });
});

describe('the end', () => {
  test('another process finds the lab, runs a command on it and removes it, and nothing is left', async () => {
    const holdfast = (...argv: readonly string[]) =>
      runLocal([process.execPath, 'bin/holdfast.mjs', ...argv], { timeoutMs: 600_000 });
    expect(await remains()).not.toEqual([]);
    const said = await holdfast('exec', '--run', RUN_ID, 'observer', '--', 'hostname');
    expect(said.stdout.trim()).toBe('observer');
    const { stdout } = await timed('removed by another process', () =>
      holdfast('down', '--run', RUN_ID, '--json'),
    );
    expect(stdout).toContain(`the lab of run ${RUN_ID}`);
    expect(await remains()).toEqual([]);
    expect(await readdir(`${stateDirectory()}/vagrant`)).toEqual([]);
    expect(await new VagrantProvider().destroy(RUN_ID)).toEqual([]);
  });
});
