// In which order a host is struck that cannot undo anything by itself. What watchdog and switches do: harness/providers.
import { describe, expect, test } from 'vitest';
import { TOPOLOGY } from '../../fixtures/runs/good-run-plan.ts';
import type { FaultCall } from '../core/fault.ts';
import type { Power } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { FakeHost } from '../hosts/fake.ts';
import { freeze } from './freeze.ts';
import { powerOff } from './power-off.ts';
import { reboot } from './reboot.ts';

const TARGETS = ['10-10-102-91.master', '10-10-102-92.master'];

/** A lab that writes down what is done to it, in order. */
function recordedCall(params: FaultCall['params'] = {}): { call: FaultCall; deeds: string[] } {
  const deeds: string[] = [];
  const note = (deed: string): Promise<void> => {
    deeds.push(deed);
    return Promise.resolve();
  };
  const power = (name: string): Power => {
    const press = (what: string) => () => note(`${what} ${name}`);
    return {
      off: press('off'),
      on: press('on'),
      shutDown: press('shut down'),
      reboot: press('reboot'),
      freeze: press('freeze'),
      thaw: press('thaw'),
      state: () => Promise.resolve('off'),
    };
  };
  const hosts = TOPOLOGY.hosts.map(({ name, address }) =>
    new FakeHost(name, address).when('rm -f /run/holdfast-', {}),
  );
  const lab: Lab = {
    descriptor: {
      provider: 'fake',
      runId: 'run',
      instance: 0,
      createdAt: '2026-11-23T06:45:01.000Z',
      topology: TOPOLOGY,
    },
    hosts,
    observer: new FakeHost('observer'),
    host: (name) => hosts.find((host) => host.name === name) ?? new FakeHost(name),
    power,
    watchdog: {
      arm: (id, names, limitMs) => note(`arm ${id} ${names.length} ${limitMs}`),
      disarm: (id) => note(`disarm ${id}`),
    },
  };
  const call = { lab, topology: TOPOLOGY, targets: TARGETS, params, id: 'fault-1', limitMs: 30_000 };
  return { call, deeds };
}

describe.each([
  ['power-off', powerOff, {}, 'off', 'on'],
  ['freeze', freeze, {}, 'freeze', 'thaw'],
  ['reboot, orderly', reboot, { how: 'orderly' }, 'shut down', 'on'],
  ['reboot, reset', reboot, { how: 'reset' }, 'off', 'on'],
] as const)('%s', (_, fault, params, deed, cure) => {
  test('is done to all targets at once, with one watchdog that stands before', async () => {
    const { call, deeds } = recordedCall(params);
    await fault.inject(call);
    expect(deeds.slice(0, 3)).toEqual(['arm fault-1 2 30000', ...TARGETS.map((host) => `${deed} ${host}`)]);
  });

  test('calls the watchdog off when every host is back, not before', async () => {
    const { call, deeds } = recordedCall(params);
    await fault.heal(call);
    expect(deeds).toEqual([...TARGETS.map((host) => `${cure} ${host}`), 'disarm fault-1']);
  });

  test('keeps the watchdog when a host does not come back', async () => {
    const { call, deeds } = recordedCall(params);
    const broken = { ...call.lab, power: (name: string) => ({ ...call.lab.power(name), [cure]: fails }) };
    await expect(fault.heal({ ...call, lab: broken })).rejects.toThrow('no answer');
    expect(deeds).toEqual([]);
  });
});

function fails(): Promise<void> {
  return Promise.reject(new Error('no answer'));
}
