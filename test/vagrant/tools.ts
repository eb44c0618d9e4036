// The programs that machines of our own need: installed where that can be done, else named.
import { readFile } from 'node:fs/promises';
import { EnvironmentError } from '../../harness/core/errors.ts';
import { hasProgram, runLocal } from '../../harness/hosts/local.ts';

/** Program → the package of Debian's that has it. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  vagrant: 'vagrant',
  virsh: 'libvirt-clients',
  libvirtd: 'libvirt-daemon-system',
  virtlogd: 'libvirt-daemon-system',
  dnsmasq: 'dnsmasq-base',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  ip: 'iproute2',
  unshare: 'util-linux',
  mmdebstrap: 'mmdebstrap',
  'mkfs.ext4': 'e2fsprogs',
  sfdisk: 'fdisk',
  'grub-mkimage': 'grub-common',
};
/** What has no program to be found by. */
const MORE_PACKAGES = [
  'vagrant-libvirt',
  'libvirt-daemon-driver-qemu',
  'grub-pc-bin',
  'debian-archive-keyring',
];
const APT_TIMEOUT_MS = 600_000;

/**
 * @param say told each step that takes time
 * @throws EnvironmentError that says what is missing, and how it is installed
 */
export async function ensureTools(say: (text: string) => void): Promise<void> {
  const isDebian = /^ID(_LIKE)?=.*debian/m.test(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  if (!isDebian || process.getuid?.() !== 0) {
    throw new EnvironmentError('only root can do this, and only on Debian', {
      hint: 'it makes a network namespace, a box of Debian’s packages, and runs a libvirt of its own',
    });
  }
  const missing = await missingPackages();
  if (missing.length === 0) return;
  say(`installing ${missing.join(' ')}`);
  const startedAt = performance.now();
  try {
    await apt('install', '--no-install-recommends', ...missing).catch(async () => {
      await apt('update');
      await apt('install', '--no-install-recommends', ...missing);
    });
  } catch (thrown) {
    throw new EnvironmentError('what the machines need could not be installed', {
      cause: thrown,
      hint: `apt-get install --no-install-recommends ${missing.join(' ')}`,
    });
  }
  say(`installed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

async function missingPackages(): Promise<readonly string[]> {
  const ofPrograms = await Promise.all(
    Object.entries(PACKAGE_OF).map(async ([program, name]) => ((await hasProgram(program)) ? [] : [name])),
  );
  const others = await Promise.all(
    MORE_PACKAGES.map(async (name) => ((await isInstalled(name)) ? [] : [name])),
  );
  return [...new Set([...ofPrograms, ...others].flat())];
}

async function isInstalled(name: string): Promise<boolean> {
  const argv = ['dpkg-query', '--show', '--showformat', '${db:Status-Status}', name];
  return (await runLocal(argv, { acceptExitCodes: [0, 1] })).stdout === 'installed';
}

async function apt(...words: readonly string[]): Promise<void> {
  await runLocal(['apt-get', '-q', '-y', ...words], {
    timeoutMs: APT_TIMEOUT_MS,
    // Runlevel 1 keeps invoke-rc.d from starting daemons: these tests start their own.
    env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}
