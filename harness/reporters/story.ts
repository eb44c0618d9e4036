// The course of a scenario and what it cost, told from its record.
import type { ScenarioRecord } from '../core/record.ts';
import type { StoryLine } from '../core/report.ts';
import type { OutageResult, ScenarioResult } from '../core/result.ts';
import { eventsOfType, recordEndMs } from '../core/scenario-view.ts';
import { bounds, percent } from '../core/text.ts';

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
