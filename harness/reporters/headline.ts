// Of a run of many scenarios, the worst: what a reader who has time for one number wants to know.
import type { ScenarioDigest } from '../core/report.ts';
import type { ScenarioResult } from '../core/result.ts';
import { nameOf } from './digest.ts';

export interface Pair {
  readonly digest: ScenarioDigest;
  readonly result: ScenarioResult;
}

export interface Worst {
  /** The longest of a new connection through the VIP, or what comes nearest to that. */
  readonly outage?: {
    readonly scenario: string;
    readonly lowerMs: number;
    readonly upperMs: number | undefined;
    readonly expected: string | undefined;
  };
  readonly availability?: { readonly scenario: string; readonly share: number };
  readonly takeover?: {
    readonly scenario: string;
    readonly ms: number;
    readonly allowedMs: number;
    /** Scenarios in which the VIP moved within a budget. */
    readonly moves: number;
  };
}

/** The client that everybody is: a new connection to the API through the VIP. */
const CLIENT = 'api-vip-new';

export function worstOfAll(pairs: readonly Pair[]): Worst {
  const outages = pairs.flatMap(({ digest, result }) =>
    result.outages
      .filter(({ probe }) => probe === CLIENT)
      .map(({ lowerMs, upperMs }) => ({
        scenario: nameOf(result),
        lowerMs,
        upperMs,
        expected: digest.tolerance['API read'].expected,
      })),
  );
  const shares = pairs.flatMap(({ result }) =>
    result.probes.flatMap(({ name, availability }) =>
      name === CLIENT && availability !== undefined
        ? [{ scenario: nameOf(result), share: availability }]
        : [],
    ),
  );
  const takeovers = pairs.flatMap(({ result }) => takeoverOf(result) ?? []);
  const outage = outages.toSorted((one, other) => other.lowerMs - one.lowerMs)[0];
  const availability = shares.toSorted((one, other) => one.share - other.share)[0];
  const takeover = takeovers.toSorted((one, other) => other.ms - one.ms)[0];
  return {
    ...(outage && { outage }),
    ...(availability && { availability }),
    ...(takeover && { takeover: { ...takeover, moves: takeovers.length } }),
  };
}

/** Of the first failover within a budget. */
export function takeoverOf(
  result: ScenarioResult,
): Omit<NonNullable<Worst['takeover']>, 'moves'> | undefined {
  const faultMs = result.faults.find(({ injectedAtMs }) => injectedAtMs !== undefined)?.injectedAtMs;
  if (!result.budget || faultMs === undefined) return undefined;
  const move = result.vip.moves.find(({ to, atMs }) => to !== undefined && atMs >= faultMs);
  return move && { scenario: nameOf(result), ms: move.atMs - faultMs, allowedMs: result.budget.totalMs };
}
