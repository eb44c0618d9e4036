// A container's power switch. Off is SIGKILL to everything at once, as a power cut is; addresses and disks stay. Frozen
// is the freezer of its control group: its processes stand still, its network namespace is served by the kernel.
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

  /** Resolves when systemd has finished booting. A frozen host has power, and is thawed for it. */
  async on(): Promise<void> {
    await this.thaw();
    try {
      await this.#container().start();
    } catch (thrown) {
      if (!isEngineStatus(thrown, 304)) throw this.#gone(thrown);
    }
    await waitForSystemd(this.#host, { timeoutMs: BOOT_TIMEOUT_MS });
  }

  /** systemd stops its units; what has not ended by the limit is killed, as any init system does. */
  async shutDown(): Promise<void> {
    try {
      await this.#container().stop({ t: SHUTDOWN_TIMEOUT_S });
    } catch (thrown) {
      if (!isEngineStatus(thrown, 304)) throw this.#gone(thrown);
    }
  }

  async reboot(): Promise<void> {
    await this.shutDown();
    await this.on();
  }

  async freeze(): Promise<void> {
    await this.#unlessSoAlready('frozen', () => this.#container().pause());
  }

  async thaw(): Promise<void> {
    if ((await this.state()) !== 'frozen') return;
    await this.#unlessSoAlready('on', () => this.#container().unpause());
  }

  async state(): Promise<PowerState> {
    try {
      const { Running: isRunning, Paused: isPaused } = (await this.#container().inspect()).State;
      if (!isRunning) return 'off';
      return isPaused ? 'frozen' : 'on';
    } catch (thrown) {
      throw this.#gone(thrown);
    }
  }

  /** The engine refuses what is so already with a status that it also has for other conflicts. */
  async #unlessSoAlready(wanted: PowerState, press: () => Promise<unknown>): Promise<void> {
    try {
      await press();
    } catch (thrown) {
      if ((await this.state()) !== wanted) throw this.#gone(thrown);
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
