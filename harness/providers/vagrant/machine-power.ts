// A virtual machine's power switch: the hypervisor's own. Never `vagrant halt`, which asks the machine to shut down, even with
// --force: whatever runs in it would say goodbye, and that is no power cut.
import type { Host, Power, PowerState } from '../../core/host.ts';
import { waitFor } from '../../core/wait.ts';
import { waitForSystemd } from '../systemd.ts';
import type { Hypervisor } from './hypervisor.ts';

/** A machine that is emulated takes a minute by itself, and several when all boot at once. */
export const BOOT_TIMEOUT_MS = 600_000;
const SHUTDOWN_TIMEOUT_MS = 300_000;
const ANSWER_TIMEOUT_MS = 30_000;

export class MachinePower implements Power {
  readonly frozenKernel = 'stands still';
  readonly #hypervisor: Hypervisor;
  readonly #machine: string;
  readonly #host: Host;

  /** @param machine as the hypervisor knows it */
  constructor(hypervisor: Hypervisor, machine: string, host: Host) {
    this.#hypervisor = hypervisor;
    this.#machine = machine;
    this.#host = host;
  }

  off(): Promise<void> {
    return this.#hypervisor.cut(this.#machine);
  }

  async on(): Promise<void> {
    await this.thaw();
    await this.#hypervisor.start(this.#machine);
    await waitForSystemd(this.#host, { timeoutMs: BOOT_TIMEOUT_MS, accepts: 'degraded' });
  }

  /** Asked from inside: not every box listens to the button. */
  async shutDown(): Promise<void> {
    await this.thaw();
    if ((await this.state()) === 'off') return;
    await this.#host.run(['systemctl', 'poweroff', '--no-block'], { timeoutMs: ANSWER_TIMEOUT_MS });
    await waitFor(`${this.#host.name} off`, { timeoutMs: SHUTDOWN_TIMEOUT_MS, intervalMs: 500 }, async () => {
      const state = await this.state();
      return state === 'off' ? { done: undefined } : { missing: `it is ${state}` };
    });
  }

  async reboot(): Promise<void> {
    await this.shutDown();
    await this.on();
  }

  /** All of it stands still, its kernel too: unlike a frozen container it answers nobody. */
  freeze(): Promise<void> {
    return this.#hypervisor.pause(this.#machine);
  }

  thaw(): Promise<void> {
    return this.#hypervisor.resume(this.#machine);
  }

  state(): Promise<PowerState> {
    return this.#hypervisor.state(this.#machine);
  }
}
