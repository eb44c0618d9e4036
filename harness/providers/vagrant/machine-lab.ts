// A lab of virtual machines: hosts over SSH, and what the hypervisor does to them from outside.
import { join } from 'node:path';
import type { Host } from '../../core/host.ts';
import type { Lab, LabDescriptor } from '../../core/provider.ts';
import type { SshSettings, Topology } from '../../core/topology.ts';
import { waitFor } from '../../core/wait.ts';
import { LocalHost } from '../../hosts/local-host.ts';
import { SshHost } from '../../hosts/ssh.ts';
import { DetachedWatchdog } from '../detached-watchdog.ts';
import { reach } from '../inventory/reach.ts';
import { hostNamed } from '../lab-parts.ts';
import type { Hypervisor } from './hypervisor.ts';
import { MachinePower } from './machine-power.ts';
import { labNetworkName, machinePrefix } from './plan.ts';

/** What machines can that containers cannot. */
export interface MachineLab extends Lab {
  power(name: string): MachinePower;
  /** Pulls the cable of a host's interface on the lab network, or plugs it in again. */
  plug(host: string, link: 'up' | 'down'): Promise<void>;
  /** All machines, with their memory, while all stand still: of one moment. A snapshot of the same name is replaced. */
  snapshot(label: string): Promise<void>;
  /** All machines as they were then, and running. Nothing boots: of all ways to a clean state the fastest. */
  restore(label: string): Promise<void>;
}

/** What vagrant says of how its machines are reached, in the lab's folder. */
export const SSH_CONFIG = 'ssh_config';

/** @param folder the lab's own, on this machine */
export function machineLab(descriptor: LabDescriptor, hypervisor: Hypervisor, folder: string): MachineLab {
  const { topology, runId } = descriptor;
  const { hosts, observer } = reach(overSsh(topology, join(folder, SSH_CONFIG)));
  const everyone = [...hosts, observer];
  const machineOf = (name: string): string => `${machinePrefix(runId)}${name}`;
  const host = (name: string): Host => hostNamed(name, hosts, observer);
  const power = (name: string): MachinePower => new MachinePower(hypervisor, machineOf(name), host(name));
  const onAll = async (deed: (machine: string) => Promise<void>): Promise<void> => {
    await Promise.all(everyone.map(({ name }) => deed(machineOf(name))));
  };
  return {
    descriptor,
    hosts,
    observer,
    host,
    power,
    plug: (name, link) => hypervisor.plug(machineOf(host(name).name), labNetworkName(runId), link),
    snapshot: async (label) => {
      await onAll((machine) => hypervisor.pause(machine));
      try {
        await onAll((machine) => hypervisor.snapshot(machine, label));
      } finally {
        await onAll((machine) => hypervisor.resume(machine));
      }
    },
    restore: async (label) => {
      await onAll((machine) => hypervisor.restore(machine, label));
      // The machines do not know of the connections that were made since, nor that time has passed.
      for (const one of everyone) if (one instanceof SshHost) one.close();
      await Promise.all(everyone.map((one) => setClock(one)));
    },
    // Outside of the machines, whose disks may go back in time.
    places: {
      notes: { host: new LocalHost('this machine', '127.0.0.1'), folder: join(folder, 'notes') },
      programs: `/tmp/holdfast-${runId}`,
    },
    watchdog: new DetachedWatchdog({
      runId,
      switchesOf: (names) => ({
        kind: 'commands',
        lines: names.map((name) => hypervisor.lineThatStarts(machineOf(name))),
      }),
    }),
  };
}

/** The topology with how vagrant has told that each machine is reached. */
export function overSsh(topology: Topology, config: string): Topology {
  const ssh: SshSettings = { config, sudo: true };
  return {
    ...topology,
    hosts: topology.hosts.map((plan) => ({ ...plan, ssh })),
    observer: { ...topology.observer, ssh },
  };
}

const CLOCK_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;

/** A machine that was just put back is not there for its neighbours at once. */
async function setClock(host: Host): Promise<void> {
  await waitFor(`${host.name} answering`, { timeoutMs: CLOCK_TIMEOUT_MS, intervalMs: 200 }, async () => ({
    done: await host.run(['true'], { timeoutMs: ANSWER_TIMEOUT_MS }),
  }));
  const seconds = (Date.now() / 1000).toFixed(3);
  await host.run(['date', '--utc', '--set', `@${seconds}`], { timeoutMs: CLOCK_TIMEOUT_MS });
}
