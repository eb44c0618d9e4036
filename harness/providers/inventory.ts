// The provider "inventory": hosts that exist already, reached over SSH. It makes none and removes none.
import { join } from 'node:path';
import { asError, EnvironmentError, UsageError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Lab, LabDescriptor, LabPlaces, Provider, ProvisionOptions } from '../core/provider.ts';
import { runSteps, type Step } from '../core/steps.ts';
import { DetachedWatchdog, disarmAll } from './detached-watchdog.ts';
import { LocalHost } from '../hosts/local-host.ts';
import { keepWhatWas, makeBareAgain } from './inventory/bare.ts';
import { CommandPower } from './inventory/command-power.ts';
import { requireFit } from './inventory/fitness.ts';
import { reach, type ReachedHosts } from './inventory/reach.ts';
import { LabNotes } from './lab-notes.ts';
import { hostNamed } from './lab-parts.ts';
import { stateDirectory } from './state-directory.ts';

const KEEP_TIMEOUT_MS = 90_000;
const TIDY_TIMEOUT_MS = 10_000;

type InventoryLab = Lab & ReachedHosts & { readonly places: LabPlaces };

export class InventoryProvider implements Provider {
  readonly name = 'inventory';
  readonly #notes: LabNotes;

  constructor(notes = new LabNotes(join(stateDirectory(), 'inventory'))) {
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
    try {
      await requireFit(lab, options);
      await this.#notes.write(descriptor);
    } catch (thrown) {
      lab.close();
      throw thrown;
    }
    try {
      await runSteps(keepingSteps(lab), lab, options);
      return lab;
    } catch (thrown) {
      throw await this.#undo(runId, asError(thrown));
    }
  }

  async #undo(runId: string, failure: Error): Promise<Error> {
    try {
      await this.destroy(runId);
      return failure;
    } catch (thrown) {
      return new EnvironmentError(`${failure.message}; ${asError(thrown).message}`, {
        cause: failure,
        hint: `holdfast down --run ${runId} tries again`,
      });
    }
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
      // The watchdogs of a cluster that was found stay on guard: what they would switch on stays theirs to switch on.
      if (topology.found) await this.#letGo(note);
      else await this.#clear(note);
      await this.#notes.remove(note.runId);
      removed.push(`${topology.found ? 'the note of' : 'the cluster on the hosts of'} ${topology.name}`);
    }
    return removed;
  }

  /** Takes our empty folders along. A host that does not answer keeps them: nobody is kept from forgetting it. */
  async #letGo(descriptor: LabDescriptor): Promise<void> {
    const { hosts, observer, places } = this.#lab(descriptor);
    const tidy =
      'rmdir /var/lib/holdfast/undo /var/lib/holdfast 2> /dev/null; [ -e /var/lib/holdfast ] || rm -f /run/holdfast-undo.lock';
    await Promise.allSettled([
      ...hosts.map((host) => host.run(['sh', '-c', tidy], { timeoutMs: TIDY_TIMEOUT_MS })),
      observer.run(['rm', '-rf', places.programs], { timeoutMs: TIDY_TIMEOUT_MS }),
    ]);
  }

  async #clear(descriptor: LabDescriptor): Promise<void> {
    const lab = this.#lab(descriptor);
    const { topology, runId } = descriptor;
    await disarmAll(runId);
    const deeds = [
      ...lab.hosts.map(async (host) => {
        await this.#switchOn(lab, host.name);
        await makeBareAgain(host);
      }),
      lab.observer.run(['rm', '-rf', lab.places.programs], { timeoutMs: TIDY_TIMEOUT_MS }),
    ];
    const outcomes = await Promise.allSettled(deeds);
    lab.close();
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [asError(outcome.reason)] : [],
    );
    if (failures.length === 0) return;
    const what = `not every host of ${topology.name} could be made bare again`;
    throw new EnvironmentError([what, ...failures.map(({ message }) => message)].join('\n'), {
      cause: failures[0],
      hint: `holdfast down --run ${runId} tries again; where hosts are gone for good, remove ${this.#notes.pathOf(runId)}`,
    });
  }

  /** What a run that was killed had switched off. */
  async #switchOn(lab: Lab, name: string): Promise<void> {
    const power = lab.power(name);
    if (power.cannot?.('off') === undefined && (await power.state()) === 'off') await power.on();
  }

  #lab(descriptor: LabDescriptor): InventoryLab {
    const { topology } = descriptor;
    const { hosts, observer, close } = reach(topology);
    const host = (name: string): Host => hostNamed(name, hosts, observer);
    const commands = (name: string) => topology.hosts.find((plan) => plan.name === name)?.power;
    return {
      descriptor,
      hosts,
      observer,
      close,
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

function keepingSteps({ hosts, descriptor }: Lab): readonly Step<Lab>[] {
  const { topology } = descriptor;
  return hosts.map((host, index): Step<Lab> => ({
    name: `what was on ${host.name} kept`,
    needs: [],
    timeoutMs: KEEP_TIMEOUT_MS,
    run: async () => {
      const plan = topology.hosts[index];
      if (plan) await keepWhatWas(host, plan, topology);
    },
  }));
}

function sharesHosts(note: LabDescriptor, hosts: readonly { readonly address: string }[]): boolean {
  const taken = new Set(note.topology.hosts.map(({ address }) => address));
  return hosts.some(({ address }) => taken.has(address));
}
