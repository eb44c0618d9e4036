// The real prober beside the reference server: what it reports is held against what truly happened. The long form, at a
// finer cadence and with the cluster beside it, is `npm run bench:prober`.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MERGE_GAP_MS } from '../../core/series.ts';
import { ProbeBench, series } from './probe-bench.ts';
import type { OutageKind } from './reference-server-lines.ts';
import { startReferenceServer } from './reference-server.ts';
import { seededRandom } from '../../core/random.ts';
import { planOutages } from './truth-plan.ts';
import { judgeOutages, type SeenOutage } from './truth.ts';

const INTERVAL_MS = 20;
/** Long, so that a stall of a busy machine is not taken for an outage. */
const TIMEOUT_MS = 900;
const LENGTHS_MS = [3 * INTERVAL_MS, 170, 450];
const SEED = 20_261_123;

const watched: readonly { readonly kind: OutageKind; readonly connection: 'new' | 'reused' }[] = [
  { kind: 'refused', connection: 'new' },
  { kind: 'hanging', connection: 'new' },
  { kind: 'reset', connection: 'new' },
  { kind: 'slow', connection: 'new' },
  { kind: 'status', connection: 'new' },
  { kind: 'refused', connection: 'reused' },
  { kind: 'hanging', connection: 'reused' },
];

it(
  'the prober reports every outage within its bounds, and none that was not',
  { timeout: 60_000 },
  async () => {
    const bench = await ProbeBench.make();
    const random = seededRandom(SEED);
    const listeners = watched.map(({ kind, connection }) => ({
      name: `${kind} ${connection}`,
      protocol: 'http' as const,
      outages: planOutages(
        { kind, lengthsMs: LENGTHS_MS, intervalMs: INTERVAL_MS, recoveryMs: TIMEOUT_MS, leadMs: 500 },
        random,
      ),
    }));
    const script = { listeners, slowMs: 2 * TIMEOUT_MS, maxDurationMs: 50_000 };
    const server = await startReferenceServer(bench.host, script);
    bench.scope.push({ name: 'reference server', timeoutMs: 5000, undo: () => server.stop() });
    const definitions = watched.map(({ kind, connection }) => {
      const name = `${kind} ${connection}`;
      const cadence = { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS };
      return series(name, { port: server.ports.get(name) ?? 0 }, { connection, ...cadence });
    });
    const probes = await bench.start(definitions, { maxDurationMs: 50_000 });
    const truths = await server.perform(bench.clock);
    await sleep(TIMEOUT_MS + 200);
    await probes.stop();

    // What the prober says of its own stalls is part of the measurement: on a busy machine the bounds are wider.
    const stalls = bench.noise().map(({ eventLoopStallMsMax }) => eventLoopStallMsMax);
    const stallMs = Math.max(...stalls);
    expect(truths).toHaveLength(watched.length * LENGTHS_MS.length);
    for (const { name } of definitions) {
      const own = truths.filter((truth) => truth.series === name);
      const kept = name.endsWith('reused');
      for (const mergeGapMs of [0, MERGE_GAP_MS]) {
        const options = { intervalMs: INTERVAL_MS, mergeGapMs, kept, noise: bench.noise() };
        const { seen, missed, invented } = judgeOutages(bench.samples(name), own, options);
        expect(seen.filter(({ isInside }) => !isInside).map(described), name).toEqual([]);
        expect(seen.filter(isTooWide).map(described), name).toEqual([]);
        const sure = missed.filter(({ plannedMs }) => plannedMs >= 3 * INTERVAL_MS + stallMs);
        expect(sure, name).toEqual([]);
        // A stall longer than the limit is an outage as far as a client can tell.
        if (stallMs < TIMEOUT_MS / 2) expect(invented, name).toEqual([]);
      }
    }
  },
);

function isTooWide({ widthMs = Infinity, latenessMs }: SeenOutage): boolean {
  return widthMs > 2 * INTERVAL_MS + latenessMs + 0.1;
}

function described({ truth, reported, transitMs }: SeenOutage): object {
  const { lastGoodMs, startMs, lastFailedMs, endMs } = reported;
  return { truth, lastGoodMs, startMs, lastFailedMs, endMs, transitMs };
}
