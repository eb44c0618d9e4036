// What the faults of scarcity share: hogs in transient units, and limits that a host sets on itself.
//
// A host that is a container has the machine's cores and memory before it. What takes all of them would take them from
// every other host as well, and from who measures. So such a host first limits itself, in the control group that is its
// root, and is then filled. Only hierarchies of version 1 let it: in version 2 the root of a control group namespace
// belongs to whoever made it (cgroups(7), "nsdelegate").
import type { Host } from '../core/host.ts';

/** Shell: the host is a container (container_interface of systemd). */
export const IN_CONTAINER = '[ -e /run/systemd/container ]';

const GROUPS = '/sys/fs/cgroup';
const KEPT = '/var/lib/holdfast/undo';

/** A value of the host's own root group. */
export interface OwnLimit {
  readonly controller: 'cpu' | 'memory';
  readonly file: string;
}

export const CPU_QUOTA: OwnLimit = { controller: 'cpu', file: 'cpu.cfs_quota_us' };
export const MEMORY_LIMIT: OwnLimit = { controller: 'memory', file: 'memory.limit_in_bytes' };

/** Why the host cannot limit itself; undefined when it can. Writes the limit that is there. */
export async function cannotLimit(host: Host, limit: OwnLimit): Promise<string | undefined> {
  const path = pathOf(limit);
  const script = `[ -e ${path} ] && cat ${path} > ${path}`;
  const { exitCode } = await host.run(['sh', '-c', script], {
    acceptExitCodes: [0, 1, 2],
    timeoutMs: 10_000,
  });
  if (exitCode === 0) return undefined;
  return `${host.name} cannot limit itself (${path}): all other hosts on its machine would be short of ${limit.controller} too`;
}

/** Shell: writes down what the limit was and sets it. @param value a word of shell */
export function limitItself(limit: OwnLimit, value: string, id: string): string {
  return `cat ${pathOf(limit)} > ${keptLimit(limit, id)}
echo ${value} > ${pathOf(limit)}`;
}

/** Shell, idempotent. At a boot the group is a new one, and what it was is what it is. */
export function liftLimit(limit: OwnLimit, id: string): string {
  const kept = keptLimit(limit, id);
  return `if [ -e ${kept} ]; then
  [ ! -s ${kept} ] || cat ${kept} > ${pathOf(limit)}
  rm -f ${kept}
fi`;
}

export function pathOf({ controller, file }: OwnLimit): string {
  return `${GROUPS}/${controller}/${file}`;
}

/** A group of the fault's own, below the host's root. */
export function ownGroup(controller: string, id: string): string {
  return `${GROUPS}/${controller}/holdfast-${id}`;
}

/** Shell, idempotent. Its processes have ended, or go back to where they came from. */
export function removeGroup(controller: string, id: string): string {
  const group = ownGroup(controller, id);
  return `if [ -d ${group} ]; then
  for pid in $(cat ${group}/cgroup.procs); do echo $pid > ${GROUPS}/${controller}/cgroup.procs || true; done
  for try in 1 2 3 4 5; do rmdir ${group} 2> /dev/null && break || sleep 0.2; done
fi`;
}

function keptLimit({ file }: OwnLimit, id: string): string {
  return `${KEPT}/${id}.${file}`;
}

/** Shell: runs a script of sh in a unit of its own, until it is stopped. It has no quotes of the single kind. */
export function startHog(id: string, script: string, properties: readonly string[] = []): string {
  // What the kernel kills of a hog is killed on purpose: that must not stop the unit.
  const said = ['OOMPolicy=continue', ...properties].map((property) => `--property=${property} `).join('');
  // systemd.service(5), "Command lines": it takes two dollars for one.
  const shell = script.replaceAll('$', () => '$$');
  return `systemd-run --quiet --unit=${hogUnit(id)} ${said}sh -c '${shell}'`;
}

/** Shell, idempotent. It waits until the last of its processes has ended; at a boot there is none. */
export function stopHog(id: string): string {
  return `systemctl stop ${hogUnit(id)} 2> /dev/null || true
systemctl reset-failed ${hogUnit(id)} 2> /dev/null || true`;
}

/** Shell: the processes of the hog, one a line. */
export function hogPids(id: string): string {
  const group = `system.slice/${hogUnit(id)}.service/cgroup.procs`;
  return `cat ${GROUPS}/systemd/${group} 2> /dev/null || cat ${GROUPS}/${group}`;
}

function hogUnit(id: string): string {
  return `holdfast-hog-${id}`;
}

/**
 * Shell, idempotent: what gave up for want of a resource is started again, now that it is there. systemd does not try for
 * ever (systemd.unit(5), StartLimitBurst).
 */
export const REVIVE_UNITS = `for unit in containerd docker crio etcd kubelet keepalived; do
  if systemctl is-failed --quiet $unit; then
    systemctl reset-failed $unit
    systemctl start --no-block $unit
  fi
done`;
