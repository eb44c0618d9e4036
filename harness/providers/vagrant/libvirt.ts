// libvirt, asked with virsh: in libvirt's words a machine is a domain, and a power cut destroys it (its disk stays).
import { CommandError, EnvironmentError } from '../../core/errors.ts';
import { shellQuote, type PowerState } from '../../core/host.ts';
import { hasProgram, runLocal, type LocalRunOptions } from '../../hosts/local.ts';
import type { Hypervisor, LabNames } from './hypervisor.ts';

const URI = 'qemu:///system';
/** To write a machine's memory to its disk takes as long as the disk does. */
const SNAPSHOT_TIMEOUT_MS = 180_000;

const STATES: Readonly<Record<string, PowerState>> = {
  running: 'on',
  idle: 'on',
  'in shutdown': 'on',
  paused: 'frozen',
  pmsuspended: 'frozen',
  'shut off': 'off',
  crashed: 'off',
};

export class Libvirt implements Hypervisor {
  readonly name = 'libvirt';

  async unavailable(): Promise<string | undefined> {
    if (!(await hasProgram('virsh'))) return 'libvirt is not installed (no virsh)';
    if (!(await hasProgram('qemu-system-x86_64'))) return 'QEMU is not installed (no qemu-system-x86_64)';
    try {
      await virsh(['version'], { timeoutMs: 15_000 });
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown;
      const said = (thrown.failure.stderr.trim().split('\n').at(-1) ?? '').replace(/^error: /, '');
      return `libvirt does not answer at ${URI}: ${said || thrown.message}`;
    }
  }

  async state(machine: string): Promise<PowerState> {
    const said = await this.#of(machine, ['domstate', machine]);
    const state = STATES[said.trim()];
    if (state) return state;
    throw new EnvironmentError(`libvirt says of ${machine} that it is "${said.trim()}"`);
  }

  async cut(machine: string): Promise<void> {
    await this.#unlessSoAlready('off', machine, ['destroy', machine]);
  }

  async start(machine: string): Promise<void> {
    await this.#unlessSoAlready('on', machine, ['start', machine]);
  }

  async pause(machine: string): Promise<void> {
    if ((await this.state(machine)) === 'frozen') return;
    await this.#unlessSoAlready('frozen', machine, ['suspend', machine]);
  }

  async resume(machine: string): Promise<void> {
    if ((await this.state(machine)) !== 'frozen') return;
    await this.#unlessSoAlready('on', machine, ['resume', machine]);
  }

  async plug(machine: string, network: string, link: 'up' | 'down'): Promise<void> {
    const interfaces = parseInterfaces(await this.#of(machine, ['domiflist', machine]));
    const found = interfaces.find((one) => one.source === network);
    if (!found) throw new EnvironmentError(`${machine} has no interface on the network ${network}`);
    await this.#of(machine, ['domif-setlink', machine, found.mac, link]);
  }

  async snapshot(machine: string, label: string): Promise<void> {
    const earlier = await named(['snapshot-list', machine, '--name'], (name) => name === label);
    for (const name of earlier) await virsh(['snapshot-delete', machine, name]);
    await virsh(['snapshot-create-as', machine, label], { timeoutMs: SNAPSHOT_TIMEOUT_MS });
  }

  async restore(machine: string, label: string): Promise<void> {
    await virsh(['snapshot-revert', machine, label, '--running', '--force'], {
      timeoutMs: SNAPSHOT_TIMEOUT_MS,
    });
  }

  lineThatStarts(machine: string): string {
    const ask = (...words: readonly string[]): string => shellQuote(['virsh', '-c', URI, ...words, machine]);
    return `${ask('domstate')} | grep -qx running || ${ask('resume')} || ${ask('start')}`;
  }

  async sweep({ prefix, network }: LabNames): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const machine of await named(['list', '--all', '--name'], (name) => name.startsWith(prefix))) {
      if ((await this.state(machine)) !== 'off') await this.cut(machine);
      await virsh(['undefine', machine, '--remove-all-storage', '--snapshots-metadata', '--managed-save']);
      removed.push(`machine ${machine}`);
    }
    for (const pool of await named(['pool-list', '--name'], () => true)) {
      const volumes = parseVolumes((await virsh(['vol-list', pool])).stdout);
      for (const volume of volumes.filter((name) => name.startsWith(prefix))) {
        await virsh(['vol-delete', '--pool', pool, volume]);
        removed.push(`disk ${volume}`);
      }
    }
    const ofLab = (name: string): boolean => name === network || name.startsWith(`${network}-`);
    for (const name of await named(['net-list', '--all', '--name'], ofLab)) {
      await virsh(['net-destroy', name], { acceptExitCodes: [0, 1] });
      await virsh(['net-undefine', name]);
      removed.push(`network ${name}`);
    }
    return removed;
  }

  /** libvirt refuses what is so already with the same exit code as everything else. */
  async #unlessSoAlready(wanted: PowerState, machine: string, argv: readonly string[]): Promise<void> {
    try {
      await this.#of(machine, argv);
    } catch (thrown) {
      if ((await this.state(machine)) !== wanted) throw thrown;
    }
  }

  async #of(machine: string, argv: readonly string[]): Promise<string> {
    try {
      return (await virsh(argv)).stdout;
    } catch (thrown) {
      if (!(thrown instanceof CommandError) || !/failed to get domain/i.test(thrown.failure.stderr))
        throw thrown;
      throw new EnvironmentError(`the machine ${machine} does not exist any more`, {
        cause: thrown,
        hint: 'holdfast down, then holdfast up',
      });
    }
  }
}

interface DomainInterface {
  readonly source: string;
  readonly mac: string;
}

/** `virsh domiflist`: Interface, Type, Source, Model, MAC under a rule of dashes. */
export function parseInterfaces(text: string): readonly DomainInterface[] {
  return text.split('\n').flatMap((line) => {
    const [, , source = '', , mac = ''] = line.trim().split(/\s+/);
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac) ? [{ source, mac }] : [];
  });
}

/** `virsh … --name`, one a line; those of pools are padded to one width. */
export function parseNames(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((name) => name !== '');
}

/** `virsh vol-list`: Name and Path under a rule of dashes. */
function parseVolumes(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', path = ''] = line.trim().split(/\s+/);
    return path.startsWith('/') ? [name] : [];
  });
}

async function named(argv: readonly string[], wanted: (name: string) => boolean): Promise<readonly string[]> {
  return parseNames((await virsh(argv)).stdout).filter(wanted);
}

function virsh(argv: readonly string[], options: LocalRunOptions = {}): Promise<{ readonly stdout: string }> {
  return runLocal(['virsh', '--quiet', '--connect', URI, ...argv], {
    ...options,
    // Its words are read.
    env: { LC_ALL: 'C' },
  });
}
