// etcd as the seed's chapter 3.2 configures it: two named members on the nodes, plain HTTP on the lab network.
import { hostsWithRole, type HostPlan, type Topology } from '../core/topology.ts';

export const ETCD_CLUSTER_TOKEN = 'huan-etcd-cluster';
const CLIENT_PORT = 2379;
const PEER_PORT = 2380;

/** Client URLs of all members, in the order of the hosts, as kubeadm and etcdctl want them. */
export function etcdEndpoints(topology: Topology): readonly string[] {
  const scheme = topology.found?.etcd.tls ? 'https' : 'http';
  return hostsWithRole(topology, 'etcd').map((host) => `${scheme}://${host.address}:${CLIENT_PORT}`);
}

/** Debian's /etc/default/etcd: the same variables as the seed's /etc/etcd/etcd.conf. */
export function etcdDefaults(topology: Topology, host: HostPlan): string {
  const members = hostsWithRole(topology, 'etcd')
    .map((member) => `${etcdMemberName(member)}=http://${member.address}:${PEER_PORT}`)
    .join(',');
  return [
    `ETCD_NAME="${etcdMemberName(host)}"`,
    `ETCD_DATA_DIR="${etcdDataDir(host)}"`,
    `ETCD_LISTEN_PEER_URLS="http://${host.address}:${PEER_PORT}"`,
    `ETCD_LISTEN_CLIENT_URLS="http://${host.address}:${CLIENT_PORT},http://127.0.0.1:${CLIENT_PORT}"`,
    `ETCD_INITIAL_ADVERTISE_PEER_URLS="http://${host.address}:${PEER_PORT}"`,
    `ETCD_ADVERTISE_CLIENT_URLS="http://${host.address}:${CLIENT_PORT}"`,
    `ETCD_INITIAL_CLUSTER_STATE="new"`,
    `ETCD_INITIAL_CLUSTER_TOKEN="${ETCD_CLUSTER_TOKEN}"`,
    `ETCD_INITIAL_CLUSTER="${members}"`,
    '',
  ].join('\n');
}

export function etcdMemberName(host: HostPlan): string {
  return required(host.etcdName, host, 'etcdName');
}

export function etcdDataDir(host: HostPlan): string {
  return required(host.etcdDataDir, host, 'etcdDataDir');
}

function required(value: string | undefined, host: HostPlan, key: string): string {
  if (value === undefined) throw new Error(`${host.name} is no etcd host: it has no ${key}`);
  return value;
}
