// The hosts' link-layer addresses: what ARP names them by.
import type { Host } from '../core/host.ts';

/** The interface that holds the host's own address; a bridge or the loopback may hold others. */
const LINK_ADDRESS = `
device=$(ip -o -4 address show to "$1/32" | awk '{ print $2; exit }')
cat "/sys/class/net/$device/address"
`;

/**
 * Host → address, lower case with colons.
 * @throws CommandError when a host does not answer or holds its address on no interface
 */
export async function readLinkAddresses(hosts: readonly Host[]): Promise<Readonly<Record<string, string>>> {
  const entries = hosts.map(async (host) => {
    const argv = ['sh', '-c', LINK_ADDRESS, 'sh', host.address];
    const { stdout } = await host.run(argv, { timeoutMs: 10_000 });
    return [host.name, stdout.trim().toLowerCase()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
