// One fault by hand, told as a story: on record, injected, seen, held for its time, healed. No scenario, no verdict.
import { clockOriginNow, runClock, type ClockOrigin, type RunClock } from '../core/clock.ts';
import { asError, explainError, HoldfastError } from '../core/errors.ts';
import type { FaultParams } from '../core/fault.ts';
import { openJournal } from '../core/journal.ts';
import type { ProgressListener } from '../core/progress.ts';
import type { Lab } from '../core/provider.ts';
import { JOURNAL_VERSION, type Evidence, type JournalEvent, type Recorder } from '../core/record.ts';
import { spoken } from '../core/text.ts';
import { letTimePass } from '../core/wait.ts';
import { readMarker } from '../cluster/marker.ts';
import type { SafetyPolicy } from '../safety/policy.ts';
import { Injections } from '../scenario/injections.ts';
import type { RunFolder } from './folder.ts';
import { forgetRun, noteRun } from './noted-runs.ts';

const COUNTDOWN_INTERVAL_MS = 1_000;

export interface HandOrder {
  readonly lab: Lab;
  readonly kind: string;
  /** Names of hosts. */
  readonly targets: readonly string[];
  readonly params: FaultParams;
  /** Counted from the moment at which the deed was done. */
  readonly forMs: number;
  /** After this the hosts undo it by themselves, counted from when they were armed. */
  readonly limitMs: number;
  readonly safety: SafetyPolicy;
  readonly folder: RunFolder;
  readonly seed: number;
  readonly holdfast: string;
  readonly command: string;
}

/** How it is shown while it goes. */
export interface HandView {
  phase<T>(title: string, work: (listener: ProgressListener) => Promise<T>): Promise<T>;
  /** What the witnesses say, as soon as they have. */
  evidence(evidence: readonly Evidence[]): void;
}

export interface HandOutcome {
  readonly evidence: readonly Evidence[];
  /** From when the deed was done to when undoing it began; undefined when it was never done. */
  readonly inForceMs: number | undefined;
  readonly healed: boolean;
  /** Why it ended before its time, if it did. */
  readonly failure: Error | undefined;
}

export async function injectByHand(
  order: HandOrder,
  view: HandView,
  signal: AbortSignal,
): Promise<HandOutcome> {
  const journal = openJournal(order.folder.journal);
  const events: JournalEvent[] = [];
  const origin = clockOriginNow();
  const clock = runClock(origin);
  const recorder: Recorder = {
    append: (event) => {
      journal.append(event);
      events.push(event);
    },
  };
  let failure: Error | undefined;
  try {
    await openRecord(order, recorder, origin, clock);
    failure = await breakAndHeal(order, { view, recorder, events, clock }, signal);
    if (isHealed(events)) await forgetRun(order.lab, order.folder);
  } catch (thrown) {
    failure = asError(thrown);
  }
  if (failure) {
    recorder.append({ type: 'run.interrupted', atMs: clock.now(), reason: explainError(failure) });
  }
  recorder.append({ type: 'run.finished', atMs: clock.now(), finishedAt: new Date().toISOString() });
  journal.close();
  return { ...outcomeOf(events), failure };
}

/** All that `holdfast heal` needs, before anything is broken. */
async function openRecord(
  { lab, folder, seed, holdfast, command }: HandOrder,
  recorder: Recorder,
  origin: ClockOrigin,
  clock: RunClock,
): Promise<void> {
  const { descriptor } = lab;
  recorder.append({
    type: 'run.started',
    atMs: clock.now(),
    journalVersion: JOURNAL_VERSION,
    id: folder.id,
    startedAt: new Date(origin.epochMs).toISOString(),
    clock: origin,
    seed,
    holdfast,
    command,
    topology: descriptor.topology,
    profile: descriptor.topology.found?.kubernetesVersion ?? (await readMarker(lab)) ?? 'unfinished',
    provider: descriptor.provider,
    plan: [],
  });
  recorder.append({ type: 'lab.ready', atMs: clock.now(), descriptor, reused: true });
  await noteRun(lab, folder);
}

interface Telling {
  readonly view: HandView;
  readonly recorder: Recorder;
  /** What was recorded so far. */
  readonly events: readonly JournalEvent[];
  readonly clock: RunClock;
}

/** @returns why it ended before its time, if it did */
async function breakAndHeal(
  order: HandOrder,
  telling: Telling,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const { lab, kind, targets, params, limitMs, safety } = order;
  const { view, recorder, clock } = telling;
  // Who names a fault and its target by hand means what follows from it, once it is said to them.
  const injections = new Injections(lab, recorder, clock, { policy: safety, losesQuorum: true });
  const errors: Error[] = [];
  try {
    await task(view, `injecting ${kind} on ${targets.join(', ')}`, () =>
      injections.inject({ kind, targets, params, limitMs }),
    );
    await hold(order, telling, signal);
  } catch (thrown) {
    errors.push(signal.aborted ? asError(signal.reason) : asError(thrown));
  }
  if (!telling.events.some((event) => event.type === 'fault.prepared')) return errors[0];
  const unhealed = await task(view, `healing ${kind}`, () => injections.healAll());
  if (unhealed.length > 0) {
    const cause = new AggregateError(unhealed, unhealed.map(({ message }) => message).join('; '));
    const hint = 'holdfast heal tries again; the hosts do at the limit';
    errors.push(new HoldfastError(`${kind} could not be healed`, { cause, hint }));
  }
  return errors.length > 1 ? new AggregateError(errors, errors.map(explainError).join('\n')) : errors[0];
}

/** @throws HoldfastError at once when it took no effect: to wait for nothing shows nothing */
async function hold({ kind, forMs }: HandOrder, telling: Telling, signal: AbortSignal): Promise<void> {
  const { view, events, clock } = telling;
  const { evidence } = outcomeOf(events);
  view.evidence(evidence);
  signal.throwIfAborted();
  if (evidence.length === 0 || evidence.some(({ holds }) => !holds)) {
    throw new HoldfastError(`${kind} did not take effect; it is healed at once`);
  }
  const injectedMs = events.find((event) => event.type === 'fault.injected')?.toMs ?? clock.now();
  await view.phase(`in force for ${spoken(forMs)}; Ctrl-C heals at once`, async (listener) => {
    const countdown = 'in force';
    const startedAt = performance.now();
    listener.started(countdown);
    for (let leftMs = forMs; leftMs > 0; leftMs = injectedMs + forMs - clock.now()) {
      listener.output(countdown, `healed in ${spoken(leftMs)}`);
      await letTimePass(Math.min(COUNTDOWN_INTERVAL_MS, leftMs), signal);
    }
    listener.finished(countdown, performance.now() - startedAt);
  });
}

async function task<T>(view: HandView, title: string, work: () => Promise<T>): Promise<T> {
  return view.phase(title, () => work());
}

function outcomeOf(events: readonly JournalEvent[]): Omit<HandOutcome, 'failure'> {
  const injected = events.find((event) => event.type === 'fault.injected');
  const healed = events.find((event) => event.type === 'fault.healed');
  const endMs = healed?.fromMs ?? healed?.atMs;
  return {
    evidence: events.flatMap((event) => (event.type === 'fault.evidence' ? event.evidence : [])),
    inForceMs: injected === undefined || endMs === undefined ? undefined : endMs - injected.toMs,
    healed: isHealed(events),
  };
}

/** Nothing is left to heal: what was prepared was healed, or nothing was. */
function isHealed(events: readonly JournalEvent[]): boolean {
  const has = (type: JournalEvent['type']): boolean => events.some((event) => event.type === type);
  return has('fault.healed') || !has('fault.prepared');
}
