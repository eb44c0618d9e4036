// The lab of virtual machines that all tests share, and what this machine knows of it from outside.
import { readFile } from 'node:fs/promises';
import { loadTopology } from '../../harness/cluster/topology.ts';
import type { ProgressListener } from '../../harness/core/progress.ts';
import { hostsWithRole, type Topology } from '../../harness/core/topology.ts';
import { runLocal } from '../../harness/hosts/local.ts';

export const RUN_ID = 'machines';
const LOG_FOLDER = '/var/log/libvirt/qemu';
const OUTPUT_INTERVAL_MS = 20_000;

/** Two masters, and the observer in the other half of the network: a netmask of 24 bits would part them. */
export function topologyUnderTest(machines = process.env['VAGRANT_TEST_MACHINES']): Topology {
  const { topology } = loadTopology('seed');
  if (machines === 'five') return topology;
  const [first, second] = hostsWithRole(topology, 'master');
  if (!first || !second) throw new Error('the seed has three masters');
  return { ...topology, name: 'two-masters', hosts: [first, second] };
}

export const isEmulated = process.env['HOLDFAST_VAGRANT_DRIVER'] !== 'kvm';

export function machineName(host: string): string {
  return `holdfast-${RUN_ID}-${host}`;
}

/** What QEMU and libvirt wrote of a machine: when it was started, and why it ended. */
export function machineLog(host: string): Promise<string> {
  return readFile(`${LOG_FOLDER}/${machineName(host)}.log`, 'utf8');
}

export async function virsh(...argv: readonly string[]): Promise<string> {
  return (await runLocal(['virsh', '--quiet', '--connect', 'qemu:///system', ...argv])).stdout.trim();
}

/** All that libvirt and this machine have of any lab. */
export async function remains(): Promise<readonly string[]> {
  const [machines, networks, volumes, processes, links] = await Promise.all([
    virsh('list', '--all', '--name'),
    virsh('net-list', '--all', '--name'),
    virsh('vol-list', 'default'),
    runLocal(['pgrep', '--full', '--list-full', 'qemu-system|dnsmasq|holdfast-watchdog'], {
      acceptExitCodes: [0, 1],
    }),
    runLocal(['ip', '-oneline', 'link', 'show']),
  ]);
  const lines = [machines, networks, processes.stdout, ...volumes.split('\n'), ...links.stdout.split('\n')]
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim());
  // The box's own image is kept, as vagrant keeps boxes; the loopback was there before.
  return lines.filter(
    (line) => line !== '' && !line.includes('_vagrant_box_image_') && !/^\d+: lo: /.test(line),
  );
}

export function spokenProgress(say: (line: string) => void): ProgressListener {
  let saidAt = 0;
  return {
    started: (task) => say(`${task} …`),
    output: (task, line) => {
      if (performance.now() - saidAt < OUTPUT_INTERVAL_MS) return;
      saidAt = performance.now();
      say(`${task}: ${line}`);
    },
    finished: (task, durationMs) => say(`${task}: ${(durationMs / 1000).toFixed(1)} s`),
    failed: (task, _, error) => say(`${task}: ${error.message}`),
  };
}
