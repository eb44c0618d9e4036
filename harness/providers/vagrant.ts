// The provider "vagrant": every host is a virtual machine of libvirt or VirtualBox, which vagrant makes of a box.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asError, EnvironmentError, HoldfastError, UsageError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { LabDescriptor, Provider, ProvisionOptions } from '../core/provider.ts';
import { runSteps, type Step } from '../core/steps.ts';
import { disarmAll } from './detached-watchdog.ts';
import { shiftTopology } from './instances.ts';
import { LabNotes } from './lab-notes.ts';
import { failureAfterRemoval } from './lab-parts.ts';
import { stateDirectory } from './state-directory.ts';
import { waitForSystemd } from './systemd.ts';
import { chooseHypervisor, libvirtDriver, thisMachine, type Surroundings } from './vagrant/available.ts';
import { vagrant } from './vagrant/command.ts';
import { introduce } from './vagrant/guest.ts';
import type { Hypervisor } from './vagrant/hypervisor.ts';
import { machineLab, SSH_CONFIG, type MachineLab } from './vagrant/machine-lab.ts';
import { BOOT_TIMEOUT_MS } from './vagrant/machine-power.ts';
import { freeManagementAddress } from './vagrant/management.ts';
import { machinePlan, type MachinePlan } from './vagrant/plan.ts';
import { vagrantSettings, type VagrantSettings } from './vagrant/settings.ts';

export interface VagrantProviderOptions {
  /** Default: what the environment says. */
  readonly settings?: VagrantSettings;
  readonly surroundings?: Surroundings;
  /** Where labs are noted, each with a folder of its own. Default: in holdfast's state folder. */
  readonly folder?: string;
}

interface Provisioning {
  readonly progress: ProgressListener;
  lab?: MachineLab;
}

const VAGRANTFILE = fileURLToPath(new URL('../../vagrant/Vagrantfile', import.meta.url));
const UP = 'vagrant up';
const UP_TIMEOUT_MS = 1_800_000;
const DESTROY_TIMEOUT_MS = 300_000;
const QUESTION_TIMEOUT_MS = 120_000;

export class VagrantProvider implements Provider {
  readonly name = 'vagrant';
  readonly #options: VagrantProviderOptions;
  readonly #surroundings: Surroundings;
  readonly #notes: LabNotes;

  constructor(options: VagrantProviderOptions = {}) {
    this.#options = options;
    this.#surroundings = options.surroundings ?? thisMachine();
    this.#notes = new LabNotes(options.folder ?? join(stateDirectory(), 'vagrant'));
  }

  async unavailable(): Promise<string | undefined> {
    const choice = await chooseHypervisor(this.#settings().hypervisor, this.#surroundings);
    return 'reason' in choice ? choice.reason : undefined;
  }

  async provision(options: ProvisionOptions): Promise<MachineLab> {
    const { runId, topology, instance = 0 } = options;
    const choice = await chooseHypervisor(this.#settings().hypervisor, this.#surroundings);
    if ('reason' in choice) {
      throw new EnvironmentError(`no lab of virtual machines can be made here: ${choice.reason}`, {
        hint: 'docs/vagrant.md says what is needed, holdfast doctor what of it is here',
      });
    }
    if ((await this.#notes.list()).some((note) => note.runId === runId)) {
      throw new UsageError(`run ${runId} has a lab already`, { hint: 'holdfast down removes it' });
    }
    // Each lab has a network of its own, of which not even this machine is part: all may have the same addresses.
    const descriptor: LabDescriptor = {
      provider: this.name,
      runId,
      instance,
      createdAt: new Date().toISOString(),
      topology: shiftTopology(topology, instance),
    };
    const provisioning: Provisioning = { progress: options.progress };
    // First: what is made from now on is found and removed, whatever becomes of this process.
    await this.#notes.write(descriptor);
    try {
      await this.#writePlan(descriptor, choice.hypervisor);
      await runSteps(this.#steps(descriptor, choice.hypervisor), provisioning, options);
    } catch (thrown) {
      throw await failureAfterRemoval(asError(thrown), () => this.destroy(runId));
    }
    return madeIn(provisioning);
  }

  async attach(descriptor: LabDescriptor): Promise<MachineLab> {
    const { hypervisor } = await this.#plan(descriptor.runId);
    return machineLab(descriptor, this.#surroundings.hypervisors[hypervisor], this.#folder(descriptor.runId));
  }

  list(): Promise<readonly LabDescriptor[]> {
    return this.#notes.list();
  }

  async destroy(runId?: string): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const note of await this.#notes.list()) {
      if (runId === undefined || note.runId === runId) removed.push(...(await this.#remove(note)));
    }
    return removed;
  }

  #steps(descriptor: LabDescriptor, hypervisor: Hypervisor): readonly Step<Provisioning>[] {
    const { topology, runId } = descriptor;
    const up: Step<Provisioning> = {
      name: UP,
      needs: [],
      timeoutMs: UP_TIMEOUT_MS,
      run: async (provisioning, signal) => {
        await this.#up(runId, hypervisor, provisioning.progress, signal);
        provisioning.lab = machineLab(descriptor, hypervisor, this.#folder(runId));
      },
    };
    const hosts = [...topology.hosts, topology.observer].map(({ name }): Step<Provisioning> => ({
      name: `host ${name}`,
      needs: [up.name],
      timeoutMs: BOOT_TIMEOUT_MS,
      run: async (provisioning, signal) => {
        const host = madeIn(provisioning).host(name);
        await introduce(host, topology, signal);
        await waitForSystemd(host, { timeoutMs: BOOT_TIMEOUT_MS, signal, accepts: 'degraded' });
      },
    }));
    return [up, ...hosts];
  }

  /** All at once, where vagrant can: with libvirt. Of VirtualBox's machines it makes one after the other. */
  async #up(
    runId: string,
    { name }: Hypervisor,
    progress: ProgressListener,
    signal: AbortSignal,
  ): Promise<void> {
    const folder = this.#folder(runId);
    await vagrant(folder, ['up', '--provider', name, '--parallel', '--no-provision'], {
      timeoutMs: UP_TIMEOUT_MS,
      signal,
      onLine: (line) => progress.output(UP, line),
    });
    const config = await vagrant(folder, ['ssh-config'], { timeoutMs: QUESTION_TIMEOUT_MS, signal });
    await writeFile(join(folder, SSH_CONFIG), config, { mode: 0o600 });
  }

  async #writePlan(descriptor: LabDescriptor, { name }: Hypervisor): Promise<void> {
    const folder = this.#folder(descriptor.runId);
    const settings = this.#settings();
    const plan = machinePlan(descriptor, settings, {
      hypervisor: name,
      driver: settings.driver ?? (name === 'libvirt' ? await libvirtDriver() : 'kvm'),
      managementAddress: await freeManagementAddress(),
    });
    await mkdir(folder, { recursive: true });
    await copyFile(VAGRANTFILE, join(folder, 'Vagrantfile'));
    await writeFile(join(folder, 'plan.json'), `${JSON.stringify(plan, undefined, 2)}\n`);
  }

  async #plan(runId: string): Promise<MachinePlan> {
    const path = join(this.#folder(runId), 'plan.json');
    try {
      return JSON.parse(await readFile(path, 'utf8')) as MachinePlan;
    } catch (thrown) {
      throw new HoldfastError(`the lab of run ${runId} is not whole: ${path} cannot be read`, {
        cause: thrown,
        hint: 'holdfast down, then holdfast up',
      });
    }
  }

  /** What vagrant knows it removes; what it was killed over half-made is found by its name. */
  async #remove({ runId }: LabDescriptor): Promise<readonly string[]> {
    // First: what is being removed must not be switched on.
    await disarmAll(runId);
    // Without a plan nothing was made.
    const plan = await this.#plan(runId).catch(() => undefined);
    const swept = plan ? await this.#removeMachines(runId, plan) : [];
    await this.#notes.remove(runId);
    return [...swept, `the lab of run ${runId}`];
  }

  async #removeMachines(runId: string, plan: MachinePlan): Promise<readonly string[]> {
    const options = { timeoutMs: DESTROY_TIMEOUT_MS };
    const refusal = await vagrant(this.#folder(runId), ['destroy', '--force', '--parallel'], options).then(
      () => undefined,
      asError,
    );
    const { prefix, network } = plan;
    try {
      const hypervisor = this.#surroundings.hypervisors[plan.hypervisor];
      const swept = await hypervisor.sweep({ prefix, network: network.name });
      return [...plan.machines.map(({ name }) => `machine ${prefix}${name}`), ...swept];
    } catch (thrown) {
      throw new EnvironmentError(`the machines of run ${runId} could not be removed`, {
        cause: refusal ? new AggregateError([refusal, asError(thrown)], refusal.message) : thrown,
        hint: 'holdfast down tries again',
      });
    }
  }

  /** Read when it is needed: what is wrong with them must not keep anybody from removing a lab. */
  #settings(): VagrantSettings {
    return this.#options.settings ?? vagrantSettings();
  }

  #folder(runId: string): string {
    return this.#notes.folderOf(runId);
  }
}

function madeIn({ lab }: Provisioning): MachineLab {
  if (!lab) throw new Error(`the step "${UP}" has not run`);
  return lab;
}
