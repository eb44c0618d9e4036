// The processes that a fault can strike, and how a shell on their host finds, stops and starts them.
import { supervisorOf, unitOf, whyWithout, type Facts } from '../core/facts.ts';
import type { FaultCall, FaultPlan, Parameter } from '../core/fault.ts';
import type { FaultEffect, ProcessName } from '../core/record.ts';
import { manifestOf, staticPodPids } from '../core/static-pods.ts';

type ProcessDown = NonNullable<FaultEffect['processesDown']>[number];

const PROCESSES: readonly ProcessName[] = [
  'kubelet',
  'keepalived',
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];

export const PROCESS_PARAMETER: Parameter = {
  summary: 'which process',
  values: PROCESSES,
};

const MANIFESTS = '/etc/kubernetes/manifests';
/** kubelet lets a static pod that has ended twice wait for 20 s. */
const AWAITED_TENTHS = 450;

/** Of a parameter that was checked against the list above. */
export function processNamed(name: unknown): ProcessName {
  return name as ProcessName;
}

/** What a fault takes that strikes one process on each of its targets. */
export function processesTaken(
  { targets, params, topology }: FaultPlan,
  how: Pick<ProcessDown, 'how' | 'comesBack'>,
): FaultEffect {
  const process = processNamed(params['process']);
  const isDocker = process === 'containerd' && topology.found?.runtime === 'docker';
  return {
    processesDown: targets.map((host) => ({ host, process, ...how })),
    // dockerd without "live-restore", its default, takes its containers along (Docker's manual, "Live restore").
    ...(isDocker && {
      impaired: targets.map((host) => ({ host, by: 'docker may take its containers along' })),
    }),
  };
}

/** For Fault.unavailable. */
export function processMissing({ topology, params }: FaultCall): Promise<string | undefined> {
  const process = processNamed(params['process']);
  return Promise.resolve(process === 'keepalived' ? whyWithout(topology, ['vrrp']) : undefined);
}

export function isUnit(process: ProcessName, facts: Facts): boolean {
  return supervisorOf(process, facts) === 'systemd';
}

/** Shell: prints the process's ids, its children's among them, one a line; fails when there is none. */
export function pidsOf(process: ProcessName, facts: Facts): string {
  if (!isUnit(process, facts)) {
    return facts.found ? staticPodPids(process) : `pgrep -f '^(/usr/local/bin/|/usr/bin/)?${process} '`;
  }
  const unit = unitOf(process, facts);
  // A runtime's group also holds the shims, which are the containers' and outlive it.
  if (process === 'containerd') return `systemctl show -p MainPID --value ${unit} | grep -vx 0`;
  const group = `system.slice/${unit}.service/cgroup.procs`;
  return `cat /sys/fs/cgroup/systemd/${group} 2> /dev/null || cat /sys/fs/cgroup/${group} 2> /dev/null`;
}

/** Shell: waits for a process that its supervisor is about to start again; fails when nobody is. */
export function awaitProcess(process: ProcessName, facts: Facts): string {
  const isWanted = isUnit(process, facts)
    ? `systemctl show -p ActiveState --value ${unitOf(process, facts)} | grep -Eqx 'active|activating|reloading'`
    : hasManifest(process, facts);
  return `for tenth in $(seq ${AWAITED_TENTHS}); do
  [ -z "$({ ${pidsOf(process, facts)}; } || true)" ] || exit 0
  ${isWanted} || break
  sleep 0.1
done
echo "no ${process} runs here" >&2
exit 1`;
}

/** Shell: whether kubelet wants the pod. */
export function hasManifest(process: ProcessName, { found }: Facts): string {
  return found ? `[ -n "$(${manifestOf(process)})" ]` : `[ -e ${MANIFESTS}/${process}.yaml ]`;
}

/** Shell: kubelet no longer wants the pod. Where it was is kept under the fault's id. */
export function withdrawManifest(process: ProcessName, id: string, { found }: Facts): string {
  const kept = keptManifest(process, id);
  if (!found) return `mv ${MANIFESTS}/${process}.yaml ${kept}`;
  return `manifest=$(${manifestOf(process)})
[ -n "$manifest" ] || { echo "no manifest of ${process} here" >&2; exit 1; }
echo "$manifest" > ${kept}.from
mv "$manifest" ${kept}`;
}

/** Shell, idempotent. */
export function restoreManifest(process: ProcessName, id: string, { found }: Facts): string {
  const kept = keptManifest(process, id);
  if (!found) return `[ ! -e ${kept} ] || mv ${kept} ${MANIFESTS}/${process}.yaml`;
  return `[ ! -e ${kept} ] || mv ${kept} "$(cat ${kept}.from)"
rm -f ${kept}.from`;
}

function keptManifest(process: ProcessName, id: string): string {
  return `/var/lib/holdfast/undo/${id}.${process}.yaml`;
}

/** Shell: systemd leaves the unit as it falls. Until the next boot, or until it is allowed again. */
export function forbidRestart(unit: string, id: string): string {
  const folder = `/run/systemd/system/${unit}.service.d`;
  return `mkdir -p ${folder}
printf '[Service]\\nRestart=no\\n' > ${folder}/${dropIn(id)}
systemctl daemon-reload`;
}

/** Shell, idempotent. */
export function allowRestart(unit: string, id: string): string {
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
export function startUnit(unit: string): string {
  return `systemctl reset-failed ${unit} 2> /dev/null || true
systemctl start --no-block ${unit}`;
}

/** Shell: writes down who is about to be struck, for the evidence. */
export function rememberPids(process: ProcessName, id: string, facts: Facts): string {
  return `{ ${pidsOf(process, facts)}; } > ${struckPids(id)}
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
