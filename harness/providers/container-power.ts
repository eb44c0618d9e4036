// A container's power switch. Off is SIGKILL to everything at once, as a power cut is; addresses and disks stay.
import type Docker from 'dockerode';
import { EnvironmentError } from '../core/errors.ts';
import type { Host, Power, PowerState } from '../core/host.ts';
import { isEngineStatus } from './engine-status.ts';
import { waitForSystemd } from './systemd.ts';

export const BOOT_TIMEOUT_MS = 120_000;
const SHUTDOWN_TIMEOUT_S = 60;

export class ContainerPower implements Power {
  readonly #docker: Docker;
  readonly #containerName: string;
  readonly #host: Host;

  constructor(docker: Docker, containerName: string, host: Host) {
    this.#docker = docker;
    this.#containerName = containerName;
    this.#host = host;
  }

  async off(): Promise<void> {
    try {
      await this.#container().kill({ signal: 'SIGKILL' });
    } catch (thrown) {
      if (!isEngineStatus(thrown, 409)) throw this.#gone(thrown);
    }
  }

  /** Resolves when systemd has finished booting. */
  async on(): Promise<void> {
    try {
      await this.#container().start();
    } catch (thrown) {
      if (!isEngineStatus(thrown, 304)) throw this.#gone(thrown);
    }
    await waitForSystemd(this.#host, { timeoutMs: BOOT_TIMEOUT_MS });
  }

  /** An orderly one: units are stopped first. A reset is `off` and `on`. */
  async reboot(): Promise<void> {
    await this.#container().restart({ t: SHUTDOWN_TIMEOUT_S });
    await waitForSystemd(this.#host, { timeoutMs: BOOT_TIMEOUT_MS });
  }

  async state(): Promise<PowerState> {
    try {
      return (await this.#container().inspect()).State.Running ? 'on' : 'off';
    } catch (thrown) {
      throw this.#gone(thrown);
    }
  }

  #container(): Docker.Container {
    return this.#docker.getContainer(this.#containerName);
  }

  #gone(thrown: unknown): unknown {
    if (!isEngineStatus(thrown, 404)) return thrown;
    return new EnvironmentError(
      `host ${this.#host.name} does not exist any more (container ${this.#containerName})`,
      {
        cause: thrown,
        hint: 'holdfast down, then holdfast up',
      },
    );
  }
}
