// What a cluster's hosts and its API hold, asked past SSH and past all of holdfast's own fingerprint: to be equal before
// holdfast has come and after it has gone.
import type { Host } from '../../harness/core/host.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { hostsWithRole } from '../../harness/core/topology.ts';

/** Kubernetes' own chains follow its pods, and the engine's resolver has other ports after each start of a container. */
const ON_HOST = `
for save in iptables-save ip6tables-save arptables-save; do
  $save 2> /dev/null | grep -Ev '^#|KUBE-|CNI-|DOCKER_' | sed 's/\\[[0-9:]*\\]//'; done
nft list tables
tc qdisc show dev eth0
ip -4 -oneline address show dev eth0 | awk '{ print $4 }'
ip -4 route show | grep -v 'dev veth\\|dev cni0'
systemctl list-unit-files --no-legend --plain | awk '{ print $1, $2 }'
systemctl list-units --no-legend --plain --all --type=service,timer | awk '{ print $1, $3, $4 }' |
  grep -Ev 'tmpfiles-clean|^user|session|logrotate|ssh@|getty|udev'
awk '$2 !~ "^/(var/lib/kubelet|run/|proc|sys)" { print $2, $3 }' /proc/mounts
find / -xdev -name '*holdfast*' 2> /dev/null
find /var /run /tmp -xdev -name '*holdfast*' -not -path '/var/lib/containerd/*' 2> /dev/null
cksum /etc/kubernetes/manifests/* /etc/keepalived/* /etc/systemd/system/*.service 2> /dev/null
`;

const KINDS = 'namespaces,deployments,daemonsets,services,configmaps,clusterroles,clusterrolebindings';
const IN_API = `export KUBECONFIG=/etc/kubernetes/admin.conf
kubectl get ${KINDS} --all-namespaces --no-headers -o custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name
kubectl get nodes --no-headers -o custom-columns=N:.metadata.name,U:.spec.unschedulable,T:.spec.taints,L:.metadata.labels
kubectl get deployments --all-namespaces --no-headers -o custom-columns=N:.metadata.name,A:.status.availableReplicas
ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key member list`;

/** Host, or "API" → its lines, sorted. */
export async function stateOf(lab: Lab): Promise<Readonly<Record<string, readonly string[]>>> {
  const { descriptor, hosts } = lab;
  const [master] = hostsWithRole(descriptor.topology, 'master');
  const entries = await Promise.all([
    ...hosts.map(async (one) => [one.name, await linesOf(one, ON_HOST)] as const),
    (async () => ['API', await linesOf(lab.host(master?.name ?? ''), IN_API)] as const)(),
  ]);
  return Object.fromEntries(entries);
}

async function linesOf(host: Host, script: string): Promise<readonly string[]> {
  const { stdout } = await host.run(['bash', '-s'], { stdin: `${script}\ntrue\n`, timeoutMs: 60_000 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
}
