// Packet and ARP rules of a fault, in chains of its own, which are laid in one go and taken away by name.
// They stand in the mangle table, which comes before filter: there kube-proxy accepts whatever belongs to a connection
// that it knows, and puts its own jumps first when it starts. Here nothing is accepted before a rule of ours is asked.
import { createHash } from 'node:crypto';
import { spareInArp, spareInRules } from './own-connection.ts';

/** Seen from the host on which the rule stands. */
export type Way = 'in' | 'out';

export interface Drop {
  readonly way: Way;
  /** As iptables(8) writes it; expanded by the host's shell, see `RULE_FUNCTIONS`. */
  readonly match: string;
}

const WAYS: readonly Way[] = ['in', 'out'];
/** What is forwarded is a pod's: it comes in for the pod, or goes out for it. */
const HOOKS = { in: ['INPUT', 'FORWARD'], out: ['OUTPUT', 'FORWARD'] } as const;
const ARP_HOOK = { in: 'INPUT', out: 'OUTPUT' } as const;

/** At most 28 characters: iptables takes no longer name. */
export function chainOf(id: string, way: Way): string {
  return `${chainPrefix(id)}-${way}`;
}

export function chainPrefix(id: string): string {
  return `holdfast-${digestOf(id, 12)}`;
}

/** A part of the fault's id for where a name has to be short. */
export function digestOf(id: string, digits: number): string {
  return createHash('sha256').update(id).digest('hex').slice(0, digits);
}

/**
 * Shell: the interface of the host's own address, as $device. With another address of the host on it (the VIP, a bridge's)
 * it must not be mistaken.
 */
export function findDevice(address: string): string {
  return `${lookForDevice(address)}
[ -n "$device" ] || { echo "${address} is on no interface here" >&2; exit 1; }`;
}

/** Shell: the same; it may be found to be empty. */
export function lookForDevice(address: string): string {
  return `device=$(ip -4 -o address show to ${address}/32 | awk '{ print $2; exit }')`;
}

/**
 * Shell: matches whatever comes from a neighbour, by its link address: packets of its pods, and of the VIP when it holds
 * that, carry other addresses than its own. By its own address where the link address is not known.
 */
export const RULE_FUNCTIONS = `link_of() { ip -4 neigh show to "$1" | sed -n 's/.* lladdr \\([0-9a-f:]*\\).*/\\1/p' | head -n 1; }
from_link() { link=$(link_of "$1"); [ -n "$link" ] && echo "-m mac --mac-source $link" || echo "-s $1"; }
arp_from_link() { link=$(link_of "$1"); [ -n "$link" ] && echo "--source-mac $link" || echo "-s $1"; }`;

/**
 * Shell: all rules take effect at once. Whatever conntrack knows of a packet makes no difference. What FIND_OWN_CONNECTION found
 * is let through.
 */
export function layDrops(id: string, drops: readonly Drop[]): string {
  const ways = WAYS.filter((way) => drops.some((drop) => drop.way === way));
  return [
    'iptables-restore -w --noflush <<RULES',
    '*mangle',
    ...ways.map((way) => `:${chainOf(id, way)} - [0:0]`),
    ...ways.map((way) => spareInRules(chainOf(id, way), way)),
    ...drops.map(({ way, match }) => `-A ${chainOf(id, way)} ${match} -j DROP`),
    ...ways.flatMap((way) => HOOKS[way].map((hook) => `-I ${hook} -j ${chainOf(id, way)}`)),
    'COMMIT',
    'RULES',
  ].join('\n');
}

/** Shell: a host that is cut off must not go on telling others, by ARP, where the VIP is, nor hear it from them. */
export function layArpDrops(id: string, drops: readonly Drop[]): string {
  const ways = WAYS.filter((way) => drops.some((drop) => drop.way === way));
  return [
    ...ways.map((way) => `arptables -N ${chainOf(id, way)}`),
    ...ways.map((way) => spareInArp(chainOf(id, way), way)),
    ...drops.map(({ way, match }) => `arptables -A ${chainOf(id, way)} ${match} -j DROP`),
    ...ways.map((way) => `arptables -I ${ARP_HOOK[way]} -j ${chainOf(id, way)}`),
  ].join('\n');
}

/** Shell, idempotent: removes the fault's chains and what leads to them, and touches nothing else. */
export function clearDrops(id: string): string {
  return clear(id, 'iptables -w -t mangle', 'iptables -w -t mangle -S', HOOKS);
}

/** Shell, idempotent. */
export function clearArpDrops(id: string): string {
  return clear(id, 'arptables', 'arptables-save', { in: [ARP_HOOK.in], out: [ARP_HOOK.out] });
}

/** A listing that fails makes the undo fail, which is then tried again: it must not pass for an empty one. */
function clear(
  id: string,
  command: string,
  listing: string,
  hooks: Readonly<Record<Way, readonly string[]>>,
): string {
  const removals = WAYS.flatMap((way) => {
    const chain = chainOf(id, way);
    const jumps = hooks[way].map((hook) =>
      when(`-A ${hook} -j ${chain} `, `${command} -D ${hook} -j ${chain}`),
    );
    return [...jumps, when(`${chain} `, `${command} -F ${chain}; ${command} -X ${chain}`)];
  });
  const listed = `rules=$(${listing})\nrules=$(printf '%s\\n' "$rules" | sed 's/$/ /')`;
  return [listed, ...removals].join('\n');

  function when(line: string, removal: string): string {
    return `case $rules in *'${line}'*) ${removal} ;; esac`;
  }
}

/** Shell: a line for each rule of the fault's that drops: "in 12" for twelve packets dropped on their way in. */
export function countDrops(id: string): string {
  const counted = `sed -n 's/^\\[\\([0-9]*\\):[0-9]*\\] -A ${chainPrefix(id)}-\\([a-z]*\\) .*-j DROP.*/\\2 \\1/p'`;
  return `{ iptables-save -c -t mangle; arptables-save -c; } 2> /dev/null | ${counted}`;
}

/** @param counts as printed by `countDrops` */
export function droppedIn(counts: string, way: Way): number {
  return counts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([counted]) => counted === way)
    .reduce((sum, [, packets]) => sum + Number(packets), 0);
}
