// What a whole run cost: the time of each provisioning step, and the harness's own noise.
import { otherCores } from '../core/machine-load.ts';
import type { JournalEvent, ProberNoise, StepEvent } from '../core/record.ts';
import type { NoiseSummary, RunResultFile } from '../core/result.ts';
import { eventsOfType } from '../core/scenario-view.ts';

/** The steps before the first scenario; the total is wall time, as steps overlap. */
export function summarizeProvision(events: readonly JournalEvent[]): RunResultFile['provision'] {
  const firstScenario = events.findIndex(({ type }) => type === 'scenario.started');
  const before = events
    .slice(0, firstScenario === -1 ? events.length : firstScenario)
    .flatMap((event) => (isStep(event) && event.phase !== 'teardown' ? [event] : []));
  const times = before.map(({ atMs }) => atMs);
  return {
    totalMs: times.length === 0 ? 0 : Math.max(...times) - Math.min(...times),
    steps: before.flatMap(({ type, phase, step, durationMs }) =>
      type !== 'step.started' && durationMs !== undefined
        ? [{ name: `${phase}: ${step}`, ms: durationMs }]
        : [],
    ),
  };
}

function isStep(event: JournalEvent): event is StepEvent {
  return event.type === 'step.started' || event.type === 'step.finished' || event.type === 'step.failed';
}

export function summarizeNoise(events: readonly JournalEvent[]): NoiseSummary {
  const windows = eventsOfType(events, 'noise');
  const worst = (of: (window: ProberNoise) => number): number | undefined =>
    windows.length === 0 ? undefined : Math.max(...windows.map(of));
  const sum = (of: (window: ProberNoise) => number): number =>
    windows.reduce((total, window) => total + of(window), 0);
  const loads = eventsOfType(events, 'machine');
  const probedMs = sum(({ windowMs }) => windowMs);
  return {
    latenessMsP99: worst(({ latenessMsP99 }) => latenessMsP99),
    latenessMsMax: worst(({ latenessMsMax }) => latenessMsMax),
    eventLoopStallMsMax: worst(({ eventLoopStallMsMax }) => eventLoopStallMsMax),
    lostSamples: sum(({ lost }) => lost),
    stealShareMax: worst(({ stealShare }) => stealShare),
    cpuShares: {
      ...(probedMs > 0 && {
        prober: sum(({ proberCpuShare, windowMs }) => proberCpuShare * windowMs) / probedMs,
      }),
      ...meanShares(eventsOfType(events, 'cpu').map(({ shares }) => shares)),
    },
    ...(loads.length > 0 && { otherWorkCoresMax: Math.max(...loads.map(otherCores)) }),
  };
}

/** By process, over the scenarios in which it was measured. */
function meanShares(measured: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const processes = [...new Set(measured.flatMap((shares) => Object.keys(shares)))];
  return Object.fromEntries(
    processes.map((process) => {
      const shares = measured.flatMap((one) => one[process] ?? []);
      return [process, shares.reduce((total, share) => total + share, 0) / shares.length];
    }),
  );
}
