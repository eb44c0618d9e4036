// Which outages a reference server performs, drawn from a seed.
import { MERGE_GAP_MS } from '../../core/series.ts';
import type { OutageKind, PlannedOutage } from './reference-server-lines.ts';
import { MATCH_SLACK_MS } from './truth.ts';

export interface PlanOptions {
  readonly kind: OutageKind;
  /** Each is performed once, in an order drawn from the seed. */
  readonly lengthsMs: readonly number[];
  /** Of the probes; phases are drawn evenly over ten of them. */
  readonly intervalMs: number;
  /** Time that a series may need after an outage until it has noticed: the probes' limit, on kept connections. */
  readonly recoveryMs: number;
  /** Good time before the first. */
  readonly leadMs: number;
}

const PHASE_INTERVALS = 10;
const MARGIN_MS = 50;

/** Outages further apart than the merge gap, so that none of them may be reported as one with another. */
export function planOutages(options: PlanOptions, random: () => number): readonly PlannedOutage[] {
  const { kind, lengthsMs, intervalMs, recoveryMs, leadMs } = options;
  const healthyMs = Math.max(MERGE_GAP_MS, 2 * MATCH_SLACK_MS) + recoveryMs + 2 * intervalMs + MARGIN_MS;
  let freeMs = leadMs;
  return shuffled(lengthsMs, random).map((lengthMs) => {
    const atMs = freeMs + random() * PHASE_INTERVALS * intervalMs;
    freeMs = atMs + lengthMs + healthyMs;
    return { kind, atMs, lengthMs };
  });
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ value }) => value);
}
