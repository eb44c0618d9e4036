// Hosts on which a cluster is to be made: what they must have, what they must not have yet, and how they are made as they
// were before. Shell does it, on the host (look.sh, keep.sh, bare-again.sh): what undoes it lies there as well, so that a host
// can be made bare again by whoever stands before it.
import { readFile } from 'node:fs/promises';
import { HoldfastError } from '../../core/errors.ts';
import { shellQuote, type Host } from '../../core/host.ts';
import type { ClusterNeeds } from '../../core/provider.ts';
import type { HostPlan, Topology } from '../../core/topology.ts';

const TIMEOUT_MS = 60_000;
const RESTORE_TIMEOUT_MS = 180_000;
const BARE_AGAIN = '/var/lib/holdfast/before/bare-again.sh';

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
  'iptables-save',
  'conntrack',
  'curl',
  'tar',
];
/** Of these, what there is where all others are yet to be installed. */
const PROGRAMS_OF_ANY_SYSTEM = ['systemctl', 'ip', 'curl', 'tar'];
const MASTER_PROGRAMS = ['keepalived', 'rsyslogd', 'arping'];
const ETCD_PROGRAMS = ['etcd', 'etcdctl'];
/** What an observer of ours runs beside the prober. */
const OBSERVER_PROGRAMS = ['curl', 'ip', 'tcpdump'];
const OLDEST_NODE = 18;

/** What cluster creation, and the cluster, write or change: put back as it was, or away. */
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
  '/etc/systemd/system/holdfast-undo.service',
  '/etc/systemd/system.control',
  '/usr/local/sbin/holdfast-guard',
  '/usr/local/lib/holdfast',
  '/usr/libexec/kubernetes',
  '/etc/kubernetes',
  '/etc/holdfast',
  '/root/.kube',
  '/root/kubeadm-init.log',
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/var/log/pods',
  '/var/log/containers',
  '/var/log/keepalived.log',
];
const UNITS = ['kubelet', 'etcd', 'keepalived', 'rsyslog', 'containerd'];
/** Under /proc/sys. Kernel modules that were loaded stay loaded. */
const SETTINGS = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/route_localnet',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/**
 * What is wrong with the host, one sentence each; nothing when a cluster can be made on it.
 * @param needs undefined: what the cluster is made of is yet to be installed
 */
export async function unfitFor(
  host: Host,
  plan: HostPlan,
  { vip }: Topology,
  needs: ClusterNeeds | undefined,
): Promise<readonly string[]> {
  const isMaster = plan.roles.includes('master');
  const programs = [
    ...PROGRAMS,
    ...(isMaster ? MASTER_PROGRAMS : []),
    ...(plan.roles.includes('etcd') ? ETCD_PROGRAMS : []),
  ].filter((program) => needs !== undefined || PROGRAMS_OF_ANY_SYSTEM.includes(program));
  const told = {
    name: plan.name,
    address: plan.address,
    etcd_data: plan.etcdDataDir ?? '',
    programs: programs.join(' '),
    images: needs?.images.join(' ') ?? '',
    version: needs?.kubernetesVersion ?? '',
    vip: isMaster ? vip.address : '',
  };
  const stdin = await script('look.sh', told);
  const { stdout } = await host.run(['sh', '-s'], { stdin, timeoutMs: TIMEOUT_MS });
  return linesOf(stdout);
}

/** As `unfitFor`, of the client. */
export async function unfitObserver(observer: Host): Promise<readonly string[]> {
  const look = `missing=; for program in ${OBSERVER_PROGRAMS.join(' ')}; do
  command -v $program > /dev/null || missing="$missing $program"; done
[ -z "$missing" ] || echo "these programs are missing:$missing"
version=$(node --version 2> /dev/null) || { echo 'it has no node, by which clients are measured'; exit 0; }
major=\${version#v}; [ "\${major%%.*}" -ge ${OLDEST_NODE} ] || echo "its Node is $version, expected ${OLDEST_NODE} or newer"
# 1: it may not; 124: it would have gone on.
! command -v tcpdump > /dev/null || { timeout 1 tcpdump -n -i lo -c 1 > /dev/null 2>&1; [ $? != 1 ]; } ||
  echo "$(id -un) may not capture packets: setcap cap_net_raw=ep $(command -v tcpdump), or say ssh: { sudo: true }"
exit 0`;
  const { stdout } = await observer.run(['sh', '-c', look], { timeoutMs: TIMEOUT_MS });
  return linesOf(stdout);
}

/** Keeps what creation will write over. Idempotent: what was kept first is what was there. */
export async function keepWhatWas(
  host: Host,
  plan: HostPlan,
  { vip, podNetwork, serviceNetwork }: Topology,
): Promise<void> {
  const stdin = await script('keep.sh', {
    written: WRITTEN.join(' '),
    units: UNITS.join(' '),
    settings: SETTINGS.join(' '),
    vip: vip.address,
    pod_network: podNetwork,
    service_network: serviceNetwork,
    etcd_data: plan.etcdDataDir ?? '',
  });
  await host.run(['sh', '-s'], { stdin, timeoutMs: TIMEOUT_MS });
  await host.upload(BARE_AGAIN, await shell('bare-again.sh'), { mode: 0o700 });
}

/**
 * Ends the cluster on a host and takes away what it left: programs, pods, addresses, rules of the cluster's own chains,
 * data. Nothing else is touched. Idempotent; does nothing on a host on which nothing was kept.
 */
export async function makeBareAgain(host: Host): Promise<void> {
  const { exitCode, stderr } = await host.run(['sh', '-s'], {
    stdin: await shell('bare-again.sh'),
    timeoutMs: RESTORE_TIMEOUT_MS,
    acceptExitCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  if (exitCode !== 0) throw new HoldfastError(`${host.name} could not be made bare again: ${stderr.trim()}`);
}

function shell(file: string): Promise<string> {
  return readFile(new URL(file, import.meta.url), 'utf8');
}

async function script(file: string, told: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(told).map(([name, value]) => `${name}=${shellQuote([value])}`);
  return `${lines.join('\n')}\n${await shell(file)}`;
}

function linesOf(stdout: string): readonly string[] {
  return stdout.split('\n').filter((line) => line !== '');
}
