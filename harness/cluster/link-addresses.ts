// The hosts' interfaces: which of them has the host's address, and what ARP names it by.
import type { Host } from '../core/host.ts';

/** A bridge or the loopback may hold other addresses; a virtual machine's first interface is not the cluster's. */
const DEVICE = 'ip -o -4 address show to "$1/32" | awk \'{ print $2; exit }\'';
const LINK_ADDRESS = `cat "/sys/class/net/$(${DEVICE})/address"`;
const TIMEOUT_MS = 10_000;

/**
 * The interface that has the host's own address.
 * @throws CommandError when the host does not answer; Error when no interface has it
 */
export async function addressedInterface(host: Host, signal?: AbortSignal): Promise<string> {
  const argv = ['sh', '-c', DEVICE, 'sh', host.address];
  const { stdout } = await host.run(argv, { timeoutMs: TIMEOUT_MS, ...(signal && { signal }) });
  const device = stdout.trim();
  if (device !== '') return device;
  throw new Error(`no interface of ${host.name} has its address ${host.address}`);
}

/**
 * Host → address, lower case with colons.
 * @throws CommandError when a host does not answer or holds its address on no interface
 */
export async function readLinkAddresses(hosts: readonly Host[]): Promise<Readonly<Record<string, string>>> {
  const entries = hosts.map(async (host) => {
    const argv = ['sh', '-c', LINK_ADDRESS, 'sh', host.address];
    const { stdout } = await host.run(argv, { timeoutMs: TIMEOUT_MS });
    return [host.name, stdout.trim().toLowerCase()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
