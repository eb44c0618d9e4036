// What changed between two judgements of one record. Pure; told to the millisecond, below which nothing is claimed.
import type { RunResultFile, ScenarioResult } from '../core/result.ts';
import { bounds, measure, ms, percent } from '../core/text.ts';

export interface Change {
  /** "power-off-vip-holder #1"; absent: of the run as a whole. */
  readonly scenario?: string;
  /** What of it: "verdict", "check enough-samples", "outages of api-vip-new" … */
  readonly what: string;
  /** Absent: there was none before. */
  readonly before?: string;
  /** Absent: there is none any more. */
  readonly after?: string;
}

/** What one judgement says, a line each: what of it → in words. */
type Statements = ReadonlyMap<string, string>;

/** In the order of the judgement after, then what only the one before had. */
export function changesBetween(before: RunResultFile, after: RunResultFile): Change[] {
  const [old, now] = [scenariosOf(before), scenariosOf(after)];
  const none: Statements = new Map();
  return [
    ...differences(runStatements(before), runStatements(after)),
    ...[...new Set([...now.keys(), ...old.keys()])].flatMap((scenario) => {
      const [was, is] = [old.get(scenario), now.get(scenario)];
      return differences(was ? scenarioStatements(was) : none, is ? scenarioStatements(is) : none).map(
        (change) => ({ scenario, ...change }),
      );
    }),
  ];
}

function differences(before: Statements, after: Statements): Change[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((what) => {
    const [was, is] = [before.get(what), after.get(what)];
    if (was === is) return [];
    return [{ what, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

/** "drop-vrrp-only #1", or "drop-vrrp-only #1, attempt 2". */
export function numbered({ name, iteration, attempt }: ScenarioResult): string {
  return `${name} #${iteration}${attempt === undefined ? '' : `, attempt ${attempt}`}`;
}

function scenariosOf({ scenarios }: RunResultFile): Map<string, ScenarioResult> {
  return new Map(scenarios.map((scenario) => [numbered(scenario), scenario]));
}

function runStatements({ verdict, cleanliness, run }: RunResultFile): Statements {
  return new Map([
    ['verdict', verdict],
    ['cleanliness', cleanliness],
    ...(run.interrupted === undefined ? [] : [['interrupted', run.interrupted] as const]),
  ]);
}

function scenarioStatements(scenario: ScenarioResult): Statements {
  return new Map([
    ['verdict', scenario.verdict],
    ['cleanliness', scenario.cleanliness],
    ...checkStatements(scenario),
    ...vipStatements(scenario),
    ...outageStatements(scenario),
    ...seriesStatements(scenario),
    ...derivedStatements(scenario),
  ]);
}

type Statement = readonly [what: string, said: string];

/** Verdict, measure and limit: how they are explained is no change of judgement. */
function checkStatements({ checks }: ScenarioResult): Statement[] {
  return checks.map(({ name, verdict, measured, limit }) => {
    const found = measured ? `, ${measure(measured)}` : '';
    return [`check ${name}`, `${verdict}${found} (limit: ${limit})`];
  });
}

function vipStatements({ vip }: ScenarioResult): Statement[] {
  const moves = vip.moves.map(
    ({ from, to, atMs }) => `${from ?? 'nobody'} → ${to ?? 'nobody'} at ${ms(atMs)}`,
  );
  return [
    ['moves of the VIP', moves.join(', ') || 'none'],
    ['VIP without holder', ms(vip.noHolderMs)],
    ['VIP with two holders', ms(vip.dualHolderMs)],
    ...(vip.staleArpMs === undefined ? [] : [['stale ARP entry', ms(vip.staleArpMs)] as const]),
  ];
}

function outageStatements({ outages }: ScenarioResult): Statement[] {
  const probes = [...new Set(outages.map(({ probe }) => probe))];
  return probes.map((name) => [
    `outages of ${name}`,
    outages
      .filter(({ probe }) => probe === name)
      .map(({ lowerMs, upperMs, startMs }) => `${bounds(lowerMs, upperMs)} from ${ms(startMs)} on`)
      .join(', '),
  ]);
}

function seriesStatements({ probes }: ScenarioResult): Statement[] {
  return probes.flatMap(({ name, samples, failures, available }): Statement[] => [
    [`samples of ${name}`, `${failures} of ${samples} failed`],
    ...(available
      ? [[`availability of ${name}`, `${percent(available.lower)} to ${percent(available.upper)}`] as const]
      : []),
  ]);
}

/** What is computed from the record beyond what was measured. */
function derivedStatements({ budget, decomposition, expectations, writes }: ScenarioResult): Statement[] {
  const lost = writes ? [...writes.lost, ...writes.duplicated, ...writes.reordered].length : 0;
  return [
    ...(budget ? [['failover budget', ms(budget.totalMs)] as const] : []),
    ...(decomposition ? [['term that overran', decomposition.overrun ?? 'none'] as const] : []),
    ...(expectations ?? []).map(
      ({ capability, expected }) => [`expectation for ${capability}`, expected] as const,
    ),
    ...(writes ? [['acknowledged writes', `${writes.acknowledged}, ${lost} not kept`] as const] : []),
  ];
}
