// From the record to the result: every number and every verdict that holdfast reports. Pure; judging again changes nothing.
import { asError } from '../core/errors.ts';
import type { FailureKind, RunFrame, RunRecord, ScenarioRecord } from '../core/record.ts';
import {
  counts,
  RESULT_SCHEMA_VERSION,
  type CheckResult,
  type FaultResult,
  type OutageResult,
  type RunResultFile,
  type ScenarioResult,
} from '../core/result.ts';
import { writesOf } from '../core/ledger.ts';
import { eventsOfType, faultCourses, seriesOf } from '../core/scenario-view.ts';
import { MERGE_GAP_MS, outagesOf } from '../core/series.ts';
import { saysNothing, worstCleanliness, worstVerdict, type Verdict } from '../core/verdict.ts';
import { decompositionOf } from '../oracle/decomposition.ts';
import { compareFingerprints } from './cleanliness.ts';
import { failoverPremise } from './failover.ts';
import { expectationsFor } from './fault-spans.ts';
import { findingsOf } from './findings.ts';
import { applicableChecks, CHECKS } from './index.ts';
import { probeResults } from './probe-results.ts';
import { summarizeNoise, summarizeProvision } from './run-summary.ts';
import { vipResult } from './vip-results.ts';

export function judgeScenario(record: ScenarioRecord): ScenarioResult {
  const { started, finished, run } = record;
  const { names, without } = applicableChecks(started.checks, run.topology);
  const checks = names.map((name) => judgeCheck(name, record));
  const { cleanliness, differences } = compareFingerprints(record);
  const failover = failoverPremise(record);
  const decomposition = derive('The failover in its terms', () => decompositionOf(record));
  const expectations = derive('What was to be expected', () => expectationsFor(record));
  const writes = derive('What became of the writes', () => writesOf(record));
  const found = derive('What is weak about the design', () => findingsOf(record));
  const timestamp = (atMs: number): string =>
    new Date(Date.parse(run.startedAt) + atMs - run.atMs).toISOString();
  return {
    name: started.scenario,
    iteration: started.iteration,
    attempt: started.attempt,
    unavailable: finished?.unavailable,
    hypothesis: started.hypothesis,
    verdict: worstVerdict(checks.map(({ verdict }) => verdict)),
    cleanliness,
    startedAt: timestamp(started.atMs),
    finishedAt: finished && timestamp(finished.atMs),
    startedAtMs: started.atMs,
    finishedAtMs: finished?.atMs,
    faults: faultResults(record),
    checks,
    probes: probeResults(record),
    outages: outageResults(record),
    vip: vipResult(record),
    budget: 'premise' in failover ? failover.premise.budget : undefined,
    decomposition: decomposition.value,
    expectations: expectations.value,
    writes: writes.value,
    findings: [
      ...without,
      ...differences,
      ...(found.value ?? []),
      ...[decomposition, expectations, writes, found].flatMap(({ failure = [] }) => failure),
    ],
  };
}

export function judgeRun(record: RunRecord): RunResultFile {
  return runResult(record, record.scenarios.map(judgeScenario));
}

/** @param judged every scenario that was begun, in the order of the journal */
export function runResult(frame: RunFrame, judged: readonly ScenarioResult[]): RunResultFile {
  const { run, events } = frame;
  const scenarios = markSuperseded(judged);
  const interrupted = whyEndedEarly(frame, judged);
  const { command, holdfast, id, profile, provider, seed, startedAt } = run;
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    run: {
      id,
      startedAt,
      finishedAt: eventsOfType(events, 'run.finished').at(-1)?.finishedAt,
      seed,
      holdfast,
      topology: run.topology.name,
      profile,
      provider,
      command,
      interrupted,
    },
    verdict: runVerdict(
      scenarios.filter(counts).map(({ verdict }) => verdict),
      interrupted,
    ),
    cleanliness: worstCleanliness(
      scenarios.filter((one) => !wasNeverLookedAt(one)).map(({ cleanliness }) => cleanliness),
    ),
    provision: summarizeProvision(events),
    scenarios,
    noise: summarizeNoise(events),
  };
}

/** Of several attempts at the same the last counts, where those before it said nothing. Restoring counts in all. */
function markSuperseded(scenarios: readonly ScenarioResult[]): ScenarioResult[] {
  return scenarios.map((one, index) => {
    const isAskedAgain = scenarios.slice(index + 1).some(({ name, iteration, attempt = 1 }) => {
      return name === one.name && iteration === one.iteration && attempt > (one.attempt ?? 1);
    });
    return isAskedAgain && saysNothing(one.verdict) ? { ...one, superseded: true } : one;
  });
}

/** Where a scenario is unavailable from the start, nobody looks what the cluster is like. */
function wasNeverLookedAt({ unavailable, cleanliness }: ScenarioResult): boolean {
  return unavailable !== undefined && cleanliness === 'unknown';
}

interface Derived<T> {
  readonly value?: T;
  readonly failure?: string;
}

/** What a reader is told beside the verdicts: if it cannot be computed of this record, that is told instead. */
function derive<T>(what: string, compute: () => T): Derived<T> {
  try {
    return { value: compute() };
  } catch (thrown) {
    return { failure: `${what} could not be computed: ${asError(thrown).message}` };
  }
}

/** A check that throws or that this version does not know has not been passed. */
function judgeCheck(name: string, record: ScenarioRecord): CheckResult {
  const check = CHECKS.get(name);
  if (!check) {
    const explanation = 'This version of holdfast has no such check.';
    return { name, verdict: 'invalid', limit: 'not known', explanation };
  }
  try {
    return { name, ...check.judge(record) };
  } catch (thrown) {
    const explanation = `The check itself failed: ${asError(thrown).message}`;
    return { name, verdict: 'invalid', limit: 'not known', explanation };
  }
}

function faultResults(record: ScenarioRecord): FaultResult[] {
  return faultCourses(record).map(({ prepared, injected, evidence, healed }) => ({
    kind: prepared.kind,
    target: prepared.target,
    injectedAtMs: injected?.fromMs,
    healedAtMs: healed?.atMs,
    evidence,
  }));
}

function outageResults(record: ScenarioRecord): OutageResult[] {
  return seriesOf(record).flatMap(({ definition, samples }) =>
    outagesOf(samples, { mergeGapMs: MERGE_GAP_MS }).map((outage) => ({
      probe: definition.name,
      startMs: outage.startMs,
      endMs: outage.endMs,
      lowerMs: outage.lowerMs,
      upperMs: outage.upperMs,
      failures: outage.failures,
      cause: causeOf(outage.failureKinds),
    })),
  );
}

/** "timeout (31), refused (2)", the most frequent first. */
function causeOf(kinds: ReadonlyMap<FailureKind, number>): string {
  return [...kinds]
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, failures]) => `${kind} (${failures})`)
    .join(', ');
}

function runVerdict(scenarios: readonly Verdict[], interrupted: string | undefined): Verdict {
  // What was never begun says nothing about the cluster, but a run without it is no pass.
  const notDone: readonly Verdict[] =
    interrupted === undefined || scenarios.length === 0 ? [] : ['inconclusive'];
  return worstVerdict([...scenarios, ...notDone]);
}

/** Why the run did not do all that it had planned, in words; undefined when it did. */
function whyEndedEarly({ run, events }: RunFrame, scenarios: readonly ScenarioResult[]): string | undefined {
  const told = eventsOfType(events, 'run.interrupted').at(-1);
  if (told) return told.reason;
  if (!events.some(({ type }) => type === 'run.finished')) {
    const last = events.at(-1) ?? run;
    const seconds = ((last.atMs - run.atMs) / 1000).toFixed(1);
    return `the record ends ${seconds} s into the run, after ${last.type}: the run was killed or goes on`;
  }
  const begun = scenarios.filter(({ attempt = 1 }) => attempt === 1);
  const missing = run.plan.length - begun.length;
  return missing > 0 ? `${missing} of ${run.plan.length} scenarios were never begun` : undefined;
}
