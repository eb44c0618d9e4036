// VirtualBox, asked with VBoxManage. Written after its manual and its output's format: nobody here has one to try it on.
import { CommandError, EnvironmentError } from '../../core/errors.ts';
import { shellQuote, type PowerState } from '../../core/host.ts';
import { hasProgram, runLocal, type LocalRunOptions } from '../../hosts/local.ts';
import type { Hypervisor, LabNames } from './hypervisor.ts';

const SNAPSHOT_TIMEOUT_MS = 180_000;
/** The adapter on the lab's network: vagrant's own is the first. */
const LAB_ADAPTER = 2;

const STATES: Readonly<Record<string, PowerState>> = {
  running: 'on',
  starting: 'on',
  stopping: 'on',
  restoring: 'on',
  paused: 'frozen',
  poweroff: 'off',
  aborted: 'off',
  saved: 'off',
};

export class VirtualBox implements Hypervisor {
  readonly name = 'virtualbox';

  async unavailable(): Promise<string | undefined> {
    if (!(await hasProgram('VBoxManage'))) return 'VirtualBox is not installed (no VBoxManage)';
    try {
      // It warns on its output when its kernel modules are not loaded, and ends well all the same.
      const { stdout } = await manage(['--version'], { timeoutMs: 15_000 });
      const warning = stdout.split('\n').find((line) => line.startsWith('WARNING:'));
      return warning === undefined ? undefined : `VirtualBox does not work: ${warning.slice(9)}`;
    } catch (thrown) {
      if (thrown instanceof CommandError) return `VirtualBox does not answer: ${thrown.message}`;
      throw thrown;
    }
  }

  async state(machine: string): Promise<PowerState> {
    const { stdout } = await this.#info(machine);
    const said = /^VMState="([^"]+)"$/m.exec(stdout)?.[1] ?? 'nothing';
    const state = STATES[said];
    if (state) return state;
    throw new EnvironmentError(`VirtualBox says of ${machine} that it is "${said}"`);
  }

  async cut(machine: string): Promise<void> {
    await this.#unless('off', machine, ['controlvm', machine, 'poweroff']);
  }

  async start(machine: string): Promise<void> {
    await this.#unless('on', machine, ['startvm', machine, '--type', 'headless']);
  }

  async pause(machine: string): Promise<void> {
    await this.#unless('frozen', machine, ['controlvm', machine, 'pause']);
  }

  async resume(machine: string): Promise<void> {
    if ((await this.state(machine)) === 'frozen') await manage(['controlvm', machine, 'resume']);
  }

  async plug(machine: string, network: string, link: 'up' | 'down'): Promise<void> {
    const { stdout } = await this.#info(machine);
    if (!stdout.includes(`intnet${LAB_ADAPTER}="${network}"`)) {
      throw new EnvironmentError(`${machine} has no interface on the network ${network}`);
    }
    await manage(['controlvm', machine, `setlinkstate${LAB_ADAPTER}`, link === 'up' ? 'on' : 'off']);
  }

  async snapshot(machine: string, label: string): Promise<void> {
    const { stdout } = await manage(['snapshot', machine, 'list', '--machinereadable'], {
      acceptExitCodes: [0, 1],
    });
    if (stdout.includes(`="${label}"`)) await manage(['snapshot', machine, 'delete', label]);
    await manage(['snapshot', machine, 'take', label, '--live'], { timeoutMs: SNAPSHOT_TIMEOUT_MS });
  }

  /** It restores only what has no power, and starts it from the memory that is in the snapshot. */
  async restore(machine: string, label: string): Promise<void> {
    await this.cut(machine);
    await manage(['snapshot', machine, 'restore', label], { timeoutMs: SNAPSHOT_TIMEOUT_MS });
    await this.start(machine);
  }

  lineThatStarts(machine: string): string {
    const ask = (...words: readonly string[]): string => shellQuote(['VBoxManage', ...words]);
    const isOn = `${ask('showvminfo', machine, '--machinereadable')} | grep -q '^VMState="running"'`;
    const start = ask('startvm', machine, '--type', 'headless');
    return `${isOn} || ${ask('controlvm', machine, 'resume')} || ${start}`;
  }

  /** Internal networks of VirtualBox are gone with the last machine on them. */
  async sweep({ prefix }: LabNames): Promise<readonly string[]> {
    const { stdout } = await manage(['list', 'vms']);
    const machines = [...stdout.matchAll(/^"([^"]+)"/gm)].flatMap(([, name = '']) =>
      name.startsWith(prefix) ? [name] : [],
    );
    for (const machine of machines) {
      await this.cut(machine);
      await manage(['unregistervm', machine, '--delete']);
    }
    return machines.map((machine) => `machine ${machine}`);
  }

  async #unless(wanted: PowerState, machine: string, argv: readonly string[]): Promise<void> {
    if ((await this.state(machine)) === wanted) return;
    await manage(argv);
  }

  async #info(machine: string): Promise<{ readonly stdout: string }> {
    try {
      return await manage(['showvminfo', machine, '--machinereadable']);
    } catch (thrown) {
      if (!(thrown instanceof CommandError) || !thrown.failure.stderr.includes('VBOX_E_OBJECT_NOT_FOUND')) {
        throw thrown;
      }
      throw new EnvironmentError(`the machine ${machine} does not exist any more`, {
        cause: thrown,
        hint: 'holdfast down, then holdfast up',
      });
    }
  }
}

function manage(
  argv: readonly string[],
  options: LocalRunOptions = {},
): Promise<{ readonly stdout: string }> {
  return runLocal(['VBoxManage', ...argv], options);
}
