// What doctor says about virtual machines: nobody needs them but who asks for the provider `vagrant`.
import { chooseHypervisor, libvirtDriver } from '../providers/vagrant/available.ts';
import type { Finding } from './doctor-finding.ts';

export async function machinesFinding(): Promise<Finding> {
  const base = { requirement: 'Vagrant', required: false } as const;
  const choice = await chooseHypervisor(undefined);
  if ('reason' in choice) {
    return {
      ...base,
      state: 'missing',
      detail: `${choice.reason}: no hosts that are virtual machines (provider vagrant)`,
      fix: 'docs/vagrant.md; as root: apt-get install vagrant vagrant-libvirt libvirt-daemon-system qemu-system-x86 dnsmasq-base, then start libvirtd',
    };
  }
  const { name } = choice.hypervisor;
  if (name === 'libvirt' && (await libvirtDriver()) === 'qemu') {
    const detail =
      'with libvirt; no hardware virtualisation works here, machines are emulated: ten times as slow';
    return { ...base, state: 'limited', detail };
  }
  return { ...base, state: 'ok', detail: `with ${name}` };
}
