// What each failure cost each capability, beside what the oracle expects of it: the rows of the tolerance matrix.
import { hasVrrp } from '../core/facts.ts';
import type { JournalEvent, LeaseSeen, ProbeDefinition, ScenarioRecord } from '../core/record.ts';
import type { Expectation, OutageResult, ScenarioResult } from '../core/result.ts';
import { eventsOfType, faultCourses } from '../core/scenario-view.ts';
import { bounds, ms, spoken } from '../core/text.ts';
import type { ToleranceCell, ToleranceRow } from '../core/tolerance.ts';
import { LEASE_RENEWAL_MS } from './lease-times.ts';

export function toleranceRow(record: ScenarioRecord, result: ScenarioResult): ToleranceRow {
  const whole = { record, result, ...timesOf(record) };
  const expected = (capability: string): Pick<ToleranceCell, 'expected'> => {
    const found = (result.expectations ?? []).find((one) => one.capability.split(' ')[0] === capability);
    return found ? { expected: expectationInWords(found) } : {};
  };
  return {
    'API read': { measured: worstOf(whole, isQuorumRead), ...expected('api-read') },
    'API write': {
      measured: worstOf(whole, (one) => one.capability === 'api-write'),
      ...expected('api-write'),
    },
    VIP: {
      measured: hasVrrp(record.run.topology) ? vipInWords(result) : 'not measured',
      ...vipExpected(result),
    },
    scheduling: { measured: scheduling(whole), ...expected('scheduling') },
    service: { measured: bestNode(whole), ...expected('service') },
    DNS: { measured: worstOf(whole, (one) => one.capability === 'dns'), ...expected('dns-from') },
  };
}

interface Whole {
  readonly record: ScenarioRecord;
  readonly result: ScenarioResult;
  /** The first deed; the scenario's begin where nothing was broken. */
  readonly brokenMs: number;
  /** When the last healing began. */
  readonly healedMs: number;
}

function timesOf(record: ScenarioRecord): Pick<Whole, 'brokenMs' | 'healedMs'> {
  const courses = faultCourses(record).filter(({ injected }) => injected !== undefined);
  const broken = courses.map(({ injected }) => injected?.fromMs ?? Infinity);
  const healed = courses.map((course) => course.healed?.fromMs ?? course.healed?.atMs ?? Infinity);
  return {
    brokenMs: courses.length === 0 ? record.started.atMs : Math.min(...broken),
    healedMs: courses.length === 0 ? Infinity : Math.max(...healed),
  };
}

function isQuorumRead({ capability, url }: ProbeDefinition): boolean {
  return capability === 'api-read' && !url.includes('resourceVersion=0');
}

function definitionsOf(events: readonly JournalEvent[]): ProbeDefinition[] {
  return eventsOfType(events, 'probes.started').flatMap(({ probes }) => probes);
}

/** The longest outage of the series that are meant. */
function worstOf(whole: Whole, isMeant: (definition: ProbeDefinition) => boolean): string {
  const names = definitionsOf(whole.record.events)
    .filter(isMeant)
    .map(({ name }) => name);
  if (names.length === 0) return 'not measured';
  return inWords(longest(whole, names), whole);
}

/** A client that goes on to the next node is served when any node serves: the node that was down for the least time. */
function bestNode(whole: Whole): string {
  const definitions = definitionsOf(whole.record.events).filter(
    ({ capability, from, connection }) =>
      capability === 'service' && from === undefined && connection === 'new',
  );
  if (definitions.length === 0) return 'not measured';
  const perNode = definitions.map(({ name }) => longest(whole, [name]));
  if (perNode.includes(undefined)) return inWords(undefined, whole);
  const outages = perNode.filter((outage) => outage !== undefined);
  return inWords(outages.toSorted((one, other) => one.lowerMs - other.lowerMs)[0], whole);
}

function longest({ result, brokenMs }: Whole, names: readonly string[]): OutageResult | undefined {
  return result.outages
    .filter(({ probe, endMs }) => names.includes(probe) && (endMs ?? Infinity) > brokenMs)
    .toSorted((one, other) => other.lowerMs - one.lowerMs)[0];
}

function inWords(outage: OutageResult | undefined, { healedMs }: Whole): string {
  if (!outage) return 'none';
  const { startMs, endMs, lowerMs, upperMs } = outage;
  if (endMs === undefined) return `to the end (≥ ${spoken(lowerMs)})`;
  return startMs < healedMs && endMs >= healedMs
    ? `until healed (${spoken(lowerMs)})`
    : bounds(lowerMs, upperMs);
}

function vipInWords({ vip }: ScenarioResult): string {
  const parts = [
    ...(vip.noHolderMs > 0 ? [`nobody ${ms(vip.noHolderMs)}`] : []),
    ...(vip.dualHolderMs >= SHORT_MS ? [`two ${ms(vip.dualHolderMs)}`] : []),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Of nobody and of two. */
function vipExpected({ expectations = [] }: ScenarioResult): Pick<ToleranceCell, 'expected'> {
  const vip = expectations.find(({ capability }) => capability === 'vip');
  const unique = expectations.find(({ capability }) => capability === 'vip-unique');
  if (!vip) return {};
  const two = { 'must-fail': 'two', 'may-fail': 'may be two', 'must-not-fail': undefined };
  const nobody = vip.expected === 'must-not-fail' ? undefined : expectationInWords(vip);
  const parts = [nobody, unique && two[unique.expected]].filter((part) => part !== undefined);
  return { expected: parts.join(', ') || 'none' };
}

/** For so long two may hold it while it is handed over. */
const SHORT_MS = 250;

/** The longest time in which nobody renewed a lease, as the watch saw it, without the usual time between two renewals. */
function scheduling(whole: Whole): string {
  const leases = eventsOfType(whole.record.events, 'lease');
  const names = [...new Set(leases.map(({ lease }) => lease))];
  if (names.length === 0) return 'not measured';
  const gaps = names.flatMap((name) =>
    gapsOf(
      leases.filter(({ lease }) => lease === name),
      whole,
    ),
  );
  const widest = gaps.toSorted((one, other) => lengthOf(other) - lengthOf(one))[0];
  if (!widest || lengthOf(widest) <= LEASE_RENEWAL_MS) return 'none';
  const lowerMs = lengthOf(widest) - LEASE_RENEWAL_MS;
  return widest.fromMs < whole.healedMs && widest.toMs >= whole.healedMs
    ? `until healed (${spoken(lowerMs)})`
    : bounds(lowerMs, lengthOf(widest));
}

interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

function gapsOf(renewals: readonly LeaseSeen[], { brokenMs }: Whole): Gap[] {
  return renewals
    .slice(1)
    .map(({ atMs }, index) => ({ fromMs: renewals[index]?.atMs ?? atMs, toMs: atMs }))
    .filter(({ toMs }) => toMs >= brokenMs);
}

function lengthOf({ fromMs, toMs }: Gap): number {
  return toMs - fromMs;
}

function expectationInWords({ expected, withinMs }: Expectation): string {
  switch (expected) {
    case 'must-not-fail':
      return 'none';
    case 'must-fail':
      return 'until healed';
    case 'may-fail':
      return withinMs === undefined ? 'may, until healed' : `≤ ${spoken(withinMs)}`;
  }
}
