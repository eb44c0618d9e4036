// What a scenario may not change for good, as normalized text per host and aspect: compared before and after.
import { hasWorkload } from '../core/facts.ts';
import type { Host } from '../core/host.ts';
import type { Topology } from '../core/topology.ts';
import type { Cluster } from './cluster.ts';

const UNITS = 'containerd kubelet etcd keepalived rsyslog holdfast-guard';
/** Of a cluster that somebody else built: also the other runtimes'. */
const FOUND_UNITS = 'containerd docker crio kubelet etcd keepalived rsyslog';
/** Mounts of pods, of their networks and of processes: they come and go. */
const PASSING = 'var/lib/kubelet|run/containerd|run/netns|proc|sys';
/** Beside those: of other runtimes, and of who is logged in. */
const FOUND_PASSING = `${PASSING}|var/lib/(containerd|docker|containers)|run/(docker|crio|containers|user|credentials)`;

/** Shell: sets $device to the interface that carries the host's own address. */
const DEVICE = `device=$(ip -4 -oneline address show to "$1/32" | awk '{ print $2; exit }')`;

/** aspect → shell that prints it in a form that is equal whenever the state is. */
function aspectsOf({ found, vip }: Topology): Readonly<Record<string, string>> {
  // Where somebody else's keepalived does not preempt, or something else moves the VIP, it may end up on any master.
  const notVip = found ? ` | grep -Fv '${vip.address}/'` : '';
  // Any network plugin may lead to its pods by interfaces of its own, which come and go with them. Ours has a bridge, which is
  // there once a pod was there since the host booted.
  const routes = found
    ? `ip -4 route show dev "$device" | grep -Fvw 'src ${vip.address}'`
    : "ip -4 route show | grep -v 'dev veth\\|dev cni0'";
  return {
    'firewall rules of holdfast': '{ iptables-save; arptables-save; } 2>/dev/null | grep -i holdfast || true',
    'queueing disciplines': 'tc qdisc show dev "$device" 2>/dev/null | sort',
    addresses: `ip -4 -oneline address show dev "$device" | awk '{print $4}'${notVip} | sort`,
    routes: `${routes} | sed 's/ linkdown//; s/ *$//' | sort`,
    units:
      `for unit in ${found ? FOUND_UNITS : UNITS}; do printf '%s %s %s\\n' $unit ` +
      '"$(systemctl is-enabled $unit 2>/dev/null)" "$(systemctl is-active $unit)"; done',
    'failed units': 'systemctl list-units --failed --no-legend --plain',
    mounts: `awk '$2 !~ "^/(${found ? FOUND_PASSING : PASSING})" {print $2, $3}' /proc/mounts | sort`,
    'files of holdfast': 'ls /etc/systemd/system | grep holdfast || true',
    ...(found && { manifests: MANIFESTS }),
  };
}

/** A static pod that was withdrawn must be there again, as it was. */
const MANIFESTS = 'cksum /etc/kubernetes/manifests/* 2>/dev/null | sort || true';

export async function takeFingerprint(cluster: Cluster): Promise<Readonly<Record<string, string>>> {
  const aspects = aspectsOf(cluster.topology);
  const hosts = await Promise.all(cluster.lab.hosts.map((host) => fingerprintHost(host, aspects)));
  return Object.assign({}, ...hosts, await fingerprintCluster(cluster)) as Record<string, string>;
}

async function fingerprintHost(
  host: Host,
  aspects: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const script = Object.entries(aspects).map(([aspect, shell]) => `echo '@@ ${aspect}'\n${shell}`);
  const { stdout } = await host.run(['sh', '-s', '--', host.address], {
    stdin: [DEVICE, ...script].join('\n'),
    timeoutMs: 20_000,
  });
  const parts: Record<string, string> = {};
  for (const section of stdout.split(/^@@ /m).slice(1)) {
    const [aspect = '', ...lines] = section.trimEnd().split('\n');
    parts[`${host.name} ${aspect}`] = lines.join('\n');
  }
  return parts;
}

async function fingerprintCluster(cluster: Cluster): Promise<Record<string, string>> {
  const [nodes, etcd, logapi, dns] = await Promise.all([
    cluster.nodeStates(),
    cluster.etcdHealthy(),
    hasWorkload(cluster.topology) ? cluster.logapiReplicas() : undefined,
    cluster.dnsReplicas(),
  ]);
  return {
    'cluster nodes Ready': [...nodes.ready].sort().join('\n'),
    'cluster etcd members healthy': [...etcd].sort().join('\n'),
    ...(logapi && { 'cluster logapi replicas': `${logapi.available} of ${logapi.wanted}` }),
    ...(dns && { 'cluster kube-dns replicas': `${dns.available} of ${dns.wanted}` }),
  };
}
