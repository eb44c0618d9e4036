// Which hypervisor the machines of a lab get, or why they can get none.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLocal } from '../../hosts/local.ts';
import { findVagrant, type VagrantProgram } from './command.ts';
import type { Hypervisor } from './hypervisor.ts';
import { Libvirt } from './libvirt.ts';
import type { HypervisorName, LibvirtDriver } from './settings.ts';
import { VirtualBox } from './virtualbox.ts';

/** What is looked at; a test says it. */
export interface Surroundings {
  findVagrant(): Promise<VagrantProgram | undefined>;
  readonly hypervisors: Readonly<Record<HypervisorName, Hypervisor>>;
}

const PLUGIN = 'vagrant-libvirt';
const KVM_TIMEOUT_MS = 10_000;

export function thisMachine(): Surroundings {
  return { findVagrant, hypervisors: { libvirt: new Libvirt(), virtualbox: new VirtualBox() } };
}

export type Choice = { readonly hypervisor: Hypervisor } | { readonly reason: string };

/** @param asked the hypervisor that the user wants; absent: libvirt first */
export async function chooseHypervisor(
  asked: HypervisorName | undefined,
  surroundings: Surroundings = thisMachine(),
): Promise<Choice> {
  const program = await surroundings.findVagrant();
  if (!program) return { reason: 'vagrant is not installed' };
  const reasons: string[] = [];
  for (const name of asked ? [asked] : (['libvirt', 'virtualbox'] as const)) {
    const hypervisor = surroundings.hypervisors[name];
    const reason =
      name === 'libvirt' && !program.plugins.includes(PLUGIN)
        ? `vagrant has no plugin for libvirt (${PLUGIN})`
        : await hypervisor.unavailable();
    if (reason === undefined) return { hypervisor };
    reasons.push(reason);
  }
  return { reason: reasons.join('; ') };
}

/**
 * Hardware virtualisation, where it works; else emulation in software. A /dev/kvm that is there says little: inside other
 * virtual machines it may lack what any guest needs. So a guest of one instruction is run, on QEMU's plainest processor.
 */
export async function libvirtDriver(): Promise<LibvirtDriver> {
  if (!existsSync('/dev/kvm')) return 'qemu';
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-kvm-'));
  try {
    const disk = join(folder, 'disk');
    await writeFile(disk, bootSector());
    const { exitCode } = await runLocal(
      [
        ...['qemu-system-x86_64', '-machine', 'pc,accel=kvm', '-cpu', 'qemu64,enforce', '-m', '16'],
        ...['-display', 'none', '-nodefaults', '-no-reboot', '-drive', `file=${disk},format=raw,if=ide`],
        ...['-device', `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`],
      ],
      { timeoutMs: KVM_TIMEOUT_MS, acceptExitCodes: Array.from({ length: 256 }, (_, code) => code) },
    );
    return exitCode === EXIT_CODE ? 'kvm' : 'qemu';
  } catch {
    return 'qemu';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const EXIT_PORT = 0xf4;
const SAID = 0x10;
/** What QEMU's isa-debug-exit makes of a byte that is written to it. */
const EXIT_CODE = (SAID << 1) | 1;

/** mov al, SAID; out EXIT_PORT, al; hlt */
function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([0xb0, SAID, 0xe6, EXIT_PORT, 0xf4]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}
