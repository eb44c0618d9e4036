// Was the wall clock left alone? Address, wire and ARP events are stamped by it on their hosts: a clock that jumps puts
// them in the wrong place beside samples and faults, which are stamped by the monotonic clock.
import type { Check } from '../core/check.ts';
import type { ProberNoise, ScenarioRecord } from '../core/record.ts';
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
    const missing = whatIsMissing(
      record,
      windows.filter(({ from }) => from === undefined),
    );
    if (missing !== undefined) return { verdict: 'inconclusive', limit, explanation: missing };
    const explanation = `It stayed within ${ms(stepMs(worst))} of the monotonic clock in each of ${windows.length} windows.`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

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
