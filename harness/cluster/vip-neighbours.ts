// Who would send to which host when it writes to the VIP. After two masters have held it, the one that keeps it has nothing to
// announce, and who sent to the other may go on for ever: that host forwards what comes for an address which it no longer
// has, so that handshakes are answered and confirm the entry (arp(7)), and drops whatever follows as part of no connection
// that it knows (kube-proxy, "ctstate INVALID").
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { readLinkAddresses } from './link-addresses.ts';

const TIMEOUT_MS = 10_000;

export interface Misled {
  /** The one master that holds the VIP. */
  readonly holder: string;
  /** Hosts, and the observer, whose ARP entry for the VIP names another. */
  readonly hosts: readonly string[];
}

/** @param holder name of the one master that holds the VIP */
export async function misledHosts(lab: Lab, holder: string): Promise<readonly string[]> {
  const link = (await readLinkAddresses([lab.host(holder)]))[holder];
  const others = [...lab.hosts, lab.observer].filter(({ name }) => name !== holder);
  const found = await Promise.all(
    others.map(async (host) => (((await entryOf(host, lab)) ?? link) === link ? [] : [host.name])),
  );
  return found.flat();
}

/** Takes the entries away: the next packet asks anew. */
export async function forgetNeighbours(lab: Lab, hosts: readonly string[]): Promise<void> {
  const { address } = lab.descriptor.topology.vip;
  await Promise.all(
    [...lab.hosts, lab.observer]
      .filter(({ name }) => hosts.includes(name))
      .map((host) => host.run(['ip', '-4', 'neigh', 'flush', 'to', address], { timeoutMs: TIMEOUT_MS })),
  );
}

/** Link-layer address in lower case; undefined where there is no entry, or none that leads anywhere. */
async function entryOf(host: Host, { descriptor }: Lab): Promise<string | undefined> {
  const argv = ['ip', '-4', '-o', 'neigh', 'show', 'to', descriptor.topology.vip.address];
  const { stdout } = await host.run(argv, { timeoutMs: TIMEOUT_MS });
  return / FAILED/.test(stdout) ? undefined : / lladdr (\S+)/.exec(stdout)?.[1]?.toLowerCase();
}
