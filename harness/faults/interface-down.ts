// A dead interface, and the host knows: the kernel takes the link down and with it the routes that lead there.
import { hasVrrp } from '../core/facts.ts';
import type { Fault, FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { hostsWithRole } from '../core/topology.ts';
import { cutsBetween, cutsInEffect } from './network-cuts.ts';
import { addressOf, machinesOf, ownTargets } from './network-hosts.ts';
import { findDevice } from './network-rules.ts';
import { awake, noneAnswers, refusalOfOwnWay } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';

export const interfaceDown: Fault = onHosts({
  name: 'interface-down',
  summary: "Takes a host's interface down, which the host notices.",
  effect: (plan) => {
    const hosts = ownTargets(plan);
    const cuts = hosts.flatMap((host) => cutsBetween([host], machinesOf(plan.topology)));
    // Without its interface keepalived is in FAULT state: it gives the address away as when it is stopped.
    const masters = hasVrrp(plan.topology)
      ? hostsWithRole(plan.topology, 'master').filter(({ name }) => hosts.includes(name))
      : [];
    return {
      ...cutsInEffect(cuts),
      processesDown: masters.map(({ name }) => ({ host: name, process: 'keepalived', how: 'stopped' })),
    };
  },
  unavailable: (call) => refusalOfOwnWay(call, ownTargets(call)),
  deeds: (plan) =>
    ownTargets(plan).map((host) => {
      const vip = plan.topology.vip.address;
      return {
        host,
        deed: `${findDevice(addressOf(plan.topology, host))}
${rememberNetwork(plan.id, vip)}
ip link set dev "$device" down`,
        undo: restoreNetwork(plan.id),
      };
    }),
  evidence: async (call) => {
    const others = await awake(
      call,
      machinesOf(call.topology).filter((name) => !call.targets.includes(name)),
    );
    const pings = others.map((other) => noneAnswers(call, other, call.targets));
    const links = call.targets.map((host) => linkSays(call, host));
    return Promise.all([...links, ...pings]);
  },
});

/** In /run: after a reboot the host has its network from whoever configures it at boot, and there is nothing to restore. */
function keptNetwork(id: string): string {
  return `/run/holdfast-${id}.network`;
}

/**
 * Shell; needs $device. What leads to the VIP, or from it, is keepalived's. Routes through no gateway come first, as those
 * with one need them. The file is there whole or not at all.
 */
function rememberNetwork(id: string, vip: string): string {
  const file = keptNetwork(id);
  const notVip = `grep -Fv ' ${vip}/' | grep -Fvw 'src ${vip}'`;
  return `{
  echo "$device"
  ip -4 -o address show dev "$device" | sed -n 's/.* inet \\([^ ]*\\)\\( brd [^ ]*\\)\\{0,1\\} .*/address \\1\\2/p' | { ${notVip} || true; }
  ip -4 route show dev "$device" scope link | sed 's/^/route /' | { ${notVip} || true; }
  ip -4 route show dev "$device" scope global | sed 's/^/route /' | { ${notVip} || true; }
} > ${file}.new
mv ${file}.new ${file}`;
}

/** Shell, idempotent: what is there already stays as it is. */
function restoreNetwork(id: string): string {
  const file = keptNetwork(id);
  return `if [ -e ${file} ]; then
  { read -r device
    ip link set dev "$device" up
    while read -r what rest; do
      set -- $rest
      case $what in
        address) [ -n "$(ip -4 -o address show dev "$device" to "$1")" ] || ip address add "$@" dev "$device" ;;
        route) ip route replace "$@" dev "$device" ;;
      esac
    done
  } < ${file}
  rm -f ${file}
fi`;
}

async function linkSays({ lab, topology }: FaultCall, host: string): Promise<Evidence> {
  const script = `${findDevice(addressOf(topology, host))}\nip -o link show dev "$device"`;
  const { stdout } = await lab.host(host).run(['sh', '-c', script], { timeoutMs: 10_000 });
  const isUp = /[<,]UP[,>]/.test(stdout);
  return {
    witness: `kernel of ${host}`,
    holds: !isUp,
    detail: `its interface is ${isUp ? 'up' : 'down'}`,
  };
}
