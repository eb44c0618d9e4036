// All series at their cadences until told to stop; then what is under way may end within its own limit.
import { once } from 'node:events';
import { createSecureContext } from 'node:tls';
import type { ProbeDefinition } from '../../core/record.ts';
import type { ProberConfig, SampleLine } from '../protocol.ts';
import { type Tick, startCadence } from './cadence.ts';
import { type Ask, onNewConnections, onOneConnection } from './connections.ts';
import { withControlServer } from './control-server.ts';
import { targetOf } from './exchange.ts';
import type { LineWriter } from './line-writer.ts';
import { NoiseMeter, round } from './noise.ts';

export async function probe(config: ProberConfig, output: LineWriter, stop: AbortSignal): Promise<void> {
  const probes = await withControlServer(config.probes);
  const secureContext = probes.some((one) => one.kind === 'https')
    ? createSecureContext(config.caPem === undefined ? {} : { ca: config.caPem })
    : undefined;
  const asks = probes.map((definition): Ask => {
    const target = targetOf(definition, secureContext);
    return definition.connection === 'reused' ? onOneConnection(target) : onNewConnections(target);
  });
  // Node loads and compiles its network code when it is first used. That stall belongs to no sample.
  await Promise.all(asks.map((ask) => ask(process.hrtime.bigint())));
  const noise = new NoiseMeter();
  const underWay = new Set<Promise<void>>();
  const startNs = process.hrtime.bigint();

  const cadences = probes.map(({ intervalMs }, index) =>
    startCadence(startNs + phaseNs(probes, index), intervalMs, (tick) => {
      noise.observe(tick.lateMs, tick.lost);
      const asked = takeSample(index, asks[index] as Ask, tick).then((line) => output.write(line));
      underWay.add(asked);
      void asked.then(() => underWay.delete(asked));
    }),
  );
  const window = setInterval(() => output.write(noise.take()), config.noiseWindowMs);

  if (!stop.aborted) await once(stop, 'abort');
  for (const end of cadences) end();
  clearInterval(window);
  await Promise.all(underWay);
  output.write(noise.take());
}

/** Spread over the interval, so that not all fire at once; a few at a time, because waking up is half of what a sample costs. */
const SERIES_PER_SLOT = 4;

function phaseNs(probes: readonly ProbeDefinition[], index: number): bigint {
  const slots = Math.ceil(probes.length / SERIES_PER_SLOT);
  const intervalNs = (probes[index]?.intervalMs ?? 0) * 1e6;
  return BigInt(Math.round((intervalNs * (index % slots)) / slots));
}

async function takeSample(index: number, ask: Ask, { startNs, lateMs }: Tick): Promise<SampleLine> {
  const { durationMs, failure, status, detail } = await ask(startNs);
  // Keys without a value do not appear in the line.
  return {
    p: index,
    t: String(startNs),
    l: round(lateMs),
    d: round(durationMs),
    f: failure,
    s: status,
    m: detail,
  };
}
