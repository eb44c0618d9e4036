// Overlapping faults at random: what is to be broken when, from a seed alone, and how a scenario does it.
import { asError } from '../core/errors.ts';
import type { FaultParams } from '../core/fault.ts';
import type { Stage } from './definition.ts';

export interface SoakChoice {
  readonly fault: string;
  readonly params?: FaultParams;
  /** Hosts that it may strike, by name or place (master2). */
  readonly on: readonly string[];
}

export interface PlannedFault {
  readonly fault: string;
  readonly params: FaultParams;
  readonly target: string;
  /** Since the beginning. */
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface SoakPlan {
  readonly durationMs: number;
  /** Numbers from 0 to below 1: the same numbers, the same schedule. */
  readonly random: () => number;
}

/** Not more at once: with everything broken nothing is learned. */
const MOST_AT_ONCE = 2;
/** Between two deeds. Shorter than the faults stand, so that they overlap. */
const PAUSE_MS: Range = [4_000, 14_000];
const STANDS_MS: Range = [8_000, 20_000];

type Range = readonly [least: number, most: number];

/**
 * Never two faults on one host at once: the undo of one could be the deed of the other. All end in the given time.
 * @throws RangeError when the time is too short for any
 */
export function soakSchedule(
  choices: readonly SoakChoice[],
  { durationMs, random }: SoakPlan,
): readonly PlannedFault[] {
  const between = ([least, most]: Range): number => Math.round(least + random() * (most - least));
  const schedule: PlannedFault[] = [];
  for (let fromMs = 0; ; fromMs += between(PAUSE_MS)) {
    const untilMs = fromMs + between(STANDS_MS);
    if (untilMs > durationMs) break;
    const standing = schedule.filter((one) => one.untilMs > fromMs);
    const busy = new Set(standing.map(({ target }) => target));
    const possible = choices.flatMap(({ fault, params = {}, on }) =>
      on.filter((target) => !busy.has(target)).map((target) => ({ fault, params, target })),
    );
    const drawn = possible[Math.floor(random() * possible.length)];
    if (drawn && standing.length < MOST_AT_ONCE) schedule.push({ ...drawn, fromMs, untilMs });
  }
  if (schedule.length === 0) throw new RangeError(`${durationMs} ms is too short for any fault`);
  return schedule;
}

/** Injects and heals at their times; one that is late makes the next ones none the later. Ends when the last is healed. */
export async function performSchedule(
  { inject, observe, note }: Pick<Stage, 'inject' | 'observe' | 'note'>,
  schedule: readonly PlannedFault[],
): Promise<void> {
  const startedMs = performance.now();
  const until = (atMs: number): Promise<void> => observe(Math.max(0, startedMs + atMs - performance.now()));
  const ends: Promise<Error | undefined>[] = [];
  for (const { fault, params, target, fromMs, untilMs } of schedule) {
    await until(fromMs);
    note(`${(fromMs / 1000).toFixed(1)} s: ${fault} on ${target} until ${(untilMs / 1000).toFixed(1)} s`);
    const injection = await inject(fault, target, params);
    ends.push(
      until(untilMs)
        .then(() => injection.heal())
        .then(() => undefined, asError),
    );
  }
  const failed = (await Promise.all(ends)).filter((error) => error !== undefined);
  if (failed.length > 0) throw new AggregateError(failed, 'not every fault could be healed');
}
