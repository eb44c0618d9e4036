// Runs a prober on a host, on the observer or in a pod, and writes down all that it says.
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleProgram } from '../core/bundle.ts';
import { HoldfastError } from '../core/errors.ts';
import type { HostClock, HostClocks, RunClock } from '../core/clock.ts';
import type { Host, HostStream } from '../core/host.ts';
import type { ProbeDefinition, Recorder } from '../core/record.ts';
import { withTimeout } from '../core/wait.ts';
import { eventOf, parseLine } from './lines.ts';
import type { ProberConfig } from './protocol.ts';

const PROBER = new URL('./prober/main.ts', import.meta.url);
/** Where probe pods have it too (fixtures/manifests/probe-pods.yaml). */
const PROGRAMS = '/usr/local/lib/holdfast';
/**
 * A large nursery, in MiB: most of what the prober allocates is dead by the next sample, and collecting costs CPU. Large
 * from the start: one that grows while it is needed looks like a leak.
 */
const NEW_SPACE = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
/**
 * Runs what follows under the real-time policy (sched(7)) where that is permitted, else as it is. On a busy machine the
 * fair one lets a process wait for tens of milliseconds whatever its nice value, as that counts only within its control group.
 */
const PROMPTLY = ['sh', '-c', 'chrt --rr 1 true 2>/dev/null && exec chrt --rr 1 "$@"; exec "$@"', 'sh'];
const NOISE_WINDOW_MS = 5000;
/** For Node to start there, beyond the slowest series' interval and limit. */
const START_ALLOWANCE_MS = 15_000;
/** For the prober to write its last lines, beyond the limit of the samples under way. */
const STOP_ALLOWANCE_MS = 3000;
/** Between two attempts to start a prober again whose host went away. */
const RESTART_INTERVAL_MS = 1000;

export interface ProbesOptions extends Pick<
  ProberConfig,
  'caPem' | 'client' | 'etcd' | 'servers' | 'ledger' | 'clusterWatch'
> {
  /** The observer, or the host on which the pod of these series runs. */
  readonly host: Host;
  /** A folder there for the prober; default: one of root's. */
  readonly programs?: string;
  /** The definitions' `from`; absent: on the observer. */
  readonly from?: string;
  readonly definitions: readonly ProbeDefinition[];
  /** Turns the command that runs the prober into one that runs it elsewhere on the host, at the same path. */
  readonly command?: (argv: readonly string[]) => readonly string[];
  /**
   * A prober that ends by itself is started again, at every second until it runs: for hosts that a fault takes away.
   * Its end and its new beginning are in the record, and nothing that was due between them.
   */
  readonly restart?: true;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly clocks: HostClocks;
  /** The prober ends by itself after this, so that it never outlives a lost harness for long. */
  readonly maxDurationMs: number;
}

export interface RunningProbes {
  /**
   * Ends all series. Samples under way are waited for, within their own limits. Idempotent.
   * @throws what the recorder threw, if it did
   */
  stop(): Promise<void>;
}

/**
 * Resolves when every series has its first sample, good or failed.
 * @throws HoldfastError when the prober ends before that, WaitTimeoutError when a series stays silent
 */
export async function startProbes(options: ProbesOptions): Promise<RunningProbes> {
  const { host, definitions, clock, maxDurationMs } = options;
  const launch: Launch = {
    options,
    bundle: await bundleProgram(PROBER),
    endsMs: clock.now() + maxDurationMs,
  };
  const first = await launchProber(launch, maxDurationMs, 'at once');
  const slowestMs = Math.max(...definitions.map((one) => one.intervalMs + one.timeoutMs));
  const endedEarly = first.ended.then((reason) => {
    throw new HoldfastError(`prober on ${host.name} ended before every series had a sample: ${reason}`);
  });
  try {
    const what = `first sample of ${definitions.length} probe series on ${host.name}`;
    const limitMs = START_ALLOWANCE_MS + slowestMs;
    await withTimeout(what, limitMs, Promise.race([first.heardAll, endedEarly]));
  } catch (thrown) {
    await first.stream.close();
    await first.ended.catch(() => undefined);
    throw thrown;
  } finally {
    endedEarly.catch(() => undefined);
  }
  const stopTimeoutMs = slowestMs + STOP_ALLOWANCE_MS;
  if (options.restart) return keepRunning(first, launch, stopTimeoutMs);
  return { stop: () => stopProber(first, stopTimeoutMs) };
}

interface Launch {
  readonly options: ProbesOptions;
  readonly bundle: string;
  /** When the last prober has to end by itself, on the run's axis. */
  readonly endsMs: number;
}

interface Prober {
  readonly stream: HostStream;
  /** Resolves when every series has a sample. */
  readonly heardAll: Promise<void>;
  /** Resolves with why the prober ended, when that is written down; rejects with what the recorder threw. */
  readonly ended: Promise<string>;
}

/** @param announce when it is written down that the probes have started; nothing is said of one that never spoke */
async function launchProber(
  { options, bundle }: Launch,
  maxDurationMs: number,
  announce: 'at once' | 'when heard',
): Promise<Prober> {
  const { host, definitions, recorder, clock, clocks, command, programs = PROGRAMS } = options;
  const path = posix.join(programs, 'prober.mjs');
  // A prober in a pod has its host's clocks.
  const [hostClock] = await Promise.all([clocks.of(host), host.upload(path, bundle)]);
  const argv = ['node', ...NEW_SPACE, path];
  const stream = await host.stream([...PROMPTLY, ...(command ? command(argv) : argv)]);
  let isAnnounced = false;
  const announceOnce = (): void => {
    if (!isAnnounced) recorder.append({ type: 'probes.started', atMs: clock.now(), probes: definitions });
    isAnnounced = true;
  };
  if (announce === 'at once') announceOnce();

  const unheard = new Set(definitions.keys());
  let hearAll: (() => void) | undefined;
  const heardAll = new Promise<void>((resolve) => (hearAll = resolve));
  const ended = record(stream, options, hostClock, {
    onLine: announceOnce,
    onSample: (probe) => {
      unheard.delete(probe);
      if (unheard.size === 0) hearAll?.();
    },
    isAnnounced: () => isAnnounced,
  });
  // Whoever waits for the end hears of it; before that it is no unhandled rejection.
  ended.catch(() => undefined);
  stream.write(`${JSON.stringify(configOf(options, maxDurationMs))}\n`);
  return { stream, heardAll, ended };
}

function configOf(options: ProbesOptions, maxDurationMs: number): ProberConfig {
  const { definitions, caPem, client, etcd, servers, ledger, clusterWatch } = options;
  return {
    probes: definitions,
    ...(caPem !== undefined && { caPem }),
    ...(client && { client }),
    ...(etcd && { etcd }),
    ...(servers && { servers }),
    ...(ledger && { ledger }),
    ...(clusterWatch && { clusterWatch }),
    noiseWindowMs: NOISE_WINDOW_MS,
    maxDurationMs,
  };
}

async function stopProber({ stream, ended }: Prober, timeoutMs: number): Promise<void> {
  stream.write('stop\n');
  await withTimeout('prober', timeoutMs, ended).catch(() => undefined);
  await stream.close();
  await ended;
}

function keepRunning(first: Prober, launch: Launch, stopTimeoutMs: number): RunningProbes {
  const stopping = new AbortController();
  const { signal } = stopping;
  let current = first;
  const restart = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      const next = await relaunch(launch, signal);
      if (!next) return;
      current = next;
      if (signal.aborted) await stopProber(next, stopTimeoutMs);
    }
  };
  const restarts = restart();
  restarts.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await stopProber(current, stopTimeoutMs);
      await restarts;
    },
  };
}

/** undefined when there is nothing to start any more. */
async function relaunch(launch: Launch, signal: AbortSignal): Promise<Prober | undefined> {
  for (;;) {
    await sleep(RESTART_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    const leftMs = launch.endsMs - launch.options.clock.now();
    if (signal.aborted || leftMs <= 0) return undefined;
    // A host that is off is no error here: the end of its prober is in the record, and the next attempt finds out.
    const prober = await launchProber(launch, leftMs, 'when heard').catch(() => undefined);
    if (prober) return prober;
  }
}

interface Listener {
  readonly onLine: () => void;
  readonly onSample: (probe: number) => void;
  readonly isAnnounced: () => boolean;
}

async function record(
  stream: HostStream,
  { definitions, recorder, clock, from }: ProbesOptions,
  hostClock: HostClock,
  { onLine, onSample, isAnnounced }: Listener,
): Promise<string> {
  let reason: string | undefined;
  try {
    for await (const text of stream.lines) {
      onLine();
      const line = parseLine(text, definitions);
      if (line === undefined) {
        const note = `line of the prober not understood: ${text.slice(0, 500)}`;
        recorder.append({ type: 'note', atMs: clock.now(), text: note });
      } else if ('end' in line) {
        reason = line.end;
      } else {
        recorder.append(eventOf(line, definitions, hostClock, from));
        if ('p' in line) onSample(line.p);
      }
    }
    reason ??= await describeEnd(stream);
  } finally {
    // Does nothing to a prober that has ended; ends one whose samples can no longer be written down.
    await stream.close();
  }
  if (isAnnounced()) {
    const where = from === undefined ? {} : { from };
    recorder.append({ type: 'probes.stopped', atMs: clock.now(), ...where, reason });
  }
  return reason;
}

async function describeEnd(stream: HostStream): Promise<string> {
  const { reason, exitCode, stderr } = await stream.done;
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  const lastWords = stderr.trim().slice(-1000);
  return `prober ended by itself: ${how}${lastWords === '' ? '' : `: ${lastWords}`}`;
}
