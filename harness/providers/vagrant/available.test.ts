import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EnvironmentError } from '../../core/errors.ts';
import { silentProgress } from '../../core/progress.ts';
import type { Topology } from '../../core/topology.ts';
import { VagrantProvider } from '../vagrant.ts';
import { chooseHypervisor, type Surroundings } from './available.ts';
import { parsePlugins, readableLines, type VagrantProgram } from './command.ts';
import type { Hypervisor } from './hypervisor.ts';
import { Libvirt, parseInterfaces, parseNames } from './libvirt.ts';
import { VirtualBox } from './virtualbox.ts';

const VAGRANT: VagrantProgram = { version: 'Vagrant 2.3.4', plugins: ['vagrant-libvirt'] };
const NO_SOCKET = 'libvirt does not answer at qemu:///system: no such socket';
const NO_VIRTUALBOX = 'VirtualBox is not installed (no VBoxManage)';

interface Here {
  readonly program?: VagrantProgram;
  readonly libvirt?: string;
  readonly virtualbox?: string;
}

function here({ program, libvirt, virtualbox }: Here): Surroundings {
  const with_ = (hypervisor: Hypervisor, reason: string | undefined): Hypervisor =>
    Object.assign(hypervisor, { unavailable: () => Promise.resolve(reason) });
  return {
    findVagrant: () => Promise.resolve(program),
    hypervisors: {
      libvirt: with_(new Libvirt(), libvirt),
      virtualbox: with_(new VirtualBox(), virtualbox),
    },
  };
}

test.each([
  ['nothing', {}, undefined, 'vagrant is not installed'],
  [
    'vagrant alone',
    { program: { ...VAGRANT, plugins: [] }, virtualbox: NO_VIRTUALBOX },
    undefined,
    `vagrant has no plugin for libvirt (vagrant-libvirt); ${NO_VIRTUALBOX}`,
  ],
  [
    'a libvirt that does not run',
    { program: VAGRANT, libvirt: NO_SOCKET, virtualbox: NO_VIRTUALBOX },
    undefined,
    `${NO_SOCKET}; ${NO_VIRTUALBOX}`,
  ],
  [
    'another one than was asked for',
    { program: VAGRANT, virtualbox: NO_VIRTUALBOX },
    'virtualbox',
    NO_VIRTUALBOX,
  ],
] as const)(
  'with %s no machine can be made, and why is said',
  async (_, surroundings: Here, asked, reason) => {
    expect(await chooseHypervisor(asked, here(surroundings))).toEqual({ reason });
  },
);

test('libvirt is taken first, VirtualBox where there is no libvirt or it was asked for', async () => {
  const nameWith = async (asked: 'virtualbox' | undefined, surroundings: Here): Promise<string> => {
    const choice = await chooseHypervisor(asked, here(surroundings));
    return 'hypervisor' in choice ? choice.hypervisor.name : choice.reason;
  };
  expect(await nameWith(undefined, { program: VAGRANT })).toBe('libvirt');
  expect(await nameWith(undefined, { program: VAGRANT, libvirt: NO_SOCKET })).toBe('virtualbox');
  expect(await nameWith('virtualbox', { program: VAGRANT })).toBe('virtualbox');
});

test('a lab that cannot be made is refused before anything is noted, with exit code 4', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-vagrant-'));
  const provider = new VagrantProvider({
    surroundings: here({}),
    folder,
    settings: { box: 'b', memoryMiB: 512, cpus: 1 },
  });
  expect(await provider.unavailable()).toBe('vagrant is not installed');
  const refused = provider.provision({ topology: {} as Topology, runId: 'r', progress: silentProgress });
  await expect(refused).rejects.toThrow(
    'no lab of virtual machines can be made here: vagrant is not installed',
  );
  await expect(refused).rejects.toBeInstanceOf(EnvironmentError);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('plugins are read from what vagrant lists', () => {
  const listed =
    'vagrant-libvirt (0.11.2, system)\nvagrant-hostsupdater (1.2.4, global)\n  - Version Constraint: 1.2.4\n';
  expect(parsePlugins(listed)).toEqual(['vagrant-libvirt', 'vagrant-hostsupdater']);
  expect(parsePlugins('No plugins installed.\n')).toEqual([]);
});

test('of what vagrant writes for terminals the sentences are kept', () => {
  expect(readableLines('\u001B[KProgress: 42% (Rate: 1M/s)\r\u001B[K==> observer: Starting domain.')).toEqual(
    ['==> observer: Starting domain.'],
  );
  expect(readableLines('Progress: 1%')).toEqual([]);
});

test('a machine’s interfaces are read with their networks', () => {
  const listed = ` vnet6       network   holdfast-x1-management   virtio   52:54:00:2d:97:c8
 vnet7       network   holdfast-x1              virtio   52:54:00:b6:51:16
`;
  expect(parseInterfaces(listed)).toEqual([
    { source: 'holdfast-x1-management', mac: '52:54:00:2d:97:c8' },
    { source: 'holdfast-x1', mac: '52:54:00:b6:51:16' },
  ]);
});

test('the line that brings a machine back does nothing to one that runs', () => {
  expect(new Libvirt().lineThatStarts('holdfast-r-m')).toBe(
    [
      'virsh -c qemu:///system domstate holdfast-r-m | grep -qx running',
      'virsh -c qemu:///system resume holdfast-r-m',
      'virsh -c qemu:///system start holdfast-r-m',
    ].join(' || '),
  );
});

test('names are read without the blanks that virsh pads them with', () => {
  expect(parseNames(' default             \n boxes               \n\n')).toEqual(['default', 'boxes']);
});
