// Runs the real prober against a reference server on one host's loopback, and keeps what it says.
import { X509Certificate } from 'node:crypto';
import { clockOriginNow, runClock, sharedClocks, type RunClock } from '../harness/core/clock.ts';
import type { JournalEvent, ProbeDefinition, ProberNoise, Sample } from '../harness/core/record.ts';
import { type ProbesOptions, startProbes } from '../harness/probes/sampler.ts';
import { type ReferenceServer, startReferenceServer } from '../harness/probes/testing/reference-server.ts';
import type { ReferenceScript } from '../harness/probes/testing/reference-server-program.ts';
import type { Place } from './prober-place.ts';

/** A series, without the port of the listener that it asks: that is known when the listener is up. */
export type WatchedSeries = Omit<ProbeDefinition, 'url' | 'capability'> & { readonly listener: string };

export interface WatchOptions {
  readonly place: Place;
  readonly script: ReferenceScript;
  readonly series: readonly WatchedSeries[];
  readonly signal: AbortSignal;
}

export interface Watch {
  readonly server: ReferenceServer;
  readonly clock: RunClock;
}

export interface Watched {
  readonly samples: readonly Sample[];
  readonly noise: readonly ProberNoise[];
  /** What the sampler could not make sense of, and ends of the prober that nobody ordered. */
  readonly oddities: readonly string[];
}

/** Starts both, lets `work` go on, and ends both, whatever becomes of it. */
export async function watch<T>(
  { place, script, series, signal }: WatchOptions,
  work: (watch: Watch) => Promise<T>,
): Promise<{ readonly watched: Watched; readonly result: T }> {
  signal.throwIfAborted();
  const clock = runClock(clockOriginNow());
  const events: JournalEvent[] = [];
  const server = await startReferenceServer(place.host, script);
  try {
    const { certificatePem } = server;
    const probes = await startProbes({
      host: place.host,
      definitions: series.map((one) => definitionOf(one, server)),
      ...(certificatePem !== undefined && trustIn(certificatePem)),
      recorder: { append: (event) => void events.push(event) },
      clock,
      clocks: sharedClocks(clock),
      maxDurationMs: script.maxDurationMs,
    });
    let result: T;
    try {
      result = await unlessAborted(work({ server, clock }), signal);
    } finally {
      await probes.stop();
    }
    return { watched: watchedIn(events), result };
  } finally {
    await server.stop();
  }
}

function definitionOf({ listener, ...series }: WatchedSeries, { ports }: ReferenceServer): ProbeDefinition {
  const url = `${series.kind}://127.0.0.1:${ports.get(listener) ?? 0}/readyz`;
  return { ...series, url, capability: listener === CONTROL ? 'control' : 'api' };
}

/** Also who answered is asked for, as in a scenario: it costs time at every handshake. */
function trustIn(certificatePem: string): Pick<ProbesOptions, 'caPem' | 'servers'> {
  const fingerprint = new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
  return { caPem: certificatePem, servers: { [fingerprint]: 'reference' } };
}

/** Named as its listener, a series asks the server inside the prober. */
export const CONTROL = 'control';

function watchedIn(events: readonly JournalEvent[]): Watched {
  const stopped = events.findLast((event) => event.type === 'probes.stopped');
  const ordered = stopped?.reason === 'stopped by the harness';
  const notes = events.filter((event) => event.type === 'note').map(({ text }) => text);
  return {
    samples: events.filter((event) => event.type === 'sample'),
    noise: events.filter((event) => event.type === 'noise'),
    oddities: [...notes, ...(ordered ? [] : [stopped?.reason ?? 'no end of the prober in the record'])],
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  work.catch(() => undefined);
  return Promise.race([work, aborted]);
}

export interface Lateness {
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly stallMaxMs: number;
  readonly lost: number;
}

/** undefined when there is no sample. */
export function latenessOf({ samples, noise }: Watched): Lateness | undefined {
  if (samples.length === 0) return undefined;
  const sorted = samples.map(({ lateMs }) => lateMs).sort((one, other) => one - other);
  return {
    p99Ms: percentile(sorted, 0.99),
    maxMs: percentile(sorted, 1),
    stallMaxMs: Math.max(0, ...noise.map(({ eventLoopStallMsMax }) => eventLoopStallMsMax)),
    lost: noise.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/**
 * Nearest rank: the smallest value that at least this share of all values do not exceed.
 * @param sorted ascending, not empty
 */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}
