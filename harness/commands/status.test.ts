// What status says of a lab that is half down, and of one that cannot be reached at all. A whole one: test/hosts.
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import type { Power, PowerState } from '../core/host.ts';
import type { Lab, LabDescriptor } from '../core/provider.ts';
import { FakeHost } from '../hosts/fake.ts';
import { labStatus, renderStatus, type LabStatus } from './status.ts';

const { topology } = loadTopology();
const descriptor: LabDescriptor = {
  provider: 'containers',
  runId: '20261123-064501-9f3a',
  instance: 0,
  createdAt: '2026-11-23T06:45:01.000Z',
  topology,
};
const ON: readonly string[] = ['10-10-102-92.master', '10-10-103-96.node', 'observer'];

/** Master 2 holds the VIP; all that is not in ON is powered off and answers nothing. */
function halfDownLab(): Lab {
  const hosts = topology.hosts.map(({ name, address }) => {
    const host = new FakeHost(name, address);
    if (name === '10-10-102-92.master') {
      host.when('ip -4', { stdout: '2: eth0    inet 10.10.102.21/24 scope global secondary eth0' });
    }
    return host;
  });
  const observer = new FakeHost('observer', topology.observer.address);
  const power = (name: string): Power => {
    const state: PowerState = ON.includes(name) ? 'on' : 'off';
    const nothing = (): Promise<void> => Promise.resolve();
    const switches = { off: nothing, on: nothing, shutDown: nothing, reboot: nothing };
    return { ...switches, freeze: nothing, thaw: nothing, state: () => Promise.resolve(state) };
  };
  const watchdog = { arm: () => Promise.resolve(), disarm: () => Promise.resolve() };
  const host = (name: string): FakeHost => [...hosts, observer].find((one) => one.name === name) ?? observer;
  return { descriptor, hosts, observer, host, power, watchdog };
}

describe('the status of a lab', () => {
  it('that is half down tells what is known, and why the rest is not', async () => {
    const status = await labStatus({ descriptor, attach: () => Promise.resolve(halfDownLab()) });
    expect(status).toMatchObject({
      run: '20261123-064501-9f3a',
      instance: 0,
      topology: 'seed',
      vip: { address: '10.10.102.21', holders: ['10-10-102-92.master'] },
      nodes: { unknown: expect.stringMatching(/./) as string },
      etcd: { unknown: expect.stringMatching(/./) as string },
    });
    expect(status.hosts.map(({ name, power }) => [name, power])).toEqual([
      ['10-10-102-91.master', 'off'],
      ['10-10-102-92.master', 'on'],
      ['10-10-102-93.master', 'off'],
      ['10-10-103-96.node', 'on'],
      ['10-10-103-97.node', 'off'],
      ['observer', 'on'],
    ]);
    const text = renderStatus([status]);
    expect(text).toContain('10-10-102-91.master  10.10.102.91     off  master\n');
    expect(text).toContain('VIP 10.10.102.21: held by 10-10-102-92.master\n');
    expect(text).toMatch(/nodes: not known: ./);
  });

  it('that cannot be attached is its identity and the reason', async () => {
    const status = await labStatus({
      descriptor,
      attach: () => Promise.reject(new Error('observer missing')),
    });
    expect(status).toMatchObject({ hosts: [], nodes: { unknown: 'observer missing' } });
    expect(renderStatus([status])).toContain('etcd: not known: observer missing\n');
  });
});

describe('status in words', () => {
  const whole: LabStatus = {
    run: 'r',
    provider: 'containers',
    instance: 1,
    topology: 'seed',
    createdAt: '2026-11-23T06:45:01.000Z',
    hosts: [],
    vip: { address: '10.10.102.21', holders: ['m1', 'm3'] },
    nodes: { ready: ['m1', 'm2'], notReady: ['m3'] },
    etcd: [
      { name: 'etcd01', host: 'n1', healthy: true },
      { name: 'etcd02', host: 'n2', healthy: false },
    ],
  };

  it('shows two holders of the VIP, nodes that are not Ready and members that are not healthy', () => {
    const text = renderStatus([whole]);
    expect(text).toContain('held by m1 AND m3');
    expect(text).toContain('2 of 3 Ready; not Ready: m3');
    expect(text).toContain('etcd01 on n1 healthy, etcd02 on n2 NOT healthy');
  });

  it('says so when the VIP has no holder, and when there is no lab', () => {
    expect(renderStatus([{ ...whole, vip: { ...whole.vip, holders: [] } }])).toContain('held by no master');
    expect(renderStatus([])).toBe('no lab exists\n');
  });
});
