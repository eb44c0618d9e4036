// A host's link goes away and comes back, again and again: for a loop of its own, what passes its interface is lost in turn.
import { onHosts } from './on-host.ts';
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { addressOf, ownTargets } from './network-hosts.ts';
import { isolation, isolationRehearsal } from './network-isolation.ts';
import type { Way } from './network-rules.ts';
import { refusalOf } from './network-witnesses.ts';
import { OWN_CONNECTION_AS_FOUND } from './own-connection.ts';

const PING_EVERY_MS = 100;
const PINGS_MOST = 20;
const BOTH_WAYS: readonly Way[] = ['in', 'out'];

export const flapLink = onHosts({
  name: 'flap-link',
  summary: "Takes a host's link away and gives it back, in turn.",
  parameters: {
    offS: { summary: 'seconds without link; it begins with these', default: 5, min: 0.5, max: 60 },
    onS: { summary: 'seconds with link', default: 5, min: 0.5, max: 60 },
  },
  effect: (plan) => {
    const by = `its link is away for ${secondsOf(plan).offS} s in every ${secondsOf(plan).offS + secondsOf(plan).onS} s`;
    return { impaired: ownTargets(plan).map((host) => ({ host, by })) };
  },
  unavailable: (call) => refusalOf(call, ownTargets(call), isolationRehearsal(BOTH_WAYS)),
  deeds: (plan) =>
    ownTargets(plan).map((host) => ({
      host,
      deed: `${isolationOf(plan, host).prepare}
{ cat <<FOUND
device='$device' ${OWN_CONNECTION_AS_FOUND}
FOUND
cat <<'LOOP'
${loopOf(plan, host)}
LOOP
} > ${loopFile(plan.id)}
systemd-run --quiet --collect --unit=${loopUnit(plan.id)} sh -eu ${loopFile(plan.id)}`,
      // The loop ends before its rules go: it would lay them again.
      undo: `if systemctl is-active --quiet ${loopUnit(plan.id)}; then systemctl stop ${loopUnit(plan.id)}; fi
${isolationOf(plan, host).clear}
rm -f ${loopFile(plan.id)}`,
    })),
  evidence: async (call) =>
    (
      await Promise.all(
        call.targets.map((host) => Promise.all([loopRuns(call, host), observerMisses(call, host)])),
      )
    ).flat(),
});

function secondsOf({ params }: FaultPlan): { readonly onS: number; readonly offS: number } {
  return { onS: Number(params['onS']), offS: Number(params['offS']) };
}

function isolationOf(
  { id, topology }: FaultPlan & { readonly id: string },
  host: string,
): ReturnType<typeof isolation> {
  return isolation(id, addressOf(topology, host), BOTH_WAYS);
}

function loopOf(plan: FaultPlan & { readonly id: string }, host: string): string {
  const { lay, clear } = isolationOf(plan, host);
  const { onS, offS } = secondsOf(plan);
  return `while :; do
${lay}
sleep ${offS}
${clear}
sleep ${onS}
done`;
}

function loopUnit(id: string): string {
  return `holdfast-flap-${id}`;
}

function loopFile(id: string): string {
  return `/run/holdfast-${id}.loop`;
}

async function loopRuns({ lab, id }: FaultCall, host: string): Promise<Evidence> {
  const argv = ['systemctl', 'is-active', loopUnit(id)];
  const { stdout } = await lab.host(host).run(argv, { acceptExitCodes: [0, 3], timeoutMs: 10_000 });
  return {
    witness: `systemd on ${host}`,
    holds: stdout.trim() === 'active',
    detail: `the loop is ${stdout.trim()}`,
  };
}

/** The link is asked for as long as it is away, at most for two seconds. It was taken away just now. */
async function observerMisses(call: FaultCall, host: string): Promise<Evidence> {
  const { offS, onS } = secondsOf(call);
  const count = Math.min(PINGS_MOST, Math.ceil(((offS + onS) * 1000) / PING_EVERY_MS));
  const every = (PING_EVERY_MS / 1000).toFixed(1);
  const address = addressOf(call.topology, host);
  const argv = ['ping', '-n', '-q', '-c', String(count), '-i', every, '-W', '1', address];
  const { stdout } = await call.lab.observer.run(argv, { acceptExitCodes: [0, 1], timeoutMs: 10_000 });
  const received = Number(/(\d+) received/.exec(stdout)?.[1] ?? NaN);
  return {
    witness: `${count} pings from ${call.lab.observer.name}`,
    holds: received < count,
    detail: `${host} answered ${received}`,
  };
}
