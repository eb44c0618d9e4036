// keepalived.conf in the seed's form (chapter 3.3.10): master-backup-backup, VRID 51, a health check that lowers the priority.
import { hasVrrp } from '../core/facts.ts';
import { API_PORT } from '../core/ports.ts';
import { hostsWithRole, type HostPlan, type KeepalivedPlan, type Topology } from '../core/topology.ts';
import type { Profile } from '../profiles/profile.ts';

/** Of a host that nobody has asked: the seed's, and that of every container. */
const DEFAULT_DEVICE = 'eth0';

/** The master that is to hold the VIP while all are well. */
export function preferredHolder(topology: Topology): HostPlan {
  const masters = [...hostsWithRole(topology, 'master')];
  // Behind another endpoint than keepalived's nobody has a priority, and the first will do as well as any.
  const rankOf = (host: HostPlan): number => (hasVrrp(topology) ? priorityOf(host) : 0);
  const first = masters.sort((one, other) => rankOf(other) - rankOf(one))[0];
  if (!first) throw new Error(`topology ${topology.name} has no master`);
  return first;
}

/** @param device the interface that has the host's own address */
export function keepalivedConf(
  topology: Topology,
  host: HostPlan,
  profile: Profile,
  device: string = DEFAULT_DEVICE,
): string {
  const { keepalived, vip } = topology;
  const state = host === preferredHolder(topology) ? 'MASTER' : 'BACKUP';
  return `! Configuration File for keepalived
global_defs {
    router_id LVS_K8S
    enable_script_security
    script_user root
}

vrrp_script check_k8s_master {
    script "${healthCheckCommand(profile)}"
    interval ${keepalived.check.intervalS}
    weight ${keepalived.check.weight}
}

vrrp_instance VI_1 {
    state ${state}
    interface ${device}
    virtual_router_id ${keepalived.virtualRouterId}
    priority ${priorityOf(host)}
    advert_int ${keepalived.advertIntervalS}${garpMasterRefresh(keepalived)}
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

function garpMasterRefresh({ garpMasterRefreshS = 0 }: KeepalivedPlan): string {
  return garpMasterRefreshS === 0 ? '' : `\n    garp_master_refresh ${garpMasterRefreshS}`;
}

/**
 * The seed asks with `curl -k http://127.0.0.1:8080/healthz`: without -f an HTTP 500 counts as healthy, and v1.20 has no
 * insecure port. Both are mended here; without -m a hanging apiserver would hang the check.
 */
function healthCheckCommand({ apiServer }: Profile): string {
  return `/usr/bin/curl -fsk -m 2 -o /dev/null https://127.0.0.1:${API_PORT}${apiServer.healthPath}`;
}

/** The seed's log redirection: keepalived speaks to syslog facility local0, which has a file of its own. */
export const KEEPALIVED_DEFAULTS = 'DAEMON_ARGS="-D -d -S 0"\n';
export const KEEPALIVED_SYSLOG = 'local0.* /var/log/keepalived.log\n& stop\n';

function priorityOf(host: HostPlan): number {
  if (host.priority === undefined) throw new Error(`${host.name} is no master: it has no VRRP priority`);
  return host.priority;
}
