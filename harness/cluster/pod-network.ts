// The network plugin: the standard CNI plugins `bridge` and `host-local` on every host, and a route to each
// other host's pods. Static and per host, so that a host that was power-cycled needs nobody to be a member again.
import ipaddr from 'ipaddr.js';
import type { HostPlan, Topology } from '../core/topology.ts';

const POD_SUBNET_PREFIX_LENGTH = 24;

/** The n-th /24 of the pod network for the n-th host of the topology. */
export function podSubnet(topology: Topology, host: HostPlan): string {
  const index = topology.hosts.indexOf(host);
  if (index < 0) throw new Error(`${host.name} is not in topology ${topology.name}`);
  const [base] = ipaddr.IPv4.parseCIDR(topology.podNetwork);
  const octets = base.octets;
  const third = (octets[2] ?? 0) + index;
  if (third > 255) throw new Error(`pod network ${topology.podNetwork} has no room for ${host.name}`);
  return `${octets[0]}.${octets[1]}.${third}.0/${POD_SUBNET_PREFIX_LENGTH}`;
}

export function cniConfiguration(topology: Topology, host: HostPlan): string {
  const configuration = {
    cniVersion: '0.4.0',
    name: 'holdfast',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podSubnet(topology, host) }]],
          routes: [{ dst: '0.0.0.0/0' }],
          // /run is empty after a power cut: addresses of pods that died with the host are free again.
          dataDir: '/run/cni-addresses',
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}

/** A oneshot unit that sets the routes to all other hosts' pods at every boot. */
export function podRoutesUnit(topology: Topology, host: HostPlan): string {
  const routes = topology.hosts
    .filter((other) => other !== host)
    .map((other) => `ExecStart=/sbin/ip route replace ${podSubnet(topology, other)} via ${other.address}`);
  return `[Unit]
Description=Routes to the pods of the other hosts
After=network.target
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
${routes.join('\n')}

[Install]
WantedBy=multi-user.target
`;
}
