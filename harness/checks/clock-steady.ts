// Were the clocks left alone? Address, wire and ARP events are stamped by the wall clock of their hosts: one that jumps puts
// them in the wrong place beside samples and faults, which are stamped by monotonic clocks. Where a host's clocks are not the
// harness's own, the measures of its offset must agree with each other, but for what clocks drift.
import type { Check } from '../core/check.ts';
import { contradictionMs } from '../core/clock-offset.ts';
import { groupedBy } from '../core/grouped.ts';
import type { ClockMeasured, ProberNoise, ScenarioRecord } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { ms } from '../core/text.ts';

/**
 * Above what a clock that is slewed can gain in a window (adjtimex(2): 500 ppm, 2.5 ms in 5 s), and well below what any
 * limit of another check would notice.
 */
const MOST_STEP_MS = 20;

const limit = `≤ ${MOST_STEP_MS} ms in any window of the sampler`;

export const clockSteady: Check = {
  name: 'clock-steady',
  question: 'Was the wall clock, by which hosts stamp their events, not set while the scenario ran?',
  judge(record) {
    const windows = eventsOfType(record.events, 'noise');
    const worst = windows.toSorted((one, other) => stepMs(other) - stepMs(one))[0];
    const measured = worst && { value: stepMs(worst), unit: 'ms' };
    if (worst && stepMs(worst) > MOST_STEP_MS) {
      const explanation = `The wall clock was moved by ${ms(worst.wallClockStepMs ?? 0)} in the ${ms(worst.windowMs)} before ${ms(worst.atMs)}: what hosts stamped by it stands in the wrong place.`;
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    const moved = clocksMoved(record).toSorted((one, other) => other.byMs - one.byMs)[0];
    if (moved && moved.byMs > MOST_STEP_MS) {
      const { host, clock, byMs, fromMs, toMs } = moved;
      const explanation = `The ${clock} clock of ${host} was moved by ${ms(byMs)} between ${ms(fromMs)} and ${ms(toMs)}: what it stamped meanwhile stands in the wrong place.`;
      return { verdict: 'inconclusive', measured: { value: byMs, unit: 'ms' }, limit, explanation };
    }
    const missing = whatIsMissing(
      record,
      windows.filter(({ from }) => from === undefined),
    );
    if (missing !== undefined) return { verdict: 'inconclusive', limit, explanation: missing };
    const explanation = `It stayed within ${ms(stepMs(worst))} of the monotonic clock in each of ${windows.length} windows.`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

interface Moved {
  readonly host: string;
  readonly clock: 'wall' | 'monotonic';
  /** At least. */
  readonly byMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What no drift explains between two measures of one boot, of hosts whose clocks are not the harness's. */
function clocksMoved({ events }: ScenarioRecord): Moved[] {
  const boots = groupedBy(eventsOfType(events, 'clock.measured'), ({ host, boot }) => `${host} ${boot}`);
  return [...boots.values()].flatMap((measures) =>
    measures.slice(1).flatMap((next, index) => {
      const last = measures[index] ?? next;
      const between = { host: next.host, fromMs: last.atMs, toMs: next.atMs };
      const monotonicMs = contradictionMs(offsetOf(last), offsetOf(next));
      return [
        { ...between, clock: 'monotonic' as const, byMs: monotonicMs },
        { ...between, clock: 'wall' as const, byMs: wallMovedMs(last, next) },
      ];
    }),
  );
}

function offsetOf({ atMs, offsetNs, uncertaintyMs }: ClockMeasured): Parameters<typeof contradictionMs>[0] {
  return { atMs, offsetMs: Number(offsetNs) / 1e6, uncertaintyMs };
}

function wallMovedMs(one: ClockMeasured, other: ClockMeasured): number {
  if (one.wallAheadNs === undefined || other.wallAheadNs === undefined) return 0;
  const movedMs = Math.abs(Number(BigInt(other.wallAheadNs) - BigInt(one.wallAheadNs)) / 1e6);
  return Math.max(0, movedMs - (one.wallUncertaintyMs ?? 0) - (other.wallUncertaintyMs ?? 0));
}

function stepMs(window: ProberNoise | undefined): number {
  return Math.abs(window?.wallClockStepMs ?? 0);
}

/** @param windows of the observer's sampler, which runs all the time */
function whatIsMissing({ events }: ScenarioRecord, windows: readonly ProberNoise[]): string | undefined {
  const startedMs = eventsOfType(events, 'probes.started')[0]?.atMs;
  const stoppedMs = eventsOfType(events, 'probes.stopped').at(-1)?.atMs;
  const compared = windows.filter(({ wallClockStepMs }) => wallClockStepMs !== undefined);
  if (compared.length === 0) return 'Nobody compared the wall clock with the monotonic one.';
  if (startedMs === undefined || stoppedMs === undefined) {
    return 'When the sampler began and ended is not known, so neither is whether it watched the clock throughout.';
  }
  // The last window is cut off by the end; a prober that was lost takes one with it.
  const unwatchedMs = stoppedMs - startedMs - compared.reduce((sum, { windowMs }) => sum + windowMs, 0);
  const windowMs = Math.max(...compared.map((window) => window.windowMs));
  return unwatchedMs > windowMs
    ? `For ${ms(unwatchedMs)} nobody compared the wall clock with the monotonic one.`
    : undefined;
}
