// When the machine had too much other work for what was measured on it to be the cluster's own doing.
import { otherCores } from '../core/machine-load.ts';
import type { MachineLoad, ScenarioRecord } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import type { Verdict } from '../core/verdict.ts';

/** From this share of all cores on, whoever wants to run has to wait. */
const SATURATED_SHARE = 0.9;
/** Of all cores; the engine and the kernel take less when nothing else runs. */
const OTHER_SHARE = 0.2;

/** A time in which other work than the lab's and the harness's held a good part of a machine that had none to spare. */
export interface Starved {
  readonly fromMs: number;
  readonly toMs: number;
  /** CPU seconds a second. */
  readonly otherCores: number;
  readonly cores: number;
}

export function starvedTimes({ events }: ScenarioRecord): readonly Starved[] {
  return eventsOfType(events, 'machine')
    .filter(isStarved)
    .map((load) => ({
      fromMs: load.atMs - load.windowMs,
      toMs: load.atMs,
      otherCores: otherCores(load),
      cores: load.cores,
    }));
}

function isStarved(load: MachineLoad): boolean {
  const { cores, busyCores } = load;
  return busyCores >= SATURATED_SHARE * cores && otherCores(load) >= OTHER_SHARE * cores;
}

export interface Time {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A limit in time that was broken while the machine was starved is not certainly broken by the cluster. */
export function unlessStarved(verdict: Verdict, starved: readonly Starved[], time: Time): Verdict {
  return verdict === 'fail' && worstIn(starved, time) ? 'inconclusive' : verdict;
}

/** A sentence for the reader with a space before it; empty when the machine had time to spare. */
export function starvedRemark(starved: readonly Starved[], time: Time): string {
  const worst = worstIn(starved, time);
  if (!worst) return '';
  const { otherCores: other, cores } = worst;
  return ` The machine was busy with other work meanwhile (${other.toFixed(1)} of ${cores} cores): this is not certainly the cluster's doing.`;
}

function worstIn(starved: readonly Starved[], time: Time): Starved | undefined {
  return starved
    .filter(({ fromMs, toMs }) => fromMs <= time.toMs && toMs >= time.fromMs)
    .toSorted((one, other) => other.otherCores - one.otherCores)[0];
}
