import { expect, test } from 'vitest';
import { TWO_HOSTS } from '../testing/two-hosts.ts';
import { firstFree } from './management.ts';
import { machinePlan } from './plan.ts';
import type { VagrantSettings } from './settings.ts';

const topology = TWO_HOSTS;
const settings: VagrantSettings = { box: 'centos/7', memoryMiB: 2048, cpus: 1 };
const choices = { hypervisor: 'libvirt', driver: 'kvm', managementAddress: '192.168.200.0/24' } as const;

test('what vagrant is handed has every machine with its address, and the names of one run', () => {
  expect(machinePlan({ runId: 'r1', topology }, settings, choices)).toEqual({
    hypervisor: 'libvirt',
    box: 'centos/7',
    memoryMiB: 2048,
    cpus: 1,
    bootTimeoutS: 300,
    prefix: 'holdfast-r1-',
    network: { name: 'holdfast-r1', netmask: '255.255.254.0' },
    libvirt: {
      driver: 'kvm',
      cpuMode: 'host-passthrough',
      managementNetwork: 'holdfast-r1-management',
      managementAddress: '192.168.200.0/24',
    },
    machines: [
      { name: '10-10-102-91.master', address: '10.10.102.91' },
      { name: '10-10-103-96.node', address: '10.10.103.96' },
      { name: 'observer', address: '10.10.103.200' },
    ],
  });
});

test('an emulated machine has a processor that can be emulated, and longer to boot', () => {
  const plan = machinePlan({ runId: 'r1', topology }, settings, { ...choices, driver: 'qemu' });
  expect(plan.libvirt).toMatchObject({ driver: 'qemu', cpuMode: 'maximum' });
  expect(plan.bootTimeoutS).toBe(900);
});

test('a box that is a file is handed over with its address', () => {
  const own = { ...settings, box: 'holdfast/debian', boxUrl: 'file:///var/debian.box' };
  expect(machinePlan({ runId: 'r1', topology }, own, choices)).toMatchObject({
    box: 'holdfast/debian',
    boxUrl: 'file:///var/debian.box',
  });
});

test('the management network is the first that nobody has', () => {
  expect(firstFree(['10.0.0.0/8'])).toBe('192.168.200.0/24');
  expect(firstFree(['192.168.200.128/25', '192.168.201.1/32'])).toBe('192.168.202.0/24');
  expect(() => firstFree(['192.168.0.0/16'])).toThrow('every network from 192.168.200.0/24 to');
});
