// The processes that a fault can strike, and how a shell on their host finds, stops and starts them.
import type { Parameter } from '../core/fault.ts';
import type { ProcessName } from '../core/record.ts';

/** Supervised by systemd, or by kubelet as a static pod. */
const SUPERVISOR: Readonly<Record<ProcessName, 'systemd' | 'kubelet'>> = {
  kubelet: 'systemd',
  keepalived: 'systemd',
  etcd: 'systemd',
  containerd: 'systemd',
  'kube-apiserver': 'kubelet',
  'kube-controller-manager': 'kubelet',
  'kube-scheduler': 'kubelet',
};

export const PROCESS_PARAMETER: Parameter = {
  summary: 'which process',
  values: Object.keys(SUPERVISOR),
};

const MANIFESTS = '/etc/kubernetes/manifests';
/** kubelet lets a static pod that has ended twice wait for 20 s. */
const AWAITED_TENTHS = 450;

/** Of a parameter that was checked against the list above. */
export function processNamed(name: unknown): ProcessName {
  return name as ProcessName;
}

export function isUnit(process: ProcessName): boolean {
  return SUPERVISOR[process] === 'systemd';
}

/** Shell: prints the process's ids, its children's among them, one a line; fails when there is none. */
export function pidsOf(process: ProcessName): string {
  if (!isUnit(process)) return `pgrep -f '^(/usr/local/bin/|/usr/bin/)?${process} '`;
  // containerd's group also holds the shims, which are the containers' and outlive it.
  if (process === 'containerd') return 'systemctl show -p MainPID --value containerd | grep -vx 0';
  const group = `system.slice/${process}.service/cgroup.procs`;
  return `cat /sys/fs/cgroup/systemd/${group} 2> /dev/null || cat /sys/fs/cgroup/${group} 2> /dev/null`;
}

/** Shell: waits for a process that its supervisor is about to start again; fails when nobody is. */
export function awaitProcess(process: ProcessName): string {
  const isWanted = isUnit(process)
    ? `systemctl show -p ActiveState --value ${process} | grep -Eqx 'active|activating|reloading'`
    : `[ -e ${MANIFESTS}/${process}.yaml ]`;
  return `for tenth in $(seq ${AWAITED_TENTHS}); do
  [ -z "$({ ${pidsOf(process)}; } || true)" ] || exit 0
  ${isWanted} || break
  sleep 0.1
done
echo "no ${process} runs here" >&2
exit 1`;
}

/** Shell: kubelet no longer wants the pod. Where it was is kept under the fault's id. */
export function withdrawManifest(process: ProcessName, id: string): string {
  return `mv ${MANIFESTS}/${process}.yaml ${keptManifest(process, id)}`;
}

/** Shell, idempotent. */
export function restoreManifest(process: ProcessName, id: string): string {
  const kept = keptManifest(process, id);
  return `[ ! -e ${kept} ] || mv ${kept} ${MANIFESTS}/${process}.yaml`;
}

function keptManifest(process: ProcessName, id: string): string {
  return `/var/lib/holdfast/undo/${id}.${process}.yaml`;
}

/** Shell: systemd leaves the unit as it falls. Until the next boot, or until it is allowed again. */
export function forbidRestart(unit: ProcessName, id: string): string {
  const folder = `/run/systemd/system/${unit}.service.d`;
  return `mkdir -p ${folder}
printf '[Service]\\nRestart=no\\n' > ${folder}/${dropIn(id)}
systemctl daemon-reload`;
}

/** Shell, idempotent. */
export function allowRestart(unit: ProcessName, id: string): string {
  const folder = `/run/systemd/system/${unit}.service.d`;
  return `if [ -e ${folder}/${dropIn(id)} ]; then
  rm ${folder}/${dropIn(id)}
  rmdir ${folder} 2> /dev/null || true
  systemctl daemon-reload
fi`;
}

function dropIn(id: string): string {
  return `holdfast-${id}.conf`;
}

/** Shell, idempotent. It does not wait: at boot that could wait for itself. */
export function startUnit(unit: ProcessName): string {
  return `systemctl reset-failed ${unit} 2> /dev/null || true
systemctl start --no-block ${unit}`;
}

/** Shell: writes down who is about to be struck, for the evidence. */
export function rememberPids(process: ProcessName, id: string): string {
  return `{ ${pidsOf(process)}; } > ${struckPids(id)}
[ -s ${struckPids(id)} ] || { echo "no ${process} runs here" >&2; exit 1; }`;
}

/** Shell: to those that were written down, at once. A helper that has ended meanwhile is no failure. */
export function signalRemembered(signal: 'KILL' | 'STOP', id: string): string {
  const all = `$(cat ${struckPids(id)})`;
  return `kill -${signal} ${all} 2> /dev/null || for pid in ${all}; do [ ! -e /proc/$pid ] || kill -${signal} $pid; done`;
}

export function forgetPids(id: string): string {
  return `rm -f ${struckPids(id)}`;
}

/** Of those that were struck, each with its state (proc(5), stat field 3), or "gone". */
export function struckStates(id: string): string {
  return `while read -r pid; do echo "$pid $(awk '{ print $3 }' /proc/$pid/stat 2> /dev/null || echo gone)"; done < ${struckPids(id)}`;
}

function struckPids(id: string): string {
  return `/run/holdfast-${id}.pids`;
}
