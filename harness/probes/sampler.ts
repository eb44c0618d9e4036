// Runs the prober on the observer and writes down all that it says.
import { HoldfastError } from '../core/errors.ts';
import type { RunClock } from '../core/clock.ts';
import type { Host, HostStream } from '../core/host.ts';
import type { JournalEvent, ProbeDefinition, Recorder } from '../core/record.ts';
import { withTimeout } from '../core/wait.ts';
import { bundleProber } from './bundle.ts';
import { type ProberConfig, proberLine, type ProberLine } from './protocol.ts';

const PROBER_PATH = '/usr/local/lib/holdfast/prober.mjs';
/** A larger nursery, in MiB: most of what the prober allocates is dead by the next sample, and collecting costs CPU. */
const NEW_SPACE = '--max-semi-space-size=32';
const NOISE_WINDOW_MS = 5000;
/** For Node to start there, beyond the slowest series' interval and limit. */
const START_ALLOWANCE_MS = 15_000;
/** For the prober to write its last lines, beyond the limit of the samples under way. */
const STOP_ALLOWANCE_MS = 3000;

export interface ProbesOptions {
  /** The observer. */
  readonly host: Host;
  readonly definitions: readonly ProbeDefinition[];
  /** Certificates that https series trust. */
  readonly caPem?: string;
  readonly recorder: Recorder;
  readonly clock: RunClock;
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
  const { host, definitions, recorder, clock, maxDurationMs } = options;
  await host.upload(PROBER_PATH, await bundleProber());
  const stream = await host.stream(['node', NEW_SPACE, PROBER_PATH]);
  recorder.append({ type: 'probes.started', atMs: clock.now(), probes: definitions });

  const unheard = new Map(definitions.map(({ name }, index) => [index, name]));
  let heardAll: (() => void) | undefined;
  const everySeries = new Promise<void>((resolve) => (heardAll = resolve));
  const ended = record(stream, options, (probe) => {
    unheard.delete(probe);
    if (unheard.size === 0) heardAll?.();
  });
  const { caPem } = options;
  const config: ProberConfig = {
    probes: definitions,
    ...(caPem !== undefined && { caPem }),
    noiseWindowMs: NOISE_WINDOW_MS,
    maxDurationMs,
  };
  stream.write(`${JSON.stringify(config)}\n`);

  const endedEarly = ended.then((reason) => {
    throw new HoldfastError(`prober on ${host.name} ended before every series had a sample: ${reason}`);
  });
  const slowestMs = Math.max(...definitions.map((one) => one.intervalMs + one.timeoutMs));
  try {
    const what = `first sample of ${definitions.length} probe series on ${host.name}`;
    await withTimeout(what, START_ALLOWANCE_MS + slowestMs, Promise.race([everySeries, endedEarly]));
  } catch (thrown) {
    await stream.close();
    await ended.catch(() => undefined);
    throw thrown;
  } finally {
    endedEarly.catch(() => undefined);
  }
  return { stop: () => stopProber(stream, ended, slowestMs + STOP_ALLOWANCE_MS) };
}

async function stopProber(stream: HostStream, ended: Promise<string>, timeoutMs: number): Promise<void> {
  stream.write('stop\n');
  await withTimeout('prober', timeoutMs, ended).catch(() => undefined);
  await stream.close();
  await ended;
}

/** Resolves with why the prober ended, when that is written down. */
async function record(
  stream: HostStream,
  { definitions, recorder, clock }: ProbesOptions,
  onSample: (probe: number) => void,
): Promise<string> {
  let reason: string | undefined;
  try {
    for await (const text of stream.lines) {
      const line = parseLine(text, definitions);
      if (line === undefined) {
        const note = `line of the prober not understood: ${text.slice(0, 500)}`;
        recorder.append({ type: 'note', atMs: clock.now(), text: note });
      } else if ('end' in line) {
        reason = line.end;
      } else {
        recorder.append(toEvent(line, definitions, clock));
        if ('p' in line) onSample(line.p);
      }
    }
    reason ??= await describeEnd(stream);
  } finally {
    // Does nothing to a prober that has ended; ends one whose samples can no longer be written down.
    await stream.close();
  }
  recorder.append({ type: 'probes.stopped', atMs: clock.now(), reason });
  return reason;
}

function parseLine(text: string, definitions: readonly ProbeDefinition[]): ProberLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = proberLine.safeParse(value);
  return data && 'p' in data && definitions[data.p] === undefined ? undefined : data;
}

function toEvent(
  line: Exclude<ProberLine, { end: string }>,
  definitions: readonly ProbeDefinition[],
  clock: RunClock,
): JournalEvent {
  const atMs = clock.fromMonotonicNs(BigInt(line.t));
  if ('noise' in line) return { type: 'noise', atMs, ...line.noise };
  if ('seen' in line) return { atMs, ...line.seen };
  return {
    type: 'sample',
    atMs,
    probe: definitions[line.p]?.name ?? '',
    ok: line.f === undefined,
    durationMs: line.d,
    lateMs: line.l,
    ...(line.f !== undefined && { failure: line.f }),
    ...(line.s !== undefined && { status: line.s }),
    ...(line.m !== undefined && { detail: line.m }),
    ...(line.c !== undefined && { connectMs: line.c }),
    ...(line.h !== undefined && { tlsMs: line.h }),
    ...(line.b !== undefined && { firstByteMs: line.b }),
    ...(line.a !== undefined && { answeredBy: line.a }),
    ...(line.w !== undefined && { append: line.w }),
  };
}

async function describeEnd(stream: HostStream): Promise<string> {
  const { reason, exitCode, stderr } = await stream.done;
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  const lastWords = stderr.trim().slice(-1000);
  return `prober ended by itself: ${how}${lastWords === '' ? '' : `: ${lastWords}`}`;
}
