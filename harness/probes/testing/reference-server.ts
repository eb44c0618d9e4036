// The reference server as the harness uses it: brought to a host, told to begin, listened to, ended.
import { bundleProgram } from '../../core/bundle.ts';
import type { RunClock } from '../../core/clock.ts';
import { asError, HoldfastError } from '../../core/errors.ts';
import type { Host, HostStream } from '../../core/host.ts';
import { withTimeout } from '../../core/wait.ts';
import { type KnownOutage, type ReferenceLine, referenceLine } from './reference-server-lines.ts';
import type { ReferenceScript } from './reference-server-program.ts';
import type { Moment, TrueOutage } from './truth.ts';

export const REFERENCE_SERVER_PATH = '/usr/local/lib/holdfast/reference-server.mjs';
/** For Node to start there and make a certificate. */
const START_ALLOWANCE_MS = 20_000;
/** For the last line, beyond the script's own end. */
const END_ALLOWANCE_MS = 10_000;

export interface ReferenceServer {
  /** Listener → port, on the host's loopback. */
  readonly ports: ReadonlyMap<string, number>;
  /** Of its https and http2 listeners, if it has any. */
  readonly certificatePem: string | undefined;
  /**
   * Performs the script, once.
   * @returns every outage as it truly was, on the clock's axis
   * @throws HoldfastError when the server ends before its script does
   */
  perform(clock: RunClock): Promise<readonly TrueOutage[]>;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** @throws HoldfastError with what the program said when it does not come up */
export async function startReferenceServer(host: Host, script: ReferenceScript): Promise<ReferenceServer> {
  await host.upload(
    REFERENCE_SERVER_PATH,
    await bundleProgram(new URL('./reference-server-program.ts', import.meta.url)),
  );
  const stream = await host.stream(['node', REFERENCE_SERVER_PATH]);
  const lines = readLines(stream);
  const stop = (): Promise<void> => stream.close();
  try {
    stream.write(`${JSON.stringify(script)}\n`);
    const first = await withTimeout('reference server listening', START_ALLOWANCE_MS, lines.next());
    if (first.done === true || !('listening' in first.value)) throw await ended(stream);
    const { listening, certificatePem } = first.value;
    return {
      ports: new Map(listening.map(({ name, port }) => [name, port])),
      certificatePem,
      perform: (clock) => {
        stream.write('go\n');
        const timeoutMs = durationOf(script) + END_ALLOWANCE_MS;
        return withTimeout('script of the reference server', timeoutMs, outagesIn(lines, stream, clock));
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** From the order to begin to the end of the last outage, ms. */
export function durationOf({ listeners }: Pick<ReferenceScript, 'listeners'>): number {
  const ends = listeners.flatMap(({ outages }) => outages.map(({ atMs, lengthMs }) => atMs + lengthMs));
  return Math.max(0, ...ends);
}

async function outagesIn(
  lines: AsyncIterator<ReferenceLine>,
  stream: HostStream,
  clock: RunClock,
): Promise<readonly TrueOutage[]> {
  const outages: TrueOutage[] = [];
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if ('performed' in line.value) return outages;
    if ('outage' in line.value) outages.push(onAxis(line.value.outage, clock));
  }
  throw await ended(stream);
}

function onAxis(
  { listener, kind, lengthMs, lookedNs, begin, end }: KnownOutage,
  clock: RunClock,
): TrueOutage {
  const at = (ns: string): number => clock.fromMonotonicNs(BigInt(ns));
  const moment = ([from, to]: readonly [string, string]): Moment => ({ fromMs: at(from), toMs: at(to) });
  return {
    series: listener,
    kind,
    plannedMs: lengthMs,
    lookedMs: at(lookedNs),
    begin: moment(begin),
    end: moment(end),
  };
}

async function* readLines(stream: HostStream): AsyncGenerator<ReferenceLine, undefined> {
  for await (const text of stream.lines) {
    try {
      yield referenceLine.parse(JSON.parse(text));
    } catch (thrown) {
      const message = `line of the reference server not understood: ${text.slice(0, 500)}`;
      throw new HoldfastError(message, { cause: asError(thrown) });
    }
  }
  return undefined;
}

async function ended(stream: HostStream): Promise<HoldfastError> {
  await stream.close();
  const { stderr } = await stream.done;
  return new HoldfastError(`the reference server ended too soon: ${stderr.trim().slice(-1000)}`);
}
