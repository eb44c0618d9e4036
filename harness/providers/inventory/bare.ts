// Hosts on which a cluster is to be made: what they must have, what they must not have yet, and how they are made as they
// were before.
import { HoldfastError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { HostPlan } from '../../core/topology.ts';

const TIMEOUT_MS = 60_000;
const RESTORE_TIMEOUT_MS = 120_000;
const KEPT = '/var/lib/holdfast/before.tar';

/** Programs that the steps of cluster creation and the faults run on every host. */
const PROGRAMS = [
  'systemctl',
  'containerd',
  'ctr',
  'kubelet',
  'kubeadm',
  'kubectl',
  'ip',
  'iptables',
  'conntrack',
  'curl',
];
/** The others are installed where a cluster is made with all that it runs on. */
const PROGRAMS_OF_ANY_SYSTEM = ['systemctl', 'ip', 'curl'];
const MASTER_PROGRAMS = ['keepalived', 'rsyslogd', 'arping'];
const ETCD_PROGRAMS = ['etcd', 'etcdctl'];

/** What cluster creation writes or changes. Paths of /etc are put back as they were, or away. */
const WRITTEN = [
  '/etc/cni/net.d/10-holdfast.conflist',
  '/etc/default/kubelet',
  '/etc/default/etcd',
  '/etc/default/keepalived',
  '/etc/default/holdfast-guard',
  '/etc/keepalived/keepalived.conf',
  '/etc/rsyslog.d/10-keepalived.conf',
  '/etc/systemd/system/holdfast-pod-routes.service',
  '/etc/systemd/system/holdfast-guard.service',
  '/etc/systemd/system.control',
  '/usr/local/sbin/holdfast-guard',
  '/usr/local/lib/holdfast',
  '/etc/kubernetes',
  '/etc/holdfast',
  '/root/.kube',
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/var/log/keepalived.log',
];

/** What is wrong with the host, one sentence each; nothing when a cluster can be made on it. */
export async function unfitFor(host: Host, plan: HostPlan, bare: boolean): Promise<readonly string[]> {
  const programs = [
    ...PROGRAMS,
    ...(plan.roles.includes('master') ? MASTER_PROGRAMS : []),
    ...(plan.roles.includes('etcd') ? ETCD_PROGRAMS : []),
  ].filter((program) => !bare || PROGRAMS_OF_ANY_SYSTEM.includes(program));
  const script = `
[ "$(id -u)" = 0 ] || echo "commands run as $(id -un), not as root: say ssh: { sudo: true }"
[ "$(hostname)" = ${plan.name} ] || echo "it calls itself $(hostname): hostnamectl set-hostname ${plan.name}"
ip -4 -oneline address show | grep -qw '${plan.address}' || echo "it has no address ${plan.address}"
missing=; for program in ${programs.join(' ')}; do command -v $program > /dev/null || missing="$missing $program"; done
[ -z "$missing" ] || echo "these programs are missing:$missing"
for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf ${plan.etcdDataDir ?? ''}; do
  [ ! -e $path ] || [ -z "$(ls -A $path)" ] || echo "it is a member of a cluster already: $path is there"
done`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Keeps what creation will write over. Idempotent: what was kept first is what was there. */
export async function keepWhatWas(host: Host): Promise<void> {
  const script = `set -e
[ ! -e ${KEPT} ] || exit 0
mkdir -p ${KEPT.replace(/\/[^/]*$/, '')}
cd /
kept=; for path in ${WRITTEN.join(' ')}; do [ ! -e $path ] || kept="$kept .$path"; done
tar -cf ${KEPT}.new --files-from /dev/null $kept
mv ${KEPT}.new ${KEPT}`;
  await host.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
}

/**
 * Ends the cluster on a host and takes away what it left: programs, pods, addresses, rules of the cluster's own chains,
 * data. Nothing else is touched. Idempotent; does nothing on a host on which nothing was kept.
 */
export async function makeBareAgain(host: Host, plan: HostPlan): Promise<void> {
  const { exitCode, stderr } = await host.run(['sh', '-s'], {
    stdin: restoring(plan),
    timeoutMs: RESTORE_TIMEOUT_MS,
    acceptExitCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  if (exitCode !== 0) throw new HoldfastError(`${host.name} could not be made bare again: ${stderr.trim()}`);
}

function restoring({ etcdDataDir }: HostPlan): string {
  return `[ -e ${KEPT} ] || exit 0
for unit in holdfast-guard keepalived kubelet etcd; do systemctl disable --now --quiet $unit 2> /dev/null; done
for task in $(ctr -n k8s.io tasks ls -q); do ctr -n k8s.io tasks rm --force $task > /dev/null 2>&1; done
for container in $(ctr -n k8s.io containers ls -q); do ctr -n k8s.io containers rm $container > /dev/null 2>&1; done
awk '$2 ~ "^/var/lib/kubelet/" { print $2 }' /proc/mounts | sort -r | xargs -r umount
systemctl disable --now --quiet holdfast-pod-routes 2> /dev/null
ip route show proto static | grep -w via | grep -v ^default | while read -r route; do ip route del $route; done
ip link del cni0 2> /dev/null
for namespace in $(ls /run/netns 2> /dev/null | grep ^cni-); do ip netns del $namespace; done
for table in filter nat mangle; do
  iptables-save --table $table | grep -Ev 'KUBE-|CNI-' | iptables-restore --table $table
done
conntrack --flush > /dev/null 2>&1
set -e
rm -rf ${WRITTEN.join(' ')} ${etcdDataDir ?? ''} /run/cni-addresses
tar -C / -xf ${KEPT}
systemctl daemon-reload
systemctl reset-failed
systemctl restart containerd rsyslog
rm -f ${KEPT}`;
}
