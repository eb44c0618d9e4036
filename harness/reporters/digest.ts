// What a reader wants to know first of a scenario: what was broken, what it cost, who took over, and the course of it.
import type { ScenarioRecord } from '../core/record.ts';
import type {
  Decomposition,
  OutageResult,
  RunResultFile,
  ScenarioResult,
  WritesResult,
} from '../core/result.ts';
import { eventsOfType, recordEndMs } from '../core/scenario-view.ts';
import { bounds, count, ms, percent, spoken } from '../core/text.ts';

/** One moment of a scenario, for a person. */
export interface StoryLine {
  /** Before (negative) or after the fault, or after the beginning when there was none. */
  readonly sinceFaultMs: number;
  readonly text: string;
}

/** "drop-vrrp-only (2), asked again": where a name alone could be mistaken for another's. */
export function nameOf(scenario: Pick<ScenarioResult, 'name' | 'iteration' | 'attempt'>): string {
  const { name, iteration, attempt = 1 } = scenario;
  return `${name}${iteration > 1 ? ` (${iteration})` : ''}${attempt > 1 ? ', asked again' : ''}`;
}

/** Its verdict, and whether that counts. */
export function verdictInWords({ verdict, superseded }: ScenarioResult): string {
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

/** One phrase for each series that asks the API through the VIP: its longest outage and its availability. */
export function whatItCost(record: ScenarioRecord, result: ScenarioResult): string[] {
  return apiSeries(record).map((name) => {
    const outages = result.outages.filter(({ probe }) => probe === name);
    const longest = outages.toSorted((one, other) => other.lowerMs - one.lowerMs)[0];
    const availability = result.probes.find((probe) => probe.name === name)?.availability;
    const answered = availability === undefined ? 'never asked' : `${percent(availability)} answered`;
    if (!longest) return `${name}: no outage seen, ${answered}`;
    const others = outages.length > 1 ? ` (the longest of ${outages.length} outages)` : '';
    return `${name}: down for ${bounds(longest.lowerMs, longest.upperMs)}${others}, ${answered}`;
  });
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

/** The scenario in a few lines, in the order of time. */
export function storyOf(record: ScenarioRecord, result: ScenarioResult): StoryLine[] {
  const injected = eventsOfType(record.events, 'fault.injected')[0];
  const originMs = injected?.fromMs ?? result.startedAtMs;
  const moments: [atMs: number, text: string][] = [
    ...faultMoments(result),
    ...apiSeries(record).flatMap((name) =>
      result.outages.filter(({ probe }) => probe === name).flatMap(outageMoments),
    ),
    ...result.vip.moves.map(({ from, to, atMs }): [number, string] => [atMs, vipMoment(from, to)]),
    ...nodeMoments(record),
    ...eventsOfType(record.events, 'note').map(({ atMs, text }): [number, string] => [atMs, text]),
  ];
  if (result.finishedAtMs === undefined) {
    moments.push([recordEndMs(record), 'the record ends here']);
  }
  return moments
    .toSorted(([one], [other]) => one - other)
    .map(([atMs, text]) => ({ sinceFaultMs: atMs - originMs, text }));
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

/** The record of each judged scenario: both stand in the order of the journal. */
export function pairs(
  records: readonly ScenarioRecord[],
  results: readonly ScenarioResult[],
): { readonly record: ScenarioRecord; readonly result: ScenarioResult }[] {
  return results.flatMap((result, index) => {
    const record = records[index];
    return record ? [{ record, result }] : [];
  });
}

function apiSeries({ events }: ScenarioRecord): string[] {
  return eventsOfType(events, 'probes.started')
    .flatMap(({ probes }) => probes)
    .filter(({ capability }) => capability === 'api')
    .map(({ name }) => name);
}

function faultMoments({ faults }: ScenarioResult): [number, string][] {
  return faults.flatMap(({ kind, target, injectedAtMs, healedAtMs }): [number, string][] => [
    ...(injectedAtMs === undefined ? [] : [[injectedAtMs, `${kind} on ${target}`] as [number, string]]),
    ...(healedAtMs === undefined ? [] : [[healedAtMs, `${kind} on ${target} healed`] as [number, string]]),
  ]);
}

function outageMoments({ probe, startMs, endMs, cause }: OutageResult): [number, string][] {
  const fails: [number, string] = [startMs, `${probe} fails${cause === undefined ? '' : `: ${cause}`}`];
  return endMs === undefined ? [fails] : [fails, [endMs, `${probe} answers again`]];
}

function vipMoment(from: string | undefined, to: string | undefined): string {
  if (to === undefined) return `VIP lost by ${from ?? 'its holder'}, held by nobody`;
  return from === undefined ? `VIP on ${to}` : `VIP on ${to}, before on ${from}`;
}

/** Where the set of nodes that are not Ready changed. */
function nodeMoments({ events }: ScenarioRecord): [number, string][] {
  const seen = eventsOfType(events, 'nodes');
  const faultMs = eventsOfType(events, 'fault.injected')[0]?.toMs ?? -Infinity;
  return seen
    .filter(({ notReady, atMs }, index) => {
      const before = seen[index - 1];
      const firstAfterFault = atMs >= faultMs && (before?.atMs ?? -Infinity) < faultMs;
      return firstAfterFault || (before && before.notReady.join() !== notReady.join());
    })
    .map(({ atMs, ready, notReady }) => [
      atMs,
      notReady.length === 0 ? `all ${ready.length} nodes Ready` : `not Ready: ${notReady.join(', ')}`,
    ]);
}

/** A budget as a sum: "missed adverts 3000 ms + … = 3879 ms". */
export function budgetSum({ budget }: ScenarioResult): string | undefined {
  if (!budget) return undefined;
  return `${budget.terms.map((term) => `${term.name} ${ms(term.ms)}`).join(' + ')} = ${ms(budget.totalMs)}`;
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
