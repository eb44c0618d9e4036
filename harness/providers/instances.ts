// Addresses of labs that stand side by side: instance n is the topology with its second octet raised by n.
import ipaddr from 'ipaddr.js';
import { UsageError } from '../core/errors.ts';
import type { Topology } from '../core/topology.ts';

/** A network that something on this machine holds already. */
export interface TakenNetwork {
  readonly cidr: string;
  /** Who holds it, as a noun: "the network holdfast-x of run x", "the route of eth0". */
  readonly holder: string;
}

/**
 * The topology with every address of the lab network raised by 0.instance.0.0. Pod and service networks stay: they
 * exist only inside the hosts. @throws UsageError when an address leaves the range of IPv4's second octet
 */
export function shiftTopology(topology: Topology, instance: number): Topology {
  const shift = (address: string): string => shiftAddress(address, instance);
  const [networkAddress = '', prefixLength = ''] = topology.network.split('/');
  return {
    ...topology,
    network: `${shift(networkAddress)}/${prefixLength}`,
    vip: { ...topology.vip, address: shift(topology.vip.address) },
    hosts: topology.hosts.map((host) => ({ ...host, address: shift(host.address) })),
    observer: { ...topology.observer, address: shift(topology.observer.address) },
  };
}

/** How many instances fit above the topology's own addresses, itself included. */
export function instanceCount(topology: Topology): number {
  return 256 - secondOctet(topology.network);
}

function shiftAddress(address: string, instance: number): string {
  const octets = ipaddr.IPv4.parse(address).octets;
  const second = (octets[1] ?? 0) + instance;
  if (!Number.isInteger(instance) || instance < 0 || second > 255) {
    throw new UsageError(`instance ${instance} would shift ${address} to a second octet of ${second}`, {
      hint: `instances go from 0 to ${255 - (octets[1] ?? 0)}`,
    });
  }
  return octets.with(1, second).join('.');
}

function secondOctet(cidr: string): number {
  return ipaddr.IPv4.parseCIDR(cidr)[0].octets[1] ?? 0;
}

/** Whether two IPv4 networks in CIDR notation share an address. */
export function networksOverlap(one: string, other: string): boolean {
  const [a, aLength] = ipaddr.IPv4.parseCIDR(one);
  const [b, bLength] = ipaddr.IPv4.parseCIDR(other);
  return a.match(b, Math.min(aLength, bLength));
}

/** The last usable address of an IPv4 network: where the seed's network keeps no host. */
export function gatewayOf(cidr: string): string {
  const octets = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).octets;
  return octets.with(3, (octets[3] ?? 0) - 1).join('.');
}

/**
 * Instances to try, in order: the fixed one only, or every one whose network nobody holds.
 * @throws UsageError naming the holder when there is none
 */
export function instancesToTry(
  topology: Topology,
  taken: readonly TakenNetwork[],
  fixed: number | undefined,
): readonly number[] {
  const candidates =
    fixed === undefined ? Array.from({ length: instanceCount(topology) }, (_, n) => n) : [fixed];
  const holderOf = (instance: number): TakenNetwork | undefined => {
    const { network } = shiftTopology(topology, instance);
    return taken.find(({ cidr }) => networksOverlap(network, cidr));
  };
  const free = candidates.filter((instance) => holderOf(instance) === undefined);
  const [first = 0] = candidates;
  const holder = holderOf(first);
  if (free.length === 0 && holder) throw takenError(shiftTopology(topology, first).network, fixed, holder);
  return free;
}

function takenError(network: string, fixed: number | undefined, { cidr, holder }: TakenNetwork): UsageError {
  return fixed === undefined
    ? new UsageError(
        `no instance of the lab network is free: ${network} overlaps ${cidr}, held by ${holder}`,
        {
          hint: 'choose another network in the topology',
        },
      )
    : new UsageError(`instance ${fixed} needs ${network}, which overlaps ${cidr}, held by ${holder}`, {
        hint: 'leave the instance out to get the first free one, or end what holds the network',
      });
}
