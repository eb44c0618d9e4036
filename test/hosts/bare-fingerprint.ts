// What a host is, as far as making a cluster on it could change it, as text that is equal when the host is.
import type { Host } from '../../harness/core/host.ts';

/** aspect → shell. What changes by itself on a host on which nothing happens is left out. */
const ASPECTS: Readonly<Record<string, string>> = {
  'files under /etc': `find /etc -xdev -printf '%p %y %m %u %l\\n' | grep -v '^/etc/\\(mtab\\|resolv.conf\\|hostname\\|hosts\\) ' | sort
find /etc -xdev -type f ! -name hosts ! -name resolv.conf ! -name hostname -exec cksum {} + | sort`,
  'files under /usr/local, /usr/libexec, /root':
    "find /usr/local /usr/libexec /root -printf '%p %y %m\\n' | sort",
  'files of the cluster': `for path in /var/lib/kubelet /var/lib/etcd /var/lib/cni /var/lib/holdfast /var/log/pods /var/log/containers \\
  /var/log/keepalived.log /opt/cni /usr/libexec/kubernetes /run/kubeadm.yaml /run/cni-addresses; do find $path -printf '%p %y %m %u\\n' 2> /dev/null; done | sort
find /run -maxdepth 1 -name 'holdfast*' ! -name holdfast-undo.lock; find /tmp -maxdepth 1 -name '*holdfast*'`,
  units: "systemctl list-unit-files --no-legend | awk '{ print $1, $2 }' | sort",
  'active units':
    "systemctl list-units --no-legend --plain --state=active,failed,activating | awk '{ print $1, $3, $4 }' | grep -v '\\.scope\\|^session\\|^user' | sort",
  processes: "ps -e -o ppid=,comm= | awk '$1 == 1 { print $2 }' | sort",
  addresses:
    "ip -4 -oneline address show | awk '{ print $2, $4 }' | sort; ip -oneline link show | awk '{ print $2 }' | sed 's/@.*//' | sort",
  routes: "ip -4 route show table all | sed 's/ *$//' | sort; ip rule show",
  'network namespaces': 'ls /run/netns 2> /dev/null || true',
  // A table that was never asked for and one without a rule are the same to every packet. The engine's resolver has other ports
  // after each start of the container.
  'firewall rules':
    "for family in iptables ip6tables; do $family-save 2> /dev/null | grep -E '^(-A|:[^ ]+ -|:[^ ]+ DROP)' | grep -v DOCKER_ | sort; done; ipset list -n 2> /dev/null",
  'firewall rules of old':
    "for family in iptables-legacy ip6tables-legacy; do $family-save 2> /dev/null | grep -E '^(-A|:[^ ]+ -|:[^ ]+ DROP)' | grep -v DOCKER_ | sort; done",
  'queueing disciplines':
    "for device in $(ls /sys/class/net); do tc qdisc show dev $device; done 2> /dev/null | sed 's/ [0-9a-f]*: / /' | sort",
  mounts: 'awk \'$2 !~ "^/(proc|sys)" { print $2, $3 }\' /proc/mounts | sort',
  'kernel settings':
    'sysctl net.ipv4.ip_forward net.ipv4.conf.all.route_localnet net.ipv4.conf.all.rp_filter 2> /dev/null',
  containers:
    'ctr --namespace k8s.io containers ls -q; ctr --namespace k8s.io tasks ls -q; ctr --namespace k8s.io images ls -q | sort; find /var/lib/containerd/io.containerd.grpc.v1.cri -mindepth 2 2> /dev/null',
  snapshots: "ctr --namespace k8s.io snapshots ls | awk '{ print $1, $3 }' | sort",
  connections: "conntrack -L 2> /dev/null | grep -c 'dst=10.96.' || true",
};

export type BareFingerprint = Readonly<Record<string, string>>;

/** By "host aspect". */
export async function takeBareFingerprint(hosts: readonly Host[]): Promise<BareFingerprint> {
  const taken = hosts.map(async (host) => {
    const script = Object.entries(ASPECTS).map(([aspect, shell]) => `echo '@@ ${aspect}'\n${shell}`);
    const { stdout } = await host.run(['sh', '-s'], {
      stdin: script.join('\n') + '\nexit 0\n',
      timeoutMs: 60_000,
    });
    return stdout
      .split(/^@@ /m)
      .slice(1)
      .map((section) => {
        const [aspect = '', ...lines] = section.trimEnd().split('\n');
        return [`${host.name} ${aspect}`, lines.join('\n')] as const;
      });
  });
  return Object.fromEntries((await Promise.all(taken)).flat());
}
