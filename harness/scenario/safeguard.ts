// Between a fault that is wanted and the hosts: what must not be done is refused before anything is touched.
import { inspectSteadyState } from '../cluster/steady.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, EnvironmentError, UsageError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { standingOn } from '../faults/on-host.ts';
import { isSomebodys, requireConsent, type SafetyPolicy } from '../safety/policy.ts';
import { refusalsOf, struckHosts, type Intended, type Refusal } from '../safety/refusals.ts';

const TIMER_TIMEOUT_MS = 15_000;

/** Shell: lets a timer do on the host what the undo will need one for. It leaves nothing. */
const TIMER_REHEARSAL = `exec 2>&1
command -v flock > /dev/null || { echo "it has no flock"; exit 1; }
mark=/run/holdfast-timer-check.$$
systemd-run --quiet --unit=holdfast-timer-check-$$ --on-active=0.1 --timer-property=AccuracySec=50ms /bin/sh -c "touch $mark"
for tenth in $(seq 80); do [ -e $mark ] && break || sleep 0.1; done
[ -e $mark ] || { systemctl stop holdfast-timer-check-$$.timer || true; echo "a timer of systemd-run did not run within 8 s"; exit 1; }
rm -f $mark`;

export interface Safety {
  readonly policy: SafetyPolicy;
  /** The scenario says so, or it is done by hand. */
  readonly losesQuorum: boolean;
}

export interface Guarded extends Safety {
  readonly lab: Lab;
  /** Faults that are in force already. */
  readonly standing: readonly Intended[];
}

/** What the plan alone refuses. Touches nothing. */
export function refusalsByPlan(intended: Intended, guarded: Guarded): readonly Refusal[] {
  const { lab, policy, losesQuorum, standing } = guarded;
  return refusalsOf(intended, { owned: lab.descriptor, policy, losesQuorum, standing });
}

/**
 * @throws UsageError where a flag is missing that allows it, EnvironmentError where nothing does; each with all its reasons
 */
export function requireAllowed(intended: Intended, guarded: Guarded): void {
  requireConsent(
    guarded.lab.descriptor,
    guarded.policy,
    `${intended.kind} on ${intended.targets.join(', ')}`,
  );
  const refusals = refusalsByPlan(intended, guarded);
  if (refusals.length === 0) return;
  const text = `${intended.kind} on ${intended.targets.join(', ')} is refused: ${refusals.map(({ reason }) => reason).join('; ')}`;
  const flags = refusals.flatMap(({ flag = [] }) => flag);
  if (flags.length === refusals.length)
    throw new UsageError(text, { hint: `say ${flags.join(' ')} if that is meant` });
  throw new EnvironmentError(text);
}

/**
 * What only the hosts can say, asked on somebody's cluster: that nobody else's fault stands, and that timers run where the
 * undo will need one.
 * @throws EnvironmentError
 */
export async function requireUndoable(intended: Intended, { lab, standing }: Guarded): Promise<void> {
  if (!isSomebodys(lab.descriptor)) return;
  const struck = new Set(standing.flatMap(struckHosts));
  // Asked while all can answer: what stands later is our own.
  const others = standing.length > 0 ? [] : await Promise.all(lab.hosts.map(whyStruckAlready));
  const armed = (intended.deeds ?? []).map(({ host }) => host).filter((host) => !struck.has(host));
  const timers = await Promise.all([...new Set(armed)].map((host) => whyNoTimer(lab.host(host))));
  const reasons = [...others, ...timers].flat();
  if (reasons.length === 0) return;
  throw new EnvironmentError(
    `${intended.kind} on ${intended.targets.join(', ')} is refused: ${reasons.join('; ')}`,
    { hint: 'nothing was touched' },
  );
}

/** For a fault by hand; a scenario waits for it by itself. @throws EnvironmentError */
export async function requireHealthy(cluster: Cluster): Promise<void> {
  if (!isSomebodys(cluster.lab.descriptor)) return;
  const { ok, findings } = await inspectSteadyState(cluster);
  if (ok) return;
  const wrong = findings.filter((finding) => finding.includes(': no, '));
  throw new EnvironmentError(`${cluster.topology.name} is not healthy now: ${wrong.join('; ')}`, {
    hint: 'a cluster that is not whole is not broken further; nothing was touched',
  });
}

async function whyStruckAlready(host: Host): Promise<string[]> {
  try {
    const ids = await standingOn(host);
    return ids.length === 0
      ? []
      : [`${host.name} holds the undo of ${ids.join(', ')}, which is in force already (holdfast heal)`];
  } catch (thrown) {
    return [`${host.name} cannot be asked whether a fault is in force there: ${asError(thrown).message}`];
  }
}

async function whyNoTimer(host: Host): Promise<string[]> {
  const because = (why: string): string[] => [`${host.name} could not undo it by itself: ${why}`];
  try {
    const { exitCode, stdout } = await host.run(['sh', '-eu', '-c', TIMER_REHEARSAL], {
      acceptExitCodes: Array.from({ length: 256 }, (_, code) => code),
      timeoutMs: TIMER_TIMEOUT_MS,
    });
    return exitCode === 0 ? [] : because(stdout.trim().split('\n').at(-1) || `exit code ${exitCode}`);
  } catch (thrown) {
    return because(asError(thrown).message);
  }
}
