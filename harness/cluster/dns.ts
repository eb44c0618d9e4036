// The address of the cluster's DNS.
import ipaddr from 'ipaddr.js';
import type { Topology } from '../core/topology.ts';

/** The tenth address of the service network: kubeadm points every kubelet's clusterDNS there by itself. */
export function dnsAddress({ serviceNetwork }: Topology): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(serviceNetwork).toByteArray();
  return octets.map((octet, index) => (index === 3 ? octet + 10 : octet)).join('.');
}
