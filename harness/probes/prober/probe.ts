// All series at their cadences until told to stop; then what is under way may end within its own limit.
import { once } from 'node:events';
import type { ProbeDefinition } from '../../core/record.ts';
import type { ProberConfig, SampleLine } from '../protocol.ts';
import { type Tick, startCadence } from './cadence.ts';
import { startClusterWatch } from './cluster-watch.ts';
import { withControlServer } from './control-server.ts';
import type { LineWriter } from './line-writer.ts';
import { NoiseMeter, round } from './noise.ts';
import { programsFor } from './programs.ts';
import type { Say, SeriesProgram } from './series.ts';
import { tlsMaterial } from './tls-material.ts';

export async function probe(config: ProberConfig, output: LineWriter, stop: AbortSignal): Promise<void> {
  const probes = await withControlServer(config.probes);
  const tls = tlsMaterial(config);
  const say: Say = (seen, atNs = process.hrtime.bigint()) => output.write({ t: String(atNs), seen });
  const programs = programsFor(probes.map((definition) => ({ definition, config, tls, say })));
  // Node loads and compiles its network code when it is first used. That stall belongs to no sample.
  await Promise.all(programs.map(warmUp));
  const { clusterWatch } = config;
  const watcher = clusterWatch && startClusterWatch(clusterWatch, tls, say);
  const noise = new NoiseMeter();
  const underWay = new Set<Promise<void>>();
  const startNs = process.hrtime.bigint();

  const cadences = probes.map(({ intervalMs }, index) =>
    startCadence(startNs + phaseNs(probes, index), intervalMs, (tick) => {
      noise.observe(tick.lateMs, tick.lost);
      const taken = takeSample(index, programs[index] as SeriesProgram, tick).then((line) => {
        if (line) output.write(line);
      });
      underWay.add(taken);
      void taken.then(() => underWay.delete(taken));
    }),
  );
  const window = setInterval(() => output.write(noise.take()), config.noiseWindowMs);

  if (!stop.aborted) await once(stop, 'abort');
  for (const end of cadences) end();
  clearInterval(window);
  await Promise.all(underWay);
  await Promise.all(programs.map(async (program) => program.stop?.()));
  await watcher?.stop();
  output.write(noise.take());
}

function warmUp(program: SeriesProgram): Promise<unknown> {
  return program.warmUp?.() ?? program.take({ startNs: process.hrtime.bigint(), lateMs: 0, lost: 0 });
}

/** Spread over the interval, so that not all fire at once; a few at a time, because waking up is half of what a sample costs. */
const SERIES_PER_SLOT = 4;

function phaseNs(probes: readonly ProbeDefinition[], index: number): bigint {
  const slots = Math.ceil(probes.length / SERIES_PER_SLOT);
  const intervalNs = (probes[index]?.intervalMs ?? 0) * 1e6;
  return BigInt(Math.round((intervalNs * (index % slots)) / slots));
}

async function takeSample(
  index: number,
  program: SeriesProgram,
  tick: Tick,
): Promise<SampleLine | undefined> {
  const reading = await program.take(tick);
  if (!reading) return undefined;
  return {
    p: index,
    t: String(tick.startNs),
    l: round(tick.lateMs),
    ...reading,
    d: round(reading.d),
    c: rounded(reading.c),
    h: rounded(reading.h),
    b: rounded(reading.b),
  };
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : round(value);
}
