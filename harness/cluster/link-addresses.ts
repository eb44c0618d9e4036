// The hosts' interfaces: which of them has the host's own address, and what ARP names it by.
import type { Host } from '../core/host.ts';

/** The interface that holds the host's own address; a bridge or the loopback may hold others. */
const LINK_ADDRESS = `
device=$(ip -o -4 address show to "$1/32" | awk '{ print $2; exit }')
cat "/sys/class/net/$device/address"
`;
const TIMEOUT_MS = 10_000;

/**
 * The interface that has the host's own address: containers have eth0, what machines call theirs depends on where the card sits.
 * @throws CommandError when the host does not answer; Error when no interface has it
 */
export async function addressedInterface(host: Host, signal?: AbortSignal): Promise<string> {
  const argv = ['ip', '-4', '-oneline', 'address', 'show', 'to', `${host.address}/32`];
  const { stdout } = await host.run(argv, { timeoutMs: TIMEOUT_MS, ...(signal && { signal }) });
  // "2: eth0    inet 10.10.102.91/23 brd …"
  const [, device] = /^\d+: (\S+)/.exec(stdout) ?? [];
  if (device === undefined) throw new Error(`${host.name} has no address ${host.address}`);
  return device;
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
