// The files of the seed, with this cluster's names. For the seed's own topology they are the seed's to the letter.
import { hostsWithRole, type HostPlan, type Topology } from '../../core/topology.ts';
import type { SeedFile } from './row.ts';

export interface FileContext {
  readonly topology: Topology;
  readonly host: HostPlan;
  readonly interfaceName: string;
  /** The log service as holdfast's own profile deploys it, in today's API groups and already in the old ones. */
  readonly logapi: string;
}

export function seedFile(name: SeedFile, context: FileContext): string {
  switch (name) {
    case 'etcd.conf':
      return etcdConf(context);
    case 'keepalived.conf':
      return keepalivedConf(context);
    case 'keepalived-syslog.conf':
      return '# keepalived -S 0\nlocal0.* /var/log/keepalived.log\n';
    case 'logapi.yaml':
      return context.logapi;
  }
}

/** The master that is to hold the VIP: the one with the highest priority. */
export function firstMaster(topology: Topology): HostPlan {
  const masters = hostsWithRole(topology, 'master').toSorted(
    (one, other) => (other.priority ?? 0) - (one.priority ?? 0),
  );
  const [first] = masters;
  if (!first) throw new Error(`topology ${topology.name} has no master`);
  return first;
}

function etcdConf({ topology, host }: FileContext): string {
  const members = hostsWithRole(topology, 'etcd')
    .map(({ etcdName = '', address }) => `${etcdName}=http://${address}:2380`)
    .join(',');
  const { address, etcdName = '', etcdDataDir = '' } = host;
  return `ETCD_NAME="${etcdName}"
ETCD_DATA_DIR="${etcdDataDir}"
ETCD_LISTEN_PEER_URLS="http://${address}:2380"
ETCD_LISTEN_CLIENT_URLS="http://${address}:2379,http://127.0.0.1:2379"
ETCD_INITIAL_ADVERTISE_PEER_URLS="http://${address}:2380"
ETCD_ADVERTISE_CLIENT_URLS="http://${address}:2379"
ETCD_INITIAL_CLUSTER_STATE="new"
ETCD_INITIAL_CLUSTER_TOKEN="huan-etcd-cluster"
ETCD_INITIAL_CLUSTER="${members}"
`;
}

/** With its comments, and its check without -f. */
function keepalivedConf({ topology, host, interfaceName }: FileContext): string {
  const { keepalived, vip } = topology;
  const state = host.name === firstMaster(topology).name ? 'MASTER' : 'BACKUP';
  return `! Configuration File for keepalived

global_defs {
  # notification_email {
   #  ops@example.com
   #}
   #notification_email_from ops@example.com
   #smtp_server 192.168.200.1
   #smtp_connect_timeout 30

   router_id LVS_K8S
   #vrrp_skip_check_adv_addr
   #vrrp_strict
   #vrrp_garp_interval 0
   #vrrp_gna_interval 0
}

vrrp_script check_k8s_master {
    script "curl -k http://127.0.0.1:8080/healthz"
    interval ${keepalived.check.intervalS}
    weight ${keepalived.check.weight}
}

vrrp_instance VI_1 {
    state ${state}
    interface ${interfaceName}
    virtual_router_id ${keepalived.virtualRouterId}
    #mcast_src_ip ${host.address}
    priority ${host.priority ?? 0}
    advert_int ${keepalived.advertIntervalS}
    authentication {
        auth_type PASS
        auth_pass ${keepalived.authPass}
    }
    track_script {
        check_k8s_master
    }
    virtual_ipaddress {
        ${vip.address}/${vip.prefixLength}
    }
}
`;
}
