// The provider "containers": every host is a container that runs systemd, on a bridge network of the lab's own.
import type Docker from 'dockerode';
import { EnvironmentError, HoldfastError, UsageError, asError } from '../core/errors.ts';
import type { Host, Power } from '../core/host.ts';
import type { Lab, LabDescriptor, Provider, ProvisionOptions } from '../core/provider.ts';
import { runSteps, type Step } from '../core/steps.ts';
import type { HostPlan } from '../core/topology.ts';
import { DockerExecHost } from '../hosts/docker-exec.ts';
import { missingCapabilities } from './capabilities.ts';
import { containerCpuSeconds } from './container-cpu.ts';
import { BOOT_TIMEOUT_MS, ContainerPower } from './container-power.ts';
import { DetachedWatchdog, disarmAll } from './detached-watchdog.ts';
import { firewallUnavailable } from './firewall.ts';
import type { HostContainerOptions, LabImage } from './host-container.ts';
import { createLabNetwork } from './lab-network.ts';
import { failureAfterRemoval, hostNamed } from './lab-parts.ts';
import { removeLab } from './lab-remains.ts';
import { containerName, descriptorOf, hostLabels, labelFilter, networkName } from './labels.ts';
import { waitForSystemd } from './systemd.ts';

export interface ContainersProviderOptions {
  /** From `findEngine` or `ensureEngine`: testcontainers, which starts the containers, finds the same one. */
  readonly docker: Docker;
  /** Image tags, which must exist in the engine. Needed to provision, and for nothing else. */
  readonly images?: { readonly host: string; readonly observer: string };
}

interface Provisioning {
  readonly options: ProvisionOptions;
  readonly images: { readonly host: LabImage; readonly observer: LabImage };
  descriptor?: LabDescriptor;
}

const NETWORK_TIMEOUT_MS = 30_000;
const DEFAULT_SOCKET = '/var/run/docker.sock';

export class ContainersProvider implements Provider {
  readonly name = 'containers';
  readonly #docker: Docker;
  readonly #images: ContainersProviderOptions['images'];

  constructor(options: ContainersProviderOptions) {
    this.#docker = options.docker;
    this.#images = options.images;
  }

  async unavailable(): Promise<string | undefined> {
    const { host } = this.#docker.modem as { readonly host?: string };
    if (host !== undefined) {
      return `the Docker Engine is on another machine (${host}), whose firewall holdfast cannot reach`;
    }
    const { OSType: kind } = (await this.#docker.info()) as { readonly OSType: string };
    if (kind !== 'linux') return `the Docker Engine runs ${kind} containers`;
    return firewallUnavailable();
  }

  async provision(options: ProvisionOptions): Promise<Lab> {
    const reason = await this.unavailable();
    if (reason !== undefined) throw new EnvironmentError(`no lab of containers can be made here: ${reason}`);
    if (this.#images === undefined) throw new Error('the provider was opened without images');
    const images = {
      host: await this.#image(this.#images.host),
      observer: await this.#image(this.#images.observer),
    };
    const provisioning: Provisioning = { options, images };
    try {
      await runSteps(this.#steps(options), provisioning, options);
    } catch (thrown) {
      throw await this.#undo(provisioning, asError(thrown));
    }
    return this.#lab(descriptorIn(provisioning));
  }

  async attach(descriptor: LabDescriptor): Promise<Lab> {
    const { runId, topology } = descriptor;
    const containers = await this.#docker.listContainers({ all: true, filters: labelFilter(runId) });
    const names = new Set(containers.flatMap(({ Names }) => Names));
    const absent = [...topology.hosts, topology.observer].filter(
      ({ name }) => !names.has(`/${containerName(runId, name)}`),
    );
    if (absent.length > 0) {
      const list = absent.map(({ name }) => name).join(', ');
      throw new HoldfastError(`the lab of run ${runId} is not whole: ${list} missing`, {
        hint: 'holdfast down, then holdfast up',
      });
    }
    return this.#lab(descriptor);
  }

  async list(): Promise<readonly LabDescriptor[]> {
    const networks = await this.#docker.listNetworks({ filters: labelFilter() });
    return networks.flatMap(({ Labels }) => descriptorOf(Labels) ?? []);
  }

  async destroy(runId?: string): Promise<readonly string[]> {
    // First: what is being removed must not be switched on.
    await disarmAll(runId);
    return removeLab(this.#docker, runId);
  }

  #steps(options: ProvisionOptions): readonly Step<Provisioning>[] {
    const network: Step<Provisioning> = {
      name: 'network',
      needs: [],
      timeoutMs: NETWORK_TIMEOUT_MS,
      run: async (provisioning) => {
        provisioning.descriptor = await createLabNetwork(this.#docker, options);
      },
    };
    const hosts = options.topology.hosts.map(({ name }): Step<Provisioning> => ({
      name: `host ${name}`,
      needs: [network.name],
      timeoutMs: BOOT_TIMEOUT_MS,
      run: (provisioning, signal) => this.#startHost(provisioning, name, signal),
    }));
    const observer: Step<Provisioning> = {
      name: `observer ${options.topology.observer.name}`,
      needs: [network.name],
      timeoutMs: BOOT_TIMEOUT_MS,
      run: (provisioning, signal) => this.#startObserver(provisioning, signal),
    };
    return [network, ...hosts, observer];
  }

  async #startHost(provisioning: Provisioning, name: string, signal: AbortSignal): Promise<void> {
    const descriptor = descriptorIn(provisioning);
    const plan = descriptor.topology.hosts.find((host) => host.name === name);
    if (!plan) throw new Error(`no host ${name} in topology ${descriptor.topology.name}`);
    const { HostContainer } = await import('./host-container.ts');
    const host = this.#host(descriptor, plan);
    const options = this.#containerOptions(descriptor, plan, plan.roles, provisioning.images.host, () =>
      waitForSystemd(host, { timeoutMs: BOOT_TIMEOUT_MS, signal }),
    );
    const hasEtcd = plan.roles.includes('etcd');
    await new HostContainer({ ...options, hasEtcd }, await missingCapabilities()).start();
  }

  async #startObserver(provisioning: Provisioning, signal: AbortSignal): Promise<void> {
    const descriptor = descriptorIn(provisioning);
    const { observer } = descriptor.topology;
    const { ObserverContainer } = await import('./host-container.ts');
    const host = this.#host(descriptor, observer);
    const options = this.#containerOptions(
      descriptor,
      observer,
      ['observer'],
      provisioning.images.observer,
      async () => {
        await host.run(['true'], { signal });
      },
    );
    await new ObserverContainer(options).start();
  }

  #containerOptions(
    { runId, topology }: LabDescriptor,
    plan: Pick<HostPlan, 'name' | 'address'>,
    roles: readonly (HostPlan['roles'][number] | 'observer')[],
    image: LabImage,
    ready: () => Promise<void>,
  ): HostContainerOptions {
    return {
      image,
      name: containerName(runId, plan.name),
      hostName: plan.name,
      network: networkName(runId),
      address: plan.address,
      extraHosts: [...topology.hosts, topology.observer]
        .filter(({ name }) => name !== plan.name)
        .map(({ name, address }) => `${name}:${address}`),
      labels: hostLabels(runId, plan.name, roles),
      startTimeoutMs: BOOT_TIMEOUT_MS,
      ready,
    };
  }

  async #image(reference: string): Promise<LabImage> {
    try {
      const { Config: config } = await this.#docker.getImage(reference).inspect();
      // The types promise a Cmd; the engine says null where an image has none.
      return {
        reference,
        command: [config.Entrypoint, config.Cmd as string[] | null].flatMap((words) => words ?? []),
      };
    } catch (thrown) {
      throw new EnvironmentError(`image ${reference} is not in the Docker Engine`, {
        cause: asError(thrown),
        hint: 'holdfast images build',
      });
    }
  }

  /** Removes what a failed provisioning made, and nothing if it made nothing. */
  async #undo(provisioning: Provisioning, failure: Error): Promise<Error> {
    // No network of its own means that the run's label may belong to another process's lab.
    if (provisioning.descriptor === undefined && failure.cause instanceof UsageError) return failure.cause;
    return failureAfterRemoval(failure, () => this.destroy(provisioning.options.runId));
  }

  #lab(descriptor: LabDescriptor): Lab {
    const { topology, runId } = descriptor;
    const hosts = topology.hosts.map((plan) => this.#host(descriptor, plan));
    const observer = this.#host(descriptor, topology.observer);
    const host = (name: string): Host => hostNamed(name, hosts, observer);
    const power = (name: string): Power =>
      new ContainerPower(this.#docker, containerName(runId, name), host(name));
    const cpuSeconds = (): Promise<ReadonlyMap<string, number>> =>
      containerCpuSeconds(
        this.#docker,
        [...hosts, observer].map(({ name }) => ({ name, container: containerName(runId, name) })),
      );
    // Where nobody has said which, it is a function that looks for the usual one.
    const { socketPath: said } = this.#docker.modem as { readonly socketPath?: unknown };
    const socketPath = typeof said === 'string' && said !== '' ? said : DEFAULT_SOCKET;
    const watchdog = new DetachedWatchdog({
      runId,
      switchesOf: (names) => ({
        kind: 'engine',
        socketPath,
        containers: names.map((name) => containerName(runId, name)),
      }),
    });
    return { descriptor, hosts, observer, host, power, watchdog, cpuSeconds };
  }

  #host({ runId }: LabDescriptor, { name, address }: Pick<HostPlan, 'name' | 'address'>): DockerExecHost {
    return new DockerExecHost({ docker: this.#docker, name, address, container: containerName(runId, name) });
  }
}

function descriptorIn({ descriptor }: Provisioning): LabDescriptor {
  if (!descriptor) throw new Error('the network step has not run');
  return descriptor;
}
