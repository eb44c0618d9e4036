// What a reader wants to know first, in words: what was broken, who took over, what came of it.
import type { ScenarioDigest, StoryLine, RunReport } from '../core/report.ts';
import type { Decomposition, RunResultFile, ScenarioResult, WritesResult } from '../core/result.ts';
import { bounds, count, ms, percent, spoken } from '../core/text.ts';

/** "drop-vrrp-only (2), asked again": where a name alone could be mistaken for another's. */
export function nameOf(scenario: Pick<ScenarioResult, 'name' | 'iteration' | 'attempt'>): string {
  const { name, iteration, attempt = 1 } = scenario;
  return `${name}${iteration > 1 ? ` (${iteration})` : ''}${attempt > 1 ? ', asked again' : ''}`;
}

/** Its verdict, and whether that counts. */
export function verdictInWords({ verdict, superseded, unavailable }: ScenarioResult): string {
  if (unavailable !== undefined) return 'unavailable';
  return superseded ? `${verdict}; asked again` : verdict;
}

/** "power-off on 10-10-102-91.master, which held the VIP" */
export function whatWasBroken({ faults, budget }: ScenarioResult): string {
  if (faults.length === 0) return 'nothing';
  const held = budget ? ', which held the VIP' : '';
  return faults
    .map(({ kind, target, injectedAtMs }) => {
      return `${kind} on ${target}${injectedAtMs === undefined ? ' (never injected)' : held}`;
    })
    .join('; ');
}

/** "10-10-102-92.master 3.48 s after the fault (allowed 3.88 s)" */
export function whoTookOver(result: ScenarioResult): string {
  const faultMs = result.faults.find(({ injectedAtMs }) => injectedAtMs !== undefined)?.injectedAtMs;
  const move = result.vip.moves.find(({ to, atMs }) => to !== undefined && atMs >= (faultMs ?? 0));
  if (move?.to === undefined) return 'nobody';
  const allowed = result.budget ? ` (allowed ${spoken(result.budget.totalMs)})` : '';
  return faultMs === undefined
    ? move.to
    : `${move.to} ${spoken(move.atMs - faultMs)} after the fault${allowed}`;
}

/** "+3.48 s", for a column. */
export function since({ sinceFaultMs }: StoryLine): string {
  const sign = sinceFaultMs < 0 ? '−' : '+';
  return `${sign}${(Math.abs(sinceFaultMs) / 1000).toFixed(2)} s`;
}

/** What the harness itself took of the machine that it measured; undefined when it was not measured. */
export function whatMeasuringCost({ noise }: RunResultFile): string | undefined {
  const shares = Object.entries(noise.cpuShares);
  if (shares.length === 0) return undefined;
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  const parts = shares.map(([name, share]) => `${name} ${percent(share)}`);
  return `${percent(total)} of one core: ${parts.join(', ')}`;
}

/** The command as it was given, with the seed that was used. */
export function reproduction({ run }: RunResultFile): string {
  return run.command.includes('--seed') ? run.command : `${run.command} --seed ${run.seed}`;
}

/** A budget as a sum: "missed adverts 3000 ms + … = 3879 ms". */
export function budgetSum({ budget }: ScenarioResult): string | undefined {
  if (!budget) return undefined;
  return `${budget.terms.map((term) => `${term.name} ${ms(term.ms)}`).join(' + ')} = ${ms(budget.totalMs)}`;
}

/** Each judged scenario with what else is known of it. */
export function pairs({ result, digests }: RunReport): {
  readonly digest: ScenarioDigest;
  readonly result: ScenarioResult;
}[] {
  return result.scenarios.flatMap((scenario, index) => {
    const digest = digests[index];
    return digest ? [{ digest, result: scenario }] : [];
  });
}

/** What of the plan has no record. */
export function neverBegun(plan: readonly string[], scenarios: readonly ScenarioResult[]): string[] {
  const begun = scenarios.flatMap(({ name, attempt = 1 }) => (attempt === 1 ? [name] : []));
  return plan.filter((name) => {
    const index = begun.indexOf(name);
    if (index !== -1) begun.splice(index, 1);
    return index === -1;
  });
}

/** One term of a failover, in words. */
export interface TermLine {
  readonly name: string;
  readonly sinceFault: string;
  readonly sincePrevious: string;
  readonly allowed: string;
  readonly overran: boolean;
  readonly detail: string;
}

export function failoverTerms({ terms }: Decomposition): TermLine[] {
  return terms.map(({ name, sinceFault, sincePrevious, allowedMs, overran, detail }) => ({
    name,
    sinceFault: sinceFault ? bounds(sinceFault.lowerMs, sinceFault.upperMs) : 'not seen',
    sincePrevious: sincePrevious ? bounds(sincePrevious.lowerMs, sincePrevious.upperMs) : '–',
    allowed: allowedMs === undefined ? '–' : ms(allowedMs),
    overran,
    detail,
  }));
}

/** "412 acknowledged, all kept; 3 refused; 7 without an answer, of which 2 were written" */
export function whatBecameOfWrites(writes: WritesResult): string {
  const { acknowledged, refused, indeterminate, indeterminateKept, lost, duplicated, reordered } = writes;
  const wrong = [
    ...(lost.length > 0 ? [`${lost.length} LOST`] : []),
    ...(duplicated.length > 0 ? [`${duplicated.length} there twice`] : []),
    ...(reordered.length > 0 ? [`${reordered.length} out of order`] : []),
  ];
  return [
    `${count(acknowledged, 'write')} acknowledged, ${wrong.length === 0 ? 'all kept' : wrong.join(', ')}`,
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(indeterminate === 0
      ? []
      : [`${indeterminate} without an answer, of which ${indeterminateKept} were written`]),
  ].join('; ');
}
