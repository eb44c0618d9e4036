// One run, told as a story: a cluster, scenarios one by one, healing, judging, reports, and nothing left behind.
import { join } from 'node:path';
import { collectHostLogs } from './cluster/host-logs.ts';
import { judgeRun } from './checks/judge.ts';
import { clockOriginNow, runClock, type RunClock } from './core/clock.ts';
import { asError, explainError } from './core/errors.ts';
import { openJournal, readRun, type Journal } from './core/journal.ts';
import type { ProgressListener } from './core/progress.ts';
import type { Lab, LabDescriptor, Provider } from './core/provider.ts';
import { JOURNAL_VERSION } from './core/record.ts';
import type { RunResultFile } from './core/result.ts';
import type { Topology } from './core/topology.ts';
import type { Profile } from './profiles/profile.ts';
import { writeReports } from './reports.ts';
import { runScenarioChild } from './run/child.ts';
import { makeRunFolder, newRunId, type RunFolder } from './run/folder.ts';
import { healWhatIsLeft } from './run/heal.ts';
import { findIdleCluster, makeCluster } from './run/lab.ts';
import { recordingProgress } from './run/recording-progress.ts';

export interface RunRequest {
  readonly scenarios: readonly string[];
  readonly repeat: number;
  readonly topology: Topology;
  readonly profile: Profile;
  readonly provider: Provider;
  readonly seed: number;
  readonly reports: string;
  /** Leave the cluster up afterwards. */
  readonly keep: boolean;
  /** Make a new cluster even if one is up that would do. */
  readonly fresh: boolean;
  readonly instance?: number;
  readonly holdfast: string;
  readonly command: string;
  isBusy(descriptor: LabDescriptor): boolean;
  /** Marks a lab as in use by this process. */
  claim(runId: string): void;
}

/** How a run is shown while it goes. */
export interface RunView {
  begins(folder: RunFolder): void;
  phase<T>(title: string, work: (listener: ProgressListener) => Promise<T>): Promise<T>;
  /** Follows the journal while a scenario runs. */
  scenario<T>(title: string, journal: string, work: () => Promise<T>): Promise<T>;
}

export interface RunOutcome {
  readonly folder: RunFolder;
  readonly result: RunResultFile;
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
    profile: request.profile.name,
    provider: request.provider.name,
    plan: planOf(request),
  });
  view.begins(folder);
  const story: Story = { request, view, signal, folder, journal, clock };
  let lab: Lab | undefined;
  let failure: Error | undefined;
  try {
    lab = await clusterFor(story);
    await performScenarios(story, lab, origin);
  } catch (thrown) {
    failure = asError(thrown);
    journal.append({ type: 'run.interrupted', atMs: clock.now(), reason: explainError(failure) });
  }
  if (lab) await bringHome(story, lab);
  journal.append({ type: 'run.finished', atMs: clock.now(), finishedAt: new Date().toISOString() });
  journal.close();
  const record = readRun(folder.journal);
  const result = judgeRun(record);
  writeReports(folder.path, record, result);
  if (failure) throw failure;
  return { folder, result };
}

interface Story {
  readonly request: RunRequest;
  readonly view: RunView;
  readonly signal: AbortSignal;
  readonly folder: RunFolder;
  readonly journal: Journal;
  readonly clock: RunClock;
}

function planOf(request: RunRequest): readonly string[] {
  return Array.from({ length: request.repeat }, () => request.scenarios).flat();
}

async function clusterFor({ request, view, signal, folder, journal, clock }: Story): Promise<Lab> {
  const { provider, topology, profile, fresh, instance } = request;
  const idle = fresh ? undefined : await findIdleCluster(provider, topology, profile, request.isBusy);
  request.claim(idle?.descriptor.runId ?? folder.id);
  if (idle) {
    journal.append({ type: 'lab.ready', atMs: clock.now(), descriptor: idle.descriptor, reused: true });
    return idle;
  }
  const { lab } = await view.phase('cluster', (listener) =>
    makeCluster({
      provider,
      topology,
      profile,
      runId: folder.id,
      progress: recordingProgress(listener, 'cluster', journal, clock),
      signal,
      logFolder: join(folder.path, 'hosts'),
      ...(instance !== undefined && { instance }),
    }),
  );
  journal.append({ type: 'lab.ready', atMs: clock.now(), descriptor: lab.descriptor, reused: false });
  return lab;
}

async function performScenarios(story: Story, lab: Lab, origin: ReturnType<typeof clockOriginNow>): Promise<void> {
  const { request, view, signal, folder, journal, clock } = story;
  for (const [index, scenario] of planOf(request).entries()) {
    signal.throwIfAborted();
    const iteration = Math.floor(index / request.scenarios.length) + 1;
    const context = {
      ownerPid: process.pid,
      scenario,
      iteration,
      journal: folder.journal,
      clock: origin,
      lab: lab.descriptor,
    };
    const title = request.repeat > 1 ? `${scenario} (${iteration} of ${request.repeat})` : scenario;
    await view.scenario(title, folder.journal, () =>
      runScenarioChild({ context, logFile: join(folder.path, 'scenarios.log'), signal }),
    );
    await healWhatIsLeft(lab, folder.journal, journal, clock);
  }
}

/** What must happen whatever happened before: heal, collect the logs, and let the cluster go unless it is to stay. */
async function bringHome({ request, view, folder, journal, clock }: Story, lab: Lab): Promise<void> {
  const ours = lab.descriptor.runId === folder.id;
  await view.phase('bringing home', async (listener) => {
    const progress = recordingProgress(listener, 'teardown', journal, clock);
    const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const startedAt = performance.now();
      progress.started(name);
      await work().then(
        () => progress.finished(name, performance.now() - startedAt),
        (thrown: unknown) => progress.failed(name, performance.now() - startedAt, asError(thrown)),
      );
    };
    await step('healing', () => healWhatIsLeft(lab, folder.journal, journal, clock));
    await step("hosts' logs", () => collectHostLogs(lab.hosts, join(folder.path, 'hosts')));
    if (ours && !request.keep) await step('removing the cluster', () => request.provider.destroy(folder.id));
  });
}
