// The Vagrantfile as Vagrant itself judges it, for both hypervisors. VirtualBox cannot be had here: in its place stands a program
// that tells its version and nothing else, which is all that Vagrant asks of it to check the settings of its own provider.
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLocal, type LocalRunOptions } from '../../harness/hosts/local.ts';
import { machinePlan } from '../../harness/providers/vagrant/plan.ts';
import { vagrantSettings } from '../../harness/providers/vagrant/settings.ts';
import { topologyUnderTest } from './lab-under-test.ts';

const VAGRANTFILE = fileURLToPath(new URL('../../vagrant/Vagrantfile', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'vagrantfile-'));

async function validate(hypervisor: string, more: LocalRunOptions = {}): ReturnType<typeof runLocal> {
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    VAGRANT_CWD: folder,
    VAGRANT_DEFAULT_PROVIDER: hypervisor,
  };
  return runLocal(['vagrant', 'validate'], { env, timeoutMs: 120_000, ...more });
}

beforeAll(async () => {
  const standIn = join(folder, 'VBoxManage');
  await writeFile(standIn, '#!/bin/sh\n[ "$1" = --version ] && echo 7.0.12r159484\n');
  await chmod(standIn, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(['libvirt', 'virtualbox'] as const)('with %s', (hypervisor) => {
  const vagrantfile = join(folder, 'Vagrantfile');

  beforeAll(async () => {
    const lab = { runId: 'validated', topology: topologyUnderTest('five') };
    const choices = { hypervisor, driver: 'kvm', managementAddress: '192.168.200.0/24' } as const;
    await copyFile(VAGRANTFILE, vagrantfile);
    await writeFile(join(folder, 'plan.json'), JSON.stringify(machinePlan(lab, vagrantSettings(), choices)));
  });

  test('it is valid', async () => {
    expect((await validate(hypervisor)).stdout).toContain('Vagrantfile validated successfully');
  });

  test('a setting that its provider does not know is found', async () => {
    const text = await readFile(vagrantfile, 'utf8');
    await writeFile(vagrantfile, text.replace(`${hypervisor}.cpus`, `${hypervisor}.nonsense`));
    const { stderr, stdout } = await validate(hypervisor, { acceptExitCodes: [1] });
    expect(stdout + stderr).toMatch(/nonsense/);
  });
});
