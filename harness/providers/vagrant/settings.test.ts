import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vagrantSettings } from './settings.ts';

test("without a word the box is the seed's, and the hypervisor is looked for", () => {
  expect(vagrantSettings({})).toEqual({ box: 'centos/7', memoryMiB: 2048, cpus: 1 });
});

test('what the environment says is taken', () => {
  expect(
    vagrantSettings({
      HOLDFAST_VAGRANT_BOX: 'debian/bookworm64',
      VAGRANT_DEFAULT_PROVIDER: 'virtualbox',
      HOLDFAST_VAGRANT_DRIVER: 'qemu',
      HOLDFAST_VAGRANT_MEMORY_MIB: '512',
      HOLDFAST_VAGRANT_CPUS: '2',
    }),
  ).toEqual({ box: 'debian/bookworm64', hypervisor: 'virtualbox', driver: 'qemu', memoryMiB: 512, cpus: 2 });
});

test('a box that is a file is known by its name, and found by its path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-box-'));
  const path = join(folder, 'debian-0f3a.box');
  writeFileSync(path, '');
  expect(vagrantSettings({ HOLDFAST_VAGRANT_BOX: path })).toMatchObject({
    box: 'holdfast/debian-0f3a',
    boxUrl: `file://${path}`,
  });
  rmSync(folder, { recursive: true });
  expect(() => vagrantSettings({ HOLDFAST_VAGRANT_BOX: path })).toThrow(`there is no box ${path}`);
});

test.each([
  ['VAGRANT_DEFAULT_PROVIDER', 'vmware', 'libvirt or virtualbox'],
  ['HOLDFAST_VAGRANT_DRIVER', 'xen', 'kvm or qemu'],
  ['HOLDFAST_VAGRANT_MEMORY_MIB', 'much', 'a whole number of MiB, such as 2048'],
  ['HOLDFAST_VAGRANT_MEMORY_MIB', '64', 'at least 256 MiB, such as 2048'],
  ['HOLDFAST_VAGRANT_CPUS', '1.5', 'a whole number of cores, such as 2'],
])('%s=%s is refused, and what was expected is said', (name, value, expected) => {
  expect(() => vagrantSettings({ [name]: value })).toThrow(`${name} says "${value}": expected ${expected}`);
});
