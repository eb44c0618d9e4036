// What vagrant/Vagrantfile is handed: everything that is decided about the machines of a lab, as plain JSON.
import ipaddr from 'ipaddr.js';
import type { LabDescriptor } from '../../core/provider.ts';
import type { HypervisorName, LibvirtDriver, VagrantSettings } from './settings.ts';

export interface MachinePlan {
  readonly hypervisor: HypervisorName;
  readonly box: string;
  readonly boxUrl?: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly bootTimeoutS: number;
  /** Before the names of machines, as the hypervisor knows them. */
  readonly prefix: string;
  /** The lab's own, without anybody else on it. */
  readonly network: { readonly name: string; readonly netmask: string };
  readonly libvirt: {
    readonly driver: LibvirtDriver;
    readonly cpuMode: string;
    /** Over which vagrant reaches the machines. */
    readonly managementNetwork: string;
    readonly managementAddress: string;
  };
  /** The cluster's hosts and the observer. */
  readonly machines: readonly { readonly name: string; readonly address: string }[];
}

export interface PlanChoices {
  readonly hypervisor: HypervisorName;
  readonly driver: LibvirtDriver;
  /** CIDR of a network that nobody on this machine has. */
  readonly managementAddress: string;
}

/** A machine that is emulated boots ten times as long. */
const BOOT_TIMEOUT_S = { kvm: 300, qemu: 900 } as const;

export function machinePlan(
  { runId, topology }: Pick<LabDescriptor, 'runId' | 'topology'>,
  settings: VagrantSettings,
  { hypervisor, driver, managementAddress }: PlanChoices,
): MachinePlan {
  const { box, boxUrl, memoryMiB, cpus } = settings;
  const [, prefixLength = ''] = topology.network.split('/');
  return {
    hypervisor,
    box,
    ...(boxUrl !== undefined && { boxUrl }),
    memoryMiB,
    cpus,
    bootTimeoutS: BOOT_TIMEOUT_S[driver],
    prefix: machinePrefix(runId),
    network: {
      name: labNetworkName(runId),
      // Vagrant's own idea of a netmask is a /24, in which not all hosts are.
      netmask: ipaddr.IPv4.subnetMaskFromPrefixLength(Number(prefixLength)).toString(),
    },
    libvirt: {
      driver,
      // What is emulated can be all that the emulator knows; what is not is the processor that is there.
      cpuMode: driver === 'qemu' ? 'maximum' : 'host-passthrough',
      managementNetwork: `${labNetworkName(runId)}-management`,
      managementAddress,
    },
    machines: [...topology.hosts, topology.observer].map(({ name, address }) => ({ name, address })),
  };
}

export function machinePrefix(runId: string): string {
  return `holdfast-${runId}-`;
}

export function labNetworkName(runId: string): string {
  return `holdfast-${runId}`;
}
