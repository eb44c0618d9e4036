// The prober's lines as events of the journal. Pure.
import type { HostClock, Stamp } from '../core/clock.ts';
import type { JournalEvent, ProbeDefinition, Sample } from '../core/record.ts';
import { proberLine, type ProberLine, type SampleLine } from './protocol.ts';

/** undefined when it is none of the prober's, or of a series that is not defined. */
export function parseLine(text: string, definitions: readonly ProbeDefinition[]): ProberLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = proberLine.safeParse(value);
  return data && 'p' in data && definitions[data.p] === undefined ? undefined : data;
}

/**
 * @param clock of the host on which the prober runs
 * @param from that host; undefined: the observer
 */
export function eventOf(
  line: Exclude<ProberLine, { end: string }>,
  definitions: readonly ProbeDefinition[],
  clock: HostClock,
  from: string | undefined,
): JournalEvent {
  const stamp = clock.fromMonotonicNs(BigInt(line.t));
  if ('noise' in line) return { type: 'noise', ...stamp, ...(from !== undefined && { from }), ...line.noise };
  if ('seen' in line) return { ...stamp, ...line.seen };
  return sampleOf(line, definitions[line.p]?.name ?? '', stamp);
}

function sampleOf(line: SampleLine, probe: string, stamp: Stamp): Sample {
  return {
    type: 'sample',
    ...stamp,
    probe,
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
