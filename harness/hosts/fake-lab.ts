// A lab in memory, for unit tests: fake hosts, and power switches that only remember.
import type { Power, PowerState } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import type { Topology } from '../core/topology.ts';
import { FakeHost } from './fake.ts';

export interface FakeLab extends Lab {
  readonly hosts: readonly FakeHost[];
  readonly observer: FakeHost;
  host(name: string): FakeHost;
  /** What is not in it is on. */
  readonly powerStates: Map<string, PowerState>;
  /** Ids of the faults for which the watchdog stands guard. */
  readonly armed: Set<string>;
}

export function fakeLab(topology: Topology): FakeLab {
  const hosts = topology.hosts.map(({ name, address }) => new FakeHost(name, address));
  const observer = new FakeHost(topology.observer.name, topology.observer.address);
  const powerStates = new Map<string, PowerState>();
  const armed = new Set<string>();
  const power = (name: string): Power => {
    const turn = (state: PowerState) => (): Promise<void> =>
      Promise.resolve(void powerStates.set(name, state));
    const [on, off] = [turn('on'), turn('off')];
    const state = (): Promise<PowerState> => Promise.resolve(powerStates.get(name) ?? 'on');
    return { off, on, shutDown: off, reboot: on, freeze: turn('frozen'), thaw: on, state };
  };
  return {
    descriptor: {
      provider: 'fake',
      runId: 'lab',
      instance: 0,
      createdAt: '2026-11-23T06:45:01.000Z',
      topology,
    },
    hosts,
    observer,
    host: (name) => hosts.find((one) => one.name === name) ?? observer,
    power,
    watchdog: {
      arm: (id) => Promise.resolve(void armed.add(id)),
      disarm: (id) => Promise.resolve(void armed.delete(id)),
    },
    powerStates,
    armed,
  };
}
