// One run, told as a story: a cluster, scenarios one by one, healing, judging, reports, and nothing left behind.
import { join } from 'node:path';
import { collectHostLogs } from './cluster/host-logs.ts';
import { clockOriginNow, runClock, type ClockOrigin, type RunClock } from './core/clock.ts';
import { asError, explainError, HoldfastError, UsageError } from './core/errors.ts';
import { openJournal, readRunSince, sizeOf, type Journal } from './core/journal.ts';
import type { ProgressListener } from './core/progress.ts';
import type { Lab, LabDescriptor, Provider } from './core/provider.ts';
import { JOURNAL_VERSION } from './core/record.ts';
import type { RunReport } from './core/report.ts';
import { saysNothing, type Verdict } from './core/verdict.ts';
import type { Topology } from './core/topology.ts';
import type { Profile } from './profiles/profile.ts';
import { LiveReports } from './live-reports.ts';
import { requireConsent, type SafetyPolicy } from './safety/policy.ts';
import { runScenarioChild } from './run/child.ts';
import { makeRunFolder, newRunId, type RunFolder } from './run/folder.ts';
import { healWhatIsLeft } from './run/heal.ts';
import { findIdleCluster, makeCluster } from './run/lab.ts';
import { healLeftovers, tellHealing } from './run/leftovers.ts';
import { forgetRun, noteRun } from './run/noted-runs.ts';
import { recordingProgress } from './run/recording-progress.ts';
import { removeTraces } from './scenario/traces.ts';

export interface RunRequest {
  readonly scenarios: readonly string[];
  readonly repeat: number;
  /** How often a scenario of which nothing could be learned is asked again. A failure never is. */
  readonly retries: number;
  readonly topology: Topology;
  readonly profile: Profile;
  readonly providerName: string;
  /** A cluster that somebody else built: it is taken, or nothing. */
  readonly attached?: LabDescriptor;
  /** Brings up what the provider needs (engine, images), shown and recorded as phases of the run. */
  openProvider(phase: Phase, signal: AbortSignal): Promise<Provider>;
  readonly seed: number;
  /** How long a scenario that can go on for any time is to. */
  readonly durationMs?: number;
  /** What a person has allowed. */
  readonly safety: SafetyPolicy;
  readonly reports: string;
  /** Leave the cluster up afterwards. */
  readonly keep: boolean;
  /** Make a new cluster even if one is up that would do. */
  readonly fresh: boolean;
  readonly instance?: number;
  readonly holdfast: string;
  readonly command: string;
  /** Whether another process uses the lab. */
  readonly isBusy: (runId: string) => Promise<boolean>;
  /** Marks a lab as in use by this process. */
  claim(runId: string): Promise<void>;
}

/** Shows a part of the work while it goes on. */
export type Phase = <T>(title: string, work: (listener: ProgressListener) => Promise<T>) => Promise<T>;

/** How a run is shown while it goes. */
export interface RunView {
  begins(folder: RunFolder, clock: RunClock): void;
  readonly phase: Phase;
  warn(text: string): void;
  /** Follows the journal while a scenario runs. */
  scenario<T>(title: string, journal: string, work: () => Promise<T>): Promise<T>;
}

export interface RunOutcome {
  readonly folder: RunFolder;
  readonly report: RunReport;
  /** Why the run ended early, if it did. */
  readonly failure: Error | undefined;
}

export async function run(request: RunRequest, view: RunView, signal: AbortSignal): Promise<RunOutcome> {
  const folder = makeRunFolder(request.reports, newRunId(new Date()));
  const journal = openJournal(folder.journal);
  const origin = clockOriginNow();
  const clock = runClock(origin);
  journal.append({
    type: 'run.started',
    atMs: clock.now(),
    journalVersion: JOURNAL_VERSION,
    id: folder.id,
    startedAt: new Date(origin.epochMs).toISOString(),
    clock: origin,
    seed: request.seed,
    holdfast: request.holdfast,
    command: request.command,
    topology: request.topology,
    profile: request.topology.found?.kubernetesVersion ?? request.profile.name,
    provider: request.providerName,
    plan: planOf(request),
  });
  view.begins(folder, clock);
  const phase: Phase = (title, work) =>
    view.phase(title, (listener) => work(recordingProgress(listener, title, journal, clock)));
  const reports = new LiveReports(folder, (error) => view.warn(explainError(error)));
  await reports.write();
  const story: Story = { request, view, phase, signal, folder, journal, clock, reports };
  let provider: Provider | undefined;
  let lab: Lab | undefined;
  let failure: Error | undefined;
  try {
    provider = await request.openProvider(phase, signal);
    lab = await clusterFor(story, provider);
    requireConsent(lab.descriptor, request.safety, request.scenarios.join(', '));
    await performScenarios(story, lab, origin);
  } catch (thrown) {
    failure = asError(thrown);
    journal.append({ type: 'run.interrupted', atMs: clock.now(), reason: explainError(failure) });
  }
  if (lab && provider) await bringHome(story, lab, provider);
  journal.append({ type: 'run.finished', atMs: clock.now(), finishedAt: new Date().toISOString() });
  journal.close();
  return { folder, report: await reports.write(), failure };
}

interface Story {
  readonly request: RunRequest;
  readonly view: RunView;
  readonly phase: Phase;
  readonly signal: AbortSignal;
  readonly folder: RunFolder;
  readonly journal: Journal;
  readonly clock: RunClock;
  readonly reports: LiveReports;
}

function planOf(request: RunRequest): readonly string[] {
  return Array.from({ length: request.repeat }, () => request.scenarios).flat();
}

/** A cluster that is there and may be used; undefined when one is to be made. */
async function standingCluster({ request }: Story, provider: Provider): Promise<Lab | undefined> {
  const { attached, fresh, topology, profile, isBusy } = request;
  if (attached) {
    if (!(await isBusy(attached.runId))) return provider.attach(attached);
    throw new UsageError(`${topology.name} is in use by a holdfast that is running`, {
      hint: 'two at once would judge each other’s faults; wait for that one, or end it',
    });
  }
  return fresh ? undefined : findIdleCluster(provider, topology, profile, isBusy);
}

async function clusterFor(story: Story, provider: Provider): Promise<Lab> {
  const { request, phase, signal, folder, journal, clock } = story;
  const { topology, profile, instance } = request;
  const idle = await standingCluster(story, provider);
  await request.claim(idle?.descriptor.runId ?? folder.id);
  if (idle) {
    journal.append({ type: 'lab.ready', atMs: clock.now(), descriptor: idle.descriptor, reused: true });
    await healDeadRuns(story, idle);
    await noteRun(idle, folder);
    return idle;
  }
  const { lab } = await phase('cluster', (progress) =>
    makeCluster({
      provider,
      topology,
      profile,
      runId: folder.id,
      progress,
      signal,
      logFolder: join(folder.path, 'hosts'),
      ...(instance !== undefined && { instance }),
    }),
  );
  journal.append({ type: 'lab.ready', atMs: clock.now(), descriptor: lab.descriptor, reused: false });
  await noteRun(lab, folder);
  return lab;
}

/** What a run that was killed has left on the cluster must not be taken for this run's doing. */
async function healDeadRuns({ phase, view, journal, clock }: Story, lab: Lab): Promise<void> {
  const healing = await phase('leftovers of dead runs', (progress) => healLeftovers({ lab, progress }));
  for (const text of tellHealing(healing)) {
    journal.append({ type: 'note', atMs: clock.now(), text });
    view.warn(text);
  }
  if (healing.problems.length === 0) return;
  throw new HoldfastError('the cluster that is up holds what dead runs left, and could not be healed', {
    hint: 'holdfast heal tries again; holdfast run --fresh takes a new cluster',
  });
}

async function performScenarios(story: Story, lab: Lab, origin: ClockOrigin): Promise<void> {
  const { request, view, journal, clock } = story;
  for (const [index, scenario] of planOf(request).entries()) {
    const iteration = Math.floor(index / request.scenarios.length) + 1;
    for (let attempt = 1; attempt <= 1 + request.retries; attempt += 1) {
      const asked = { origin, scenario, iteration, attempt };
      const { verdict, refused, stopped } = await performScenario(story, lab, asked);
      if (stopped !== undefined) {
        journal.append({ type: 'run.interrupted', atMs: clock.now(), reason: stopped });
        view.warn(stopped);
        return;
      }
      if (!saysNothing(verdict) || refused || attempt > request.retries) break;
      const text = `${scenario} was ${verdict}: it is asked again`;
      journal.append({ type: 'note', atMs: clock.now(), text });
      view.warn(text);
    }
  }
}

interface Asked {
  readonly origin: ClockOrigin;
  readonly scenario: string;
  readonly iteration: number;
  readonly attempt: number;
}

interface Performed {
  /** undefined: it was never begun, or cannot be done there: asked again, the answer would be the same. */
  readonly verdict: Verdict | undefined;
  /** A fault was not allowed here: to ask again would be answered alike. */
  readonly refused: boolean;
  /** Why nothing more is to be broken, if so. */
  readonly stopped: string | undefined;
}

async function performScenario(story: Story, lab: Lab, asked: Asked): Promise<Performed> {
  const { request, view, signal, folder, journal, clock, reports } = story;
  const { origin, scenario, iteration, attempt } = asked;
  const journalFromByte = sizeOf(folder.journal);
  const context = {
    ownerPid: process.pid,
    scenario,
    iteration,
    attempt,
    seed: request.seed,
    ...(request.durationMs !== undefined && { durationMs: request.durationMs }),
    safety: request.safety,
    journal: folder.journal,
    journalFromByte,
    clock: origin,
    lab: lab.descriptor,
  };
  const title = request.repeat > 1 ? `${scenario} (${iteration} of ${request.repeat})` : scenario;
  await view.scenario(title, folder.journal, () =>
    runScenarioChild({ context, logFile: join(folder.path, 'scenarios.log'), signal }),
  );
  await healWhatIsLeft(lab, folder.journal, journal, clock, journalFromByte);
  const { result } = await reports.write();
  signal.throwIfAborted();
  const last = result.scenarios.at(-1);
  const { events } = readRunSince(folder.journal, journalFromByte);
  const abort = events.find((event) => event.type === 'safety.abort');
  return {
    verdict: last?.unavailable === undefined ? last?.verdict : undefined,
    refused: events.some(({ type }) => type === 'fault.refused'),
    stopped: abort && `stopped by --abort-when "${abort.condition}" in ${scenario}: ${abort.detail}`,
  };
}

/** What must happen whatever happened before: heal, collect the logs, and let the cluster go unless it is to stay. */
async function bringHome(story: Story, lab: Lab, provider: Provider): Promise<void> {
  const { request, phase, folder, journal, clock } = story;
  const ours = lab.descriptor.runId === folder.id;
  await phase('bringing home', async (progress) => {
    const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const startedAt = performance.now();
      progress.started(name);
      await work().then(
        () => progress.finished(name, performance.now() - startedAt),
        (thrown: unknown) => progress.failed(name, performance.now() - startedAt, asError(thrown)),
      );
    };
    await step('healing', async () => {
      await healWhatIsLeft(lab, folder.journal, journal, clock);
      await forgetRun(lab, folder);
    });
    if (request.attached) await step('the namespace holdfast removed', () => removeTraces(lab));
    await step("hosts' logs", () => collectHostLogs(lab.hosts, join(folder.path, 'hosts')));
    if (ours && !request.keep) await step('removing the cluster', () => provider.destroy(folder.id));
  });
}
