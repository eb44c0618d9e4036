// A machine's power switch, as far as its owner has said how it is pressed: commands on the harness's machine.
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { asError, EnvironmentError, HoldfastError } from '../../core/errors.ts';
import type { Host, Power, PowerState } from '../../core/host.ts';
import type { PowerCommands } from '../../core/topology.ts';
import { waitFor } from '../../core/wait.ts';
import { waitForSystemd } from '../systemd.ts';

const PRESS_TIMEOUT_MS = 60_000;
/** Real machines test their memory before they boot. */
const BOOT_TIMEOUT_MS = 600_000;
const SHUTDOWN_TIMEOUT_MS = 120_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** A switch that is pressed while a machine is still going down does nothing, and the machine then stays off. */
const PRESS_AGAIN_MS = 10_000;

const run = promisify(exec);

export class CommandPower implements Power {
  readonly #host: Host;
  readonly #commands: PowerCommands | undefined;
  readonly #pressAgainMs: number;

  constructor(host: Host, commands: PowerCommands | undefined, pressAgainMs = PRESS_AGAIN_MS) {
    this.#host = host;
    this.#commands = commands;
    this.#pressAgainMs = pressAgainMs;
  }

  cannot(deed: 'off' | 'freeze' | 'reboot'): string | undefined {
    if (deed === 'freeze') return `${this.#host.name} is no container: nobody can stop it as a whole`;
    if (this.#commands) return undefined;
    return `nobody has said how ${this.#host.name} is switched off and on again (power: { off: …, on: … } in the topology)`;
  }

  async off(): Promise<void> {
    await this.#press(this.#said().off);
    await this.#silent(PRESS_TIMEOUT_MS);
  }

  async on(): Promise<void> {
    if ((await this.state()) !== 'on') await this.#pressUntilItAnswers(this.#said().on);
    await this.#booted();
  }

  async shutDown(): Promise<void> {
    if ((await this.state()) === 'off') return;
    await this.#host.run(['systemctl', 'poweroff', '--no-block'], { timeoutMs: ANSWER_TIMEOUT_MS });
    await this.#silent(SHUTDOWN_TIMEOUT_MS);
  }

  /** By the host itself: no switch is needed for it. */
  async reboot(): Promise<void> {
    const before = await this.#bootId();
    await this.#host.run(['systemctl', 'reboot', '--no-block'], { timeoutMs: ANSWER_TIMEOUT_MS });
    await waitFor(
      `${this.#host.name} booted anew`,
      { timeoutMs: BOOT_TIMEOUT_MS, intervalMs: 500 },
      async () => ((await this.#bootId()) === before ? { missing: 'not yet' } : { done: undefined }),
    );
    await this.#booted();
  }

  freeze(): Promise<void> {
    return Promise.reject(new EnvironmentError(this.cannot('freeze') ?? ''));
  }

  thaw(): Promise<void> {
    return Promise.resolve();
  }

  /** A host that does not answer is taken for one without power: nobody here can tell the two apart. */
  async state(): Promise<PowerState> {
    return this.#host.run(['true'], { timeoutMs: ANSWER_TIMEOUT_MS }).then(
      () => 'on' as const,
      () => 'off' as const,
    );
  }

  /** The start of process 1, which a container has too. */
  async #bootId(): Promise<string> {
    const ask = 'cat /proc/sys/kernel/random/boot_id; cut -d " " -f 22 /proc/1/stat';
    return (await this.#host.run(['sh', '-c', ask], { timeoutMs: ANSWER_TIMEOUT_MS })).stdout;
  }

  async #silent(timeoutMs: number): Promise<void> {
    await waitFor(`${this.#host.name} off`, { timeoutMs, intervalMs: 500 }, async () =>
      (await this.state()) === 'off' ? { done: undefined } : { missing: 'it still answers' },
    );
  }

  async #pressUntilItAnswers(line: string): Promise<void> {
    await this.#press(line);
    let pressedAt = performance.now();
    const limit = { timeoutMs: BOOT_TIMEOUT_MS, intervalMs: 500 };
    await waitFor(`${this.#host.name} answering`, limit, async () => {
      if ((await this.state()) === 'on') return { done: undefined };
      if (performance.now() - pressedAt > this.#pressAgainMs) {
        // Some switches complain when the power is on already.
        await this.#press(line).catch(() => undefined);
        pressedAt = performance.now();
      }
      return { missing: 'it does not answer' };
    });
  }

  /** Of a host that answers. */
  async #booted(): Promise<void> {
    await waitForSystemd(this.#host, { timeoutMs: BOOT_TIMEOUT_MS, accepts: 'degraded' });
  }

  #said(): PowerCommands {
    if (this.#commands) return this.#commands;
    throw new EnvironmentError(this.cannot('off') ?? '');
  }

  async #press(line: string): Promise<void> {
    try {
      await run(line, { timeout: PRESS_TIMEOUT_MS });
    } catch (thrown) {
      throw new HoldfastError(
        `the power switch of ${this.#host.name} does not work: ${asError(thrown).message}`,
        {
          cause: thrown,
          hint: `it is pressed by: ${line}`,
        },
      );
    }
  }
}
