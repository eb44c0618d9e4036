// What a scenario may not change for good, as normalized text per host and aspect: compared before and after.
import type { Host } from '../core/host.ts';
import type { Cluster } from './cluster.ts';

/** aspect → shell that prints it in a form that is equal whenever the state is. */
const HOST_ASPECTS: Readonly<Record<string, string>> = {
  'firewall rules of holdfast': '{ iptables-save; arptables-save; } 2>/dev/null | grep -i holdfast || true',
  'queueing disciplines': 'tc qdisc show dev eth0 2>/dev/null | sort',
  addresses: "ip -4 -oneline address show dev eth0 | awk '{print $4}' | sort",
  // The bridge of the pods is there once a pod was there since the host booted.
  routes: "ip -4 route show | grep -v 'dev veth\\|dev cni0' | sed 's/ linkdown//; s/ *$//' | sort",
  units:
    "for unit in containerd kubelet etcd keepalived rsyslog holdfast-guard; do printf '%s %s %s\\n' $unit " +
    '"$(systemctl is-enabled $unit 2>/dev/null)" "$(systemctl is-active $unit)"; done',
  'failed units': 'systemctl list-units --failed --no-legend --plain',
  mounts:
    'awk \'$2 !~ "^/(var/lib/kubelet|run/containerd|run/netns|proc|sys)" {print $2, $3}\' /proc/mounts | sort',
  'files of holdfast': 'ls /etc/systemd/system | grep holdfast || true',
};

export async function takeFingerprint(cluster: Cluster): Promise<Readonly<Record<string, string>>> {
  const hosts = await Promise.all(cluster.lab.hosts.map(fingerprintHost));
  return Object.assign({}, ...hosts, await fingerprintCluster(cluster)) as Record<string, string>;
}

async function fingerprintHost(host: Host): Promise<Record<string, string>> {
  const script = Object.entries(HOST_ASPECTS).map(([aspect, shell]) => `echo '@@ ${aspect}'\n${shell}`);
  const { stdout } = await host.run(['sh', '-s'], { stdin: script.join('\n'), timeoutMs: 20_000 });
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
    cluster.logapiReplicas(),
    cluster.dnsReplicas(),
  ]);
  return {
    'cluster nodes Ready': [...nodes.ready].sort().join('\n'),
    'cluster etcd members healthy': [...etcd].sort().join('\n'),
    'cluster logapi replicas': `${logapi.available} of ${logapi.wanted}`,
    ...(dns && { 'cluster kube-dns replicas': `${dns.available} of ${dns.wanted}` }),
  };
}
