// One scenario, told as a story: steady before, watched, broken, healed, steady after. Judging comes later, from the record.
import { Cluster } from '../cluster/cluster.ts';
import { takeFingerprint } from '../cluster/fingerprint.ts';
import { forgetHalfOpen } from '../cluster/half-open.ts';
import { takeVitals } from '../cluster/vitals.ts';
import { attemptSteadyState, inspectSteadyState } from '../cluster/steady.ts';
import { asError, EnvironmentError, explainError, HoldfastError } from '../core/errors.ts';
import { hasWorkload, whyWithout } from '../core/facts.ts';
import type { Lab } from '../core/provider.ts';
import type { SteadyState } from '../core/record.ts';
import { seededRandom, seedFor } from '../core/random.ts';
import { clusterMembers } from '../core/topology.ts';
import { letTimePass, waitFor, whenAborted, withTimeout, type Attempt } from '../core/wait.ts';
import { checksOf } from '../checks/index.ts';
import { Logapi } from '../workload/logapi.ts';
import { BrokenView } from './broken-view.ts';
import { abortConditions } from '../safety/policy.ts';
import { AbortWatch } from './abort-watch.ts';
import type { Stage } from './definition.ts';
import { attemptWorkloadAsDeployed, demanding } from './demands.ts';
import { Injections } from './injections.ts';
import { MisledMender } from './misled.ts';
import type { ExecuteOptions } from './options.ts';
import type { Safety } from './safeguard.ts';
import { SeriesView } from './series-view.ts';
import { resolveTargets } from './targets.ts';
import { VipView } from './vip-view.ts';
import { startWatching } from './watching.ts';

const STEADY_TIMEOUT_MS = 120_000;
/** Seldom enough that asking does not load the machine on which a host comes back. */
const STEADY_INTERVAL_MS = 1_000;
const BODY_TIMEOUT_MS = 180_000;
const SETTING_TIMEOUT_MS = 120_000;
/** A fault undoes itself so long after the body's limit: by then the scenario has, if it lives. */
const HEALING_MS = 30_000;
/** Probing before the fault (so that there is a baseline) and after the last change (so that the end is seen). */
const BASELINE_MS = 4_000;
const TAIL_MS = 3_000;
/** More of that while a series is down. */
const TAIL_MAX_MS = 10_000;

/** Runs the scenario and writes its record. Throws only what kept it from being recorded to its end. */
export async function executeScenario(executed: ExecuteOptions): Promise<void> {
  const recorder = new BrokenView(executed.recorder);
  const options = { ...executed, recorder };
  const { name, iteration, attempt = 1, definition, lab, clock } = options;
  recorder.append({
    type: 'scenario.started',
    atMs: clock.now(),
    scenario: name,
    iteration,
    ...(attempt > 1 && { attempt }),
    hypothesis: definition.hypothesis,
    checks: checksOf(definition.checks).map((check) => check.name),
    ...(definition.faultless && { faultless: true }),
  });
  const failure = await attempted(options);
  const why = failure && !recorder.isBroken ? unavailability(lab, failure) : undefined;
  recorder.append({
    type: 'scenario.finished',
    atMs: clock.now(),
    scenario: name,
    iteration,
    ...(failure && { error: explainError(failure) }),
    ...(why !== undefined && { unavailable: why }),
  });
}

/** What went wrong; undefined when nothing did. */
async function attempted(options: ExecuteOptions): Promise<Error | undefined> {
  const { lab, definition } = options;
  const missing = whyWithout(lab.descriptor.topology, definition.needs);
  if (missing !== undefined) return new EnvironmentError(missing);
  const cluster = await Cluster.attach(lab);
  try {
    await inSetting(options, cluster, () => perform(options, cluster));
    return undefined;
  } catch (thrown) {
    return asError(thrown);
  } finally {
    cluster.close();
  }
}

/** On a cluster that somebody else built, what cannot be done says nothing of it, and is no flaw of the experiment either. */
function unavailability({ descriptor }: Lab, failure: Error): string | undefined {
  return descriptor.topology.found && failure instanceof EnvironmentError ? failure.message : undefined;
}

/** What is prepared for a scenario is cleared after it, whatever became of it. */
async function inSetting(
  { definition: { setting } }: ExecuteOptions,
  cluster: Cluster,
  work: () => Promise<void>,
): Promise<void> {
  if (!setting) return work();
  try {
    await withTimeout('preparing the setting', SETTING_TIMEOUT_MS, setting.prepare(cluster));
    await work();
  } finally {
    await withTimeout('clearing the setting', SETTING_TIMEOUT_MS, setting.clear(cluster));
  }
}

async function perform(options: ExecuteOptions, cluster: Cluster): Promise<void> {
  const { recorder, clock, signal } = options;
  await awaitSteady(options, cluster, 'before');
  await forgetConnections(options, cluster);
  recorder.append({ type: 'vrrp.configured', atMs: clock.now(), instances: await cluster.vrrpInstances() });
  await recordHosts(options, cluster, 'before');
  const guard = guardOf(options);
  const seriesView = new SeriesView(guard);
  const vipView = new VipView(guard);
  const guarded = { ...options, recorder: seriesView, signal: guard.signal };
  const injections = new Injections(cluster.lab, recorder, clock, safetyOf(options));
  const watching = await startWatching(
    { ...options, recorder: seriesView },
    cluster,
    vipView,
    bodyLimitMs(options) + 2 * STEADY_TIMEOUT_MS,
  );
  const errors: Error[] = [];
  try {
    guard.requireSight();
    await performBody(guarded, stageOf(guarded, cluster, vipView, injections));
  } catch (thrown) {
    errors.push(asError(thrown));
  }
  errors.push(...(await injections.healAll()));
  guard.close();
  const ending = signal.aborted ? Promise.resolve() : seeTheEnd(options, cluster, seriesView);
  await ending.catch((thrown: unknown) => errors.push(asError(thrown)));
  errors.push(...(await watching.stop()));
  if (errors.length === 1) throw errors[0] as Error;
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} things went wrong`);
}

/** Ends at once when it is broken off, also where the body does not listen. */
async function performBody(options: ExecuteOptions, stage: Stage): Promise<void> {
  const { name, definition, signal } = options;
  await letTimePass(BASELINE_MS, signal);
  const brokenOff = whenAborted(signal).then(() => signal.throwIfAborted());
  const body = Promise.race([definition.body(stage), brokenOff]);
  await withTimeout(`body of ${name}`, bodyLimitMs(options), body);
}

function guardOf({ recorder, clock, signal, lab, safety = {} }: ExecuteOptions): AbortWatch {
  return new AbortWatch(recorder, clock, signal, abortConditions(lab.descriptor, safety));
}

function safetyOf({ safety = {}, definition }: ExecuteOptions): Safety {
  return { policy: safety, losesQuorum: definition.losesQuorum === true };
}

/** A connection that an earlier fault has left half open must not lead this scenario's clients astray. */
async function forgetConnections(
  { recorder, clock, lab }: ExecuteOptions,
  { topology }: Cluster,
): Promise<void> {
  // They are of connections to the workload.
  if (!hasWorkload(topology)) return;
  const forgotten = await forgetHalfOpen(clusterMembers(topology).map(({ name }) => lab.host(name)));
  if (forgotten.size === 0) return;
  const told = [...forgotten].map(([host, count]) => `${count} on ${host}`).join(', ');
  recorder.append({
    type: 'note',
    atMs: clock.now(),
    text: `half-open connections of before were forgotten: ${told}`,
  });
}

/** Steady again, watched a little longer, and meanwhile compared with what was before. */
async function seeTheEnd(options: ExecuteOptions, cluster: Cluster, view: SeriesView): Promise<void> {
  const { signal } = options;
  const compare = (): Promise<void> => recordHosts(options, cluster, 'after');
  try {
    await awaitSteady(options, cluster, 'after');
  } catch (thrown) {
    await compare();
    throw thrown;
  }
  const watched = letTimePass(TAIL_MS, signal).then(() => outlastOutages(view, signal));
  const [end, comparison] = await Promise.allSettled([watched, compare()]);
  for (const one of [end, comparison]) if (one.status === 'rejected') throw one.reason;
}

/** An outage that the record ends in has no end. A limit that is reached is an answer, not an error. */
async function outlastOutages(view: SeriesView, signal: AbortSignal): Promise<void> {
  const limit = { timeoutMs: TAIL_MAX_MS, intervalMs: 100, signal };
  await waitFor('an answer to every series', limit, () => {
    const [failing] = view.failing;
    return Promise.resolve(failing === undefined ? { done: undefined } : { missing: `${failing} fails` });
  }).catch(() => signal.throwIfAborted());
}

/** Waits for steady state and records what was found, also when it never came. */
async function awaitSteady(
  options: ExecuteOptions,
  cluster: Cluster,
  when: SteadyState['when'],
  timeoutMs = STEADY_TIMEOUT_MS,
): Promise<void> {
  const { recorder, clock, signal } = options;
  const limit = { timeoutMs, intervalMs: STEADY_INTERVAL_MS, signal };
  const mender = new MisledMender(cluster, recorder, clock);
  const mending = async <T>(attempt: Promise<Attempt<T>>): Promise<Attempt<T>> => {
    const found = await attempt;
    if ('missing' in found) await mender.look().catch(() => undefined);
    return found;
  };
  try {
    if (when !== 'between' && hasWorkload(cluster.topology)) {
      const logapi = logapiOf(cluster);
      await waitFor('logapi as it was deployed', limit, () => mending(attemptWorkloadAsDeployed(logapi)));
    }
    const { findings } = await waitFor(`steady state ${when}`, limit, () =>
      mending(attemptSteadyState(cluster)),
    );
    recorder.append({ type: 'steady', atMs: clock.now(), when, ok: true, findings });
  } catch (thrown) {
    const { findings } = await inspectSteadyState(cluster);
    recorder.append({ type: 'steady', atMs: clock.now(), when, ok: false, findings });
    throw thrown;
  } finally {
    await recordNodes(options, cluster);
  }
}

/** What the hosts are like and since when they live, to be compared afterwards. */
async function recordHosts(
  { recorder, clock, lab }: ExecuteOptions,
  cluster: Cluster,
  when: 'before' | 'after',
): Promise<void> {
  const [parts, lives] = await Promise.all([
    takeFingerprint(cluster),
    takeVitals(lab.hosts, cluster.topology),
  ]);
  recorder.append({ type: 'fingerprint', atMs: clock.now(), when, parts });
  recorder.append({ type: 'vitals', atMs: clock.now(), when, lives });
}

async function recordNodes({ recorder, clock }: ExecuteOptions, cluster: Cluster): Promise<void> {
  const states = await cluster.nodeStates().catch(() => undefined);
  if (states) recorder.append({ type: 'nodes', atMs: clock.now(), ...states });
}

function stageOf(options: ExecuteOptions, cluster: Cluster, vipView: VipView, injections: Injections): Stage {
  const { name, iteration, seed, durationMs, signal, recorder, clock } = options;
  const random = seededRandom(seedFor(seed, `${name} ${iteration}`));
  const hosts = (target: string): Promise<readonly string[]> => resolveTargets({ cluster, random }, target);
  const limitMs = faultLimitMs(options);
  return {
    cluster,
    signal,
    random,
    hosts,
    inject: async (kind, target, params = {}) =>
      injections.inject({ kind, targets: await hosts(target), params, limitMs }),
    observe: (durationMs) => letTimePass(durationMs, signal),
    vipHolder: async () => {
      const [holder] = await hosts('vip-holder');
      if (holder === undefined) throw new HoldfastError('nobody holds the VIP');
      return holder;
    },
    vipLeaves: async (holder, timeoutMs) => {
      const limit = { timeoutMs, intervalMs: 50, signal };
      await waitFor(`VIP on another master than ${holder}`, limit, () => {
        const others = vipView.holders.filter((name) => name !== holder);
        return Promise.resolve(others.length > 0 ? { done: undefined } : { missing: 'nobody else holds it' });
      }).catch((thrown: unknown) => {
        signal.throwIfAborted();
        recorder.append({ type: 'note', atMs: clock.now(), text: asError(thrown).message });
      });
    },
    steadyAgain: (timeoutMs) => awaitSteady(options, cluster, 'between', timeoutMs),
    demand: demanding(recorder, clock, signal),
    logapi: logapiOf(cluster),
    durationMs,
    sinceAdvertMs: (host) => {
      const advertisedMs = vipView.advertisedMs(host);
      return advertisedMs === undefined ? undefined : clock.now() - advertisedMs;
    },
    note: (text) => recorder.append({ type: 'note', atMs: clock.now(), text }),
  };
}

/** After which the hosts of a scenario's faults undo them by themselves. */
export function faultLimitMs(options: Pick<ExecuteOptions, 'definition' | 'durationMs'>): number {
  return bodyLimitMs(options) + HEALING_MS;
}

function bodyLimitMs({
  definition,
  durationMs = 0,
}: Pick<ExecuteOptions, 'definition' | 'durationMs'>): number {
  return (definition.bodyTimeoutMs ?? BODY_TIMEOUT_MS) + durationMs;
}

function logapiOf(cluster: Cluster): Logapi {
  return new Logapi(cluster.request.bind(cluster));
}
