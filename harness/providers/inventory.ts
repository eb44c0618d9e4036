// The provider "inventory": hosts that exist already, reached over SSH. It makes none and removes none.
import { EnvironmentError, HoldfastError, UsageError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Lab, LabDescriptor, LabPlaces, Provider, ProvisionOptions } from '../core/provider.ts';
import { runSteps, type Step } from '../core/steps.ts';
import { DetachedWatchdog, disarmAll } from './detached-watchdog.ts';
import { LocalHost } from '../hosts/local-host.ts';
import { keepWhatWas, makeBareAgain, unfitFor } from './inventory/bare.ts';
import { CommandPower } from './inventory/command-power.ts';
import { InventoryNotes } from './inventory/notes.ts';
import { connectAll, reach, type ReachedHosts } from './inventory/reach.ts';

const HOST_TIMEOUT_MS = 90_000;
const TIDY_TIMEOUT_MS = 10_000;

interface Provisioning {
  readonly lab: Lab;
  /** Host and what is wrong with it. */
  readonly unfit: string[];
}

export class InventoryProvider implements Provider {
  readonly name = 'inventory';
  readonly #notes: InventoryNotes;

  constructor(notes = new InventoryNotes()) {
    this.#notes = notes;
  }

  unavailable(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Makes sure that a cluster can be made on the hosts, and that they can be made as they are now afterwards.
   * @throws UsageError that names every host on which it cannot, before anything was changed on any
   */
  async provision(options: ProvisionOptions): Promise<Lab> {
    const { topology, runId } = options;
    if (options.instance !== undefined && options.instance !== 0) {
      throw new UsageError('hosts that exist already have the addresses that they have', {
        hint: 'leave --instance out',
      });
    }
    const taken = (await this.#notes.list()).find((note) => sharesHosts(note, topology.hosts));
    if (taken) {
      throw new UsageError(`the lab of run ${taken.runId} (${taken.topology.name}) is on these hosts`, {
        hint: `holdfast down --run ${taken.runId}`,
      });
    }
    const descriptor: LabDescriptor = {
      provider: this.name,
      runId,
      instance: 0,
      createdAt: new Date().toISOString(),
      topology,
    };
    const lab = this.#lab(descriptor);
    await connectAll(lab);
    const provisioning: Provisioning = { lab, unfit: [] };
    await runSteps(this.#steps(provisioning, options.bare === true), provisioning, options);
    return provisioning.lab;
  }

  /** Makes a cluster that was found a lab: nothing is changed on its hosts. */
  async adopt(descriptor: LabDescriptor): Promise<Lab> {
    await this.#notes.write(descriptor);
    return this.#lab(descriptor);
  }

  attach(descriptor: LabDescriptor): Promise<Lab> {
    return Promise.resolve(this.#lab(descriptor));
  }

  list(): Promise<readonly LabDescriptor[]> {
    return this.#notes.list();
  }

  /** Hosts on which we made a cluster are made as they were. A cluster that was found is let go: it is not ours to remove. */
  async destroy(runId?: string): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const note of await this.#notes.list()) {
      if (runId !== undefined && note.runId !== runId) continue;
      const { topology } = note;
      await disarmAll(note.runId);
      if (topology.found) await this.#letGo(note);
      else await this.#clear(note);
      await this.#notes.remove(note.runId);
      removed.push(`${topology.found ? 'the note of' : 'the cluster on the hosts of'} ${topology.name}`);
    }
    return removed;
  }

  #steps({ lab }: Provisioning, bare: boolean): readonly Step<Provisioning>[] {
    const { topology } = lab.descriptor;
    const looks = topology.hosts.map((plan): Step<Provisioning> => ({
      name: `host ${plan.name} looked at`,
      needs: [],
      timeoutMs: HOST_TIMEOUT_MS,
      run: async ({ unfit }) => {
        const problems = await unfitFor(lab.host(plan.name), plan, bare);
        unfit.push(...problems.map((problem) => `${plan.name}: ${problem}`));
      },
    }));
    const observer: Step<Provisioning> = {
      name: `observer ${topology.observer.name} reached`,
      needs: [],
      timeoutMs: HOST_TIMEOUT_MS,
      run: async (_, signal) => {
        await lab.observer.run(['node', '--version'], { signal });
      },
    };
    const kept: Step<Provisioning> = {
      name: 'what was there kept',
      needs: [...looks, observer].map(({ name }) => name),
      timeoutMs: HOST_TIMEOUT_MS,
      run: async ({ unfit }) => {
        if (unfit.length > 0) {
          throw new UsageError(`a cluster cannot be made on these hosts:\n${unfit.join('\n')}`, {
            hint: 'a cluster that runs there already is tested with holdfast attach',
          });
        }
        await this.#notes.write(lab.descriptor);
        // What is installed stays: there is no way back of which holdfast knows.
        if (!bare) await Promise.all(lab.hosts.map(keepWhatWas));
      },
    };
    return [...looks, observer, kept];
  }

  /** Takes our empty folders along. A host that does not answer keeps them: nobody is kept from forgetting it. */
  async #letGo(descriptor: LabDescriptor): Promise<void> {
    const { hosts, observer, places } = this.#lab(descriptor);
    const tidy = 'rmdir /var/lib/holdfast/undo /var/lib/holdfast 2> /dev/null || true';
    await Promise.allSettled([
      ...hosts.map((host) => host.run(['sh', '-c', tidy], { timeoutMs: TIDY_TIMEOUT_MS })),
      observer.run(['rm', '-rf', places.programs], { timeoutMs: TIDY_TIMEOUT_MS }),
    ]);
  }

  async #clear(descriptor: LabDescriptor): Promise<void> {
    const lab = this.#lab(descriptor);
    const { topology } = descriptor;
    const outcomes = await Promise.allSettled(
      topology.hosts.map((plan) => makeBareAgain(lab.host(plan.name), plan)),
    );
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    if (failures.length === 0) return;
    throw new EnvironmentError(`not every host of ${topology.name} could be made bare again`, {
      cause: new AggregateError(failures, failures.map(({ message }) => message).join('\n')),
      hint: 'holdfast down tries again',
    });
  }

  #lab(descriptor: LabDescriptor): Lab & ReachedHosts & { readonly places: LabPlaces } {
    const { topology } = descriptor;
    const { hosts, observer } = reach(topology);
    const host = (name: string): Host => {
      const found = [...hosts, observer].find((one) => one.name === name);
      if (found) return found;
      throw new HoldfastError(`the lab has no host ${name}`, {
        hint: `its hosts are ${hosts.map((one) => one.name).join(', ')}`,
      });
    };
    const commands = (name: string) => topology.hosts.find((plan) => plan.name === name)?.power;
    return {
      descriptor,
      hosts,
      observer,
      host,
      power: (name) => new CommandPower(host(name), commands(name)),
      places: {
        notes: {
          host: new LocalHost('this machine', '127.0.0.1'),
          folder: this.#notes.folderOf(descriptor.runId),
        },
        programs: `/tmp/holdfast-${descriptor.runId}`,
      },
      watchdog: new DetachedWatchdog({
        runId: descriptor.runId,
        switchesOf: (names) => ({
          kind: 'commands',
          lines: names.flatMap((name) => commands(name)?.on ?? []),
        }),
      }),
    };
  }
}

function sharesHosts(note: LabDescriptor, hosts: readonly { readonly address: string }[]): boolean {
  const taken = new Set(note.topology.hosts.map(({ address }) => address));
  return hosts.some(({ address }) => taken.has(address));
}
