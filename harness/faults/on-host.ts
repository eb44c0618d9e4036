// Faults that a shell on the host can do, and undo by itself: whatever becomes of the harness or of the network, each host
// has what undoes it before it is done. Three ways lead to the same file of undos:
// - the harness runs it, over a path that no fault of ours cuts;
// - a timer of systemd runs it when the fault's limit is reached;
// - a unit runs it at boot, before anything of the cluster starts.
import { asError, CommandError, HoldfastError } from '../core/errors.ts';
import type { DeedTime, Fault, FaultCall, FaultPlan, HostDeed } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import { waitFor } from '../core/wait.ts';

const UNDO_FOLDER = '/var/lib/holdfast/undo';
const BOOT_UNIT = 'holdfast-undo.service';
const TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 60_000;
/** Whoever heals waits no longer than 90 s. */
const REACH_TIMEOUT_MS = 60_000;
/** What the host's own undo may take once its timer has run. */
const OWN_UNDO_MS = 10_000;
const REACH_INTERVAL_MS = 1_000;

export type { HostDeed } from '../core/fault.ts';

export type OnHostFault = Omit<Fault, 'preview' | 'inject' | 'heal'> & {
  /** One entry for each host that is to do something. Pure. */
  deeds(plan: FaultPlan & { readonly id: string }): readonly HostDeed[];
};

/** Makes a fault of what its hosts do to themselves. */
export function onHosts(fault: OnHostFault): Fault {
  return {
    ...fault,
    preview: (plan) => fault.deeds(plan),
    inject: (call) => strike(call, fault.deeds(call)),
    heal: (call) => undoOn(call, [...new Set(fault.deeds(call).map(({ host }) => host))]),
  };
}

/** Arms every host before the first deed is done; does all deeds at once. */
async function strike(call: FaultCall, deeds: readonly HostDeed[]): Promise<DeedTime> {
  await Promise.all(deeds.map((deed) => arm(call, deed)));
  await Promise.all(
    deeds.map(async ({ host, ready }) => {
      if (ready === undefined) return;
      await call.lab.host(host).run(['sh', '-eu', '-c', ready], { timeoutMs: READY_TIMEOUT_MS });
    }),
  );
  const fromNs = process.hrtime.bigint();
  await Promise.all(
    deeds.map(({ host, deed }) =>
      call.lab.host(host).run(['sh', '-eu', '-c', deed], { timeoutMs: TIMEOUT_MS }),
    ),
  );
  return { fromNs, toNs: process.hrtime.bigint() };
}

/**
 * Idempotent. A host without the file is whole: it never began, or has undone it. One that cannot be reached is asked again and
 * again: its network may be back before its own timer has run, and no longer: then it has undone it by itself.
 */
export async function undoOn({ lab, id, limitMs }: FaultCall, hosts: readonly string[]): Promise<void> {
  const timeoutMs = Math.min(REACH_TIMEOUT_MS, limitMs + OWN_UNDO_MS);
  await Promise.all(hosts.map((host) => undoOnOne(lab.host(host), id, timeoutMs)));
}

async function undoOnOne(host: Host, id: string, timeoutMs: number): Promise<void> {
  const path = undoPath(id);
  const limit = { timeoutMs, intervalMs: REACH_INTERVAL_MS };
  const failure = await waitFor(`word from ${host.name} that it has undone ${id}`, limit, async () => {
    try {
      await host.run(['sh', '-c', `[ ! -e ${path} ] || sh ${path}`], { timeoutMs: TIMEOUT_MS });
      return { done: undefined };
    } catch (thrown) {
      if (thrown instanceof CommandError && thrown.failure.exitCode === undefined) throw thrown;
      return { done: asError(thrown) };
    }
  });
  if (failure) throw failure;
}

/** Ids of the faults that a host still has the undo of, whoever injected them. */
export async function standingOn(host: Host): Promise<readonly string[]> {
  const script = `for undo in ${UNDO_FOLDER}/*.sh; do [ ! -e "$undo" ] || basename "$undo" .sh; done`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Undoes whatever any run has left on a host, newest first. Returns the ids of the faults that were undone.
 * @throws HoldfastError that names those that could not be, after all were tried
 */
export async function undoAllOn(host: Host): Promise<readonly string[]> {
  const script = `for undo in $(ls -t ${UNDO_FOLDER}/*.sh 2> /dev/null); do
  name=$(basename "$undo" .sh)
  if sh "$undo" >&2; then echo "undone $name"; else echo "failed $name"; fi
done`;
  const { stdout, stderr } = await host.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
  const ids = (outcome: string): string[] =>
    stdout
      .split('\n')
      .flatMap((line) => (line.startsWith(`${outcome} `) ? line.slice(outcome.length + 1) : []));
  const failed = ids('failed');
  if (failed.length > 0) {
    throw new HoldfastError(`${host.name} could not undo ${failed.join(', ')}: ${stderr.trim()}`);
  }
  return ids('undone');
}

async function arm({ lab, id, limitMs }: FaultCall, { host: name, undo }: HostDeed): Promise<void> {
  const host = lab.host(name);
  await host.upload(undoPath(id), undoScript(id, undo), { mode: 0o700 });
  await host.run(['sh', '-eu', '-s'], { stdin: armingScript(id, limitMs), timeoutMs: TIMEOUT_MS });
}

function undoPath(id: string): string {
  return `${UNDO_FOLDER}/${id}.sh`;
}

function timerOf(id: string): string {
  return `holdfast-undo-${id}`;
}

/** Run twice at once, the second waits and finds nothing left to do. */
function undoScript(id: string, undo: string): string {
  return `#!/bin/sh
# Undoes the fault ${id}, which holdfast injected. Written before it was, run by holdfast, by a timer, or at boot.
set -eu
exec 9> /run/holdfast-undo.lock
flock 9
[ -e ${undoPath(id)} ] || exit 0
${undo}
rm -f ${undoPath(id)}
systemctl stop ${timerOf(id)}.timer 2> /dev/null || true
if ! ls ${UNDO_FOLDER}/*.sh > /dev/null 2>&1; then
  systemctl disable --quiet ${BOOT_UNIT}
  rm -f /etc/systemd/system/${BOOT_UNIT}
fi
`;
}

/** The timer's run is repeated while it fails. The unit for the next boot goes away with the last undo. */
function armingScript(id: string, limitMs: number): string {
  return `
cat > /etc/systemd/system/${BOOT_UNIT} <<'UNIT'
[Unit]
Description=Undoes faults of holdfast that survived a reboot
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target containerd.service docker.service crio.service kubelet.service etcd.service keepalived.service
[Service]
Type=oneshot
Restart=on-failure
RestartSec=2
ExecStart=/bin/sh -c 'for undo in ${UNDO_FOLDER}/*.sh; do [ ! -e "$undo" ] || sh "$undo" || failed=1; done; exit \$\${failed:-0}'
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --quiet ${BOOT_UNIT}
systemd-run --quiet --unit=${timerOf(id)} --on-active=${(limitMs / 1000).toFixed(1)} \\
  --timer-property=AccuracySec=100ms --property=Restart=on-failure --property=RestartSec=2 \\
  /bin/sh ${undoPath(id)}
`;
}
