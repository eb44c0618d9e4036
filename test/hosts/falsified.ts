// Ways to falsify the record of an honest run, and what each must be judged as.
import { runOf } from '../../fixtures/runs/record-of.ts';
import { judgeRun } from '../../harness/checks/judge.ts';
import type { JournalEvent, Sample } from '../../harness/core/record.ts';
import type { ScenarioResult } from '../../harness/core/result.ts';
import type { Cleanliness, Verdict } from '../../harness/core/verdict.ts';

export interface Falsification {
  readonly lie: string;
  readonly falsify: (events: JournalEvent[]) => JournalEvent[];
  readonly check?: string;
  readonly verdict?: Verdict;
  readonly cleanliness?: Cleanliness;
}

/** @throws when no scenario is left in it */
export function judgeEvents(events: readonly JournalEvent[]): ScenarioResult {
  const [result] = judgeRun(runOf(events)).scenarios;
  if (!result) throw new Error('no scenario in the falsified record');
  return result;
}

const without =
  (unwanted: (event: JournalEvent) => boolean) =>
  (events: JournalEvent[]): JournalEvent[] =>
    events.filter((event) => !unwanted(event));

const changed =
  (change: (event: JournalEvent, index: number) => JournalEvent) =>
  (events: JournalEvent[]): JournalEvent[] =>
    events.map(change);

const ofSeries =
  (probe: string) =>
  (event: JournalEvent): event is Sample =>
    event.type === 'sample' && event.probe === probe;

/** Moves all that is stamped by the wall clock, from the fault on, and says so in the sampler's account or not. */
function stepWallClock(events: JournalEvent[], stepMs: number): JournalEvent[] {
  const faultMs = events.find(({ type }) => type === 'fault.prepared')?.atMs ?? 0;
  let told = false;
  return events.map((event) => {
    if (event.atMs < faultMs) return event;
    if (event.type === 'noise' && !told) {
      told = true;
      return { ...event, wallClockStepMs: stepMs };
    }
    const isWallClock = event.type === 'vip.address' && event.source === 'event';
    return isWallClock || event.type === 'vrrp.advert' ? { ...event, atMs: event.atMs + stepMs } : event;
  });
}

/** Says of a record that was never written that it was acknowledged. */
function inventAcknowledgement(events: JournalEvent[]): JournalEvent[] {
  const last = events.findLast(
    (event): event is Sample => event.type === 'sample' && event.append?.outcome === 'acknowledged',
  );
  if (!last?.append) throw new Error('no acknowledged record in this run');
  const invented = { ...last, append: { ...last.append, record: 999_999, revision: 999_999_999 } };
  return events.flatMap((event) => (event === last ? [event, invented] : [event]));
}

function dropEveryThirdSample(events: JournalEvent[]): JournalEvent[] {
  const isSample = ofSeries('api-vip-new');
  let seen = 0;
  return events.filter((event) => !isSample(event) || seen++ % 3 !== 0);
}

export const FALSIFICATIONS: readonly Falsification[] = [
  {
    lie: 'the journal was cut in the middle',
    falsify: (events) => events.slice(0, Math.floor(events.length / 2)),
    check: 'scenario-completed',
    verdict: 'inconclusive',
    cleanliness: 'unknown',
  },
  {
    lie: 'a third of the samples was dropped',
    falsify: dropEveryThirdSample,
    check: 'enough-samples',
    verdict: 'inconclusive',
  },
  {
    lie: 'the outage was painted over',
    falsify: changed((event) => {
      if (!ofSeries('api-vip-new')(event) || event.ok) return event;
      const { type, atMs, probe, lateMs } = event;
      return { type, atMs, probe, lateMs, ok: true, durationMs: 5 };
    }),
    check: 'api-outage-within-budget',
    verdict: 'invalid',
  },
  {
    lie: 'the wall clock jumped by two seconds',
    falsify: (events) => stepWallClock(events, 2000),
    check: 'clock-steady',
    verdict: 'inconclusive',
  },
  {
    lie: 'the witnesses of the fault were silenced',
    falsify: without(({ type }) => type === 'fault.evidence'),
    check: 'fault-took-effect',
    verdict: 'invalid',
  },
  {
    lie: 'an acknowledgement was invented',
    falsify: inventAcknowledgement,
    check: 'acknowledged-writes-kept',
    verdict: 'fail',
  },
  {
    lie: 'nobody read the ledger back',
    falsify: without(({ type }) => type === 'ledger.read'),
    check: 'acknowledged-writes-kept',
    verdict: 'inconclusive',
  },
  {
    lie: 'the sampler kept its noise to itself',
    falsify: without(({ type }) => type === 'noise'),
    check: 'enough-samples',
    verdict: 'inconclusive',
  },
  {
    lie: 'the live configuration was never read',
    falsify: without(({ type }) => type === 'vrrp.configured'),
    check: 'vip-moved-within-budget',
    verdict: 'invalid',
  },
  {
    lie: 'the takeover was struck from the record',
    falsify: without((event) => event.type === 'vip.address' && event.present && event.source === 'event'),
    check: 'vip-moved-within-budget',
    verdict: 'fail',
  },
  {
    lie: 'the cluster was not looked at before',
    falsify: without((event) => event.type === 'steady' && event.when === 'before'),
    check: 'steady-before',
    verdict: 'invalid',
  },
  {
    lie: 'the hosts were not looked at afterwards',
    falsify: without((event) => event.type === 'fingerprint' && event.when === 'after'),
    cleanliness: 'unknown',
  },
];
