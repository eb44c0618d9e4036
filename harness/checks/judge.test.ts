import { runOf } from '../../fixtures/runs/record-of.ts';
import { describe, expect, test } from 'vitest';
import { BAD_RUNS, changed, inserted } from '../../fixtures/runs/bad-runs.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent, RunRecord } from '../core/record.ts';
import { runResultSchema, type RunResultFile } from '../core/result.ts';
import { worstVerdict } from '../core/verdict.ts';
import { CHECKS, checksOf } from './index.ts';
import { judgeRun, judgeScenario } from './judge.ts';

/** Types of events without which nothing may be judged a pass. */
const DECISIVE = new Set<JournalEvent['type']>([
  'run.finished',
  'scenario.started',
  'scenario.finished',
  'vrrp.configured',
  'steady',
  'probes.started',
  'probes.stopped',
  'sample',
  'noise',
  'vip.address',
  'fault.prepared',
  'fault.injected',
  'fault.evidence',
  'fault.healed',
  'nodes',
]);

/** Of a record with one scenario: all that is between its beginning and its end, both included. */
function scenarioEvents(events: readonly JournalEvent[]): JournalEvent[] {
  const begins = events.findIndex(({ type }) => type === 'scenario.started');
  const ends = events.findIndex(({ type }) => type === 'scenario.finished');
  return events.slice(begins, ends + 1);
}

describe('the good run', () => {
  const result = judge(goodRun());
  const scenario = first(result);

  test('passes every check and leaves nothing behind', () => {
    expect(scenario.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect([...CHECKS.keys()].toSorted()).toEqual(scenario.checks.map(({ name }) => name).toSorted());
    expect(result).toMatchObject({ verdict: 'pass', cleanliness: 'clean', run: { interrupted: undefined } });
  });

  test('is told in the numbers of its record', () => {
    expect(scenario.faults).toMatchObject([
      { kind: 'power-off', target: HOLDER, injectedAtMs: MOMENTS.faultFromMs, healedAtMs: MOMENTS.healedMs },
    ]);
    expect(scenario.vip.moves).toEqual([
      { from: HOLDER, to: SUCCESSOR, atMs: MOMENTS.takenOverMs },
      { from: SUCCESSOR, to: HOLDER, atMs: MOMENTS.takenBackMs },
    ]);
    expect(scenario.vip.noHolderMs).toBe(MOMENTS.takenOverMs - (MOMENTS.faultToMs - 12));
    expect(scenario.vip.dualHolderMs).toBe(6);
    expect(scenario.budget?.totalMs).toBeCloseTo(3000 + (161 / 256) * 1000 + 250, 3);
    const outage = scenario.outages.find(({ probe }) => probe === 'api-vip-new');
    const trueMs = MOMENTS.takenOverMs + 15 - (MOMENTS.faultFromMs + 30);
    expect(outage?.lowerMs).toBeLessThanOrEqual(trueMs);
    expect(outage?.upperMs).toBeGreaterThanOrEqual(trueMs);
    expect(outage?.cause).toBe(`timeout (${outage?.failures})`);
    expect(scenario.startedAt).toBe('2026-01-31T06:28:18.397Z');
    expect(scenario.probes).toHaveLength(25);
    expect(result.provision).toMatchObject({ totalMs: 46_600, steps: { length: 8 } });
    expect(result.noise).toMatchObject({ latenessMsMax: 11.4, lostSamples: 0, cpuShares: { prober: 0.061 } });
  });

  test('survives JSON and keeps to the schema of result.json', () => {
    const written: unknown = JSON.parse(JSON.stringify(result));
    expect(runResultSchema.parse(written)).toEqual(written);
  });
});

describe.each([...BAD_RUNS])('a run in which $wrong', ({ check, verdict, events }) => {
  const result = judge(events());

  test(`is judged ${verdict} by ${check}`, () => {
    const judged = first(result).checks.find(({ name }) => name === check);
    expect(judged).toMatchObject({ verdict });
    expect(judged?.explanation).toMatch(/^[^\n]+[.!]$|broke off/);
  });

  test('is not passed, and its verdict is the worst of its checks', () => {
    expect(first(result).verdict).toBe(worstVerdict(first(result).checks.map((one) => one.verdict)));
    expect(result.verdict).not.toBe('pass');
    expect(() => runResultSchema.parse(JSON.parse(JSON.stringify(result)))).not.toThrow();
  });
});

test('every check has a bad run that it fails', () => {
  expect(new Set(BAD_RUNS.map(({ check }) => check))).toEqual(new Set(CHECKS.keys()));
});

describe('no record, however cut, is green', () => {
  const events = goodRun();
  test.each([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])('cut after %f of its events', (share) => {
    const result = judge(events.slice(0, Math.max(1, Math.floor(share * events.length))));
    // Nothing was wrong with what it holds, so it is not red either.
    expect(['inconclusive', 'invalid']).toContain(result.verdict);
    expect(result.run.interrupted).toMatch(/^the record ends/);
  });

  test.each([...DECISIVE])('without any %s event', (type) => {
    expect(judge(events.filter((event) => event.type !== type)).verdict).not.toBe('pass');
  });
});

describe('a run', () => {
  test('that was interrupted says why and is no pass, even if every scenario passed', () => {
    const events = goodRun();
    const reason = 'interrupted by SIGINT';
    const result = judge(events.toSpliced(-1, 0, { type: 'run.interrupted', atMs: 99_950, reason }));
    expect(result).toMatchObject({ verdict: 'inconclusive', run: { interrupted: reason } });
  });

  test('that planned more scenarios than it began is no pass', () => {
    const result = judge(
      changed('run.started', (event) => ({ ...event, plan: [...event.plan, ...event.plan] })),
    );
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      run: { interrupted: '1 of 2 scenarios were never begun' },
    });
  });

  test('without any scenario is invalid', () => {
    const events = goodRun().filter(({ atMs }) => atMs < MOMENTS.scenarioStartedMs);
    expect(judge(events)).toMatchObject({ verdict: 'invalid', cleanliness: 'unknown', scenarios: [] });
  });
});

describe('a scenario that was asked again', () => {
  const again = scenarioEvents(goodRun()).map((event) =>
    event.type === 'scenario.started' ? { ...event, attempt: 2 } : event,
  );
  const withFirst = (first: readonly JournalEvent[]): RunResultFile =>
    judge(first.toSpliced(-1, 0, ...again));

  test('counts instead of an attempt that said nothing', () => {
    const first = goodRun().filter(({ type }) => type !== 'fault.evidence');
    const result = withFirst(first);
    expect(result).toMatchObject({ verdict: 'pass', run: { interrupted: undefined } });
    expect(result.scenarios).toMatchObject([
      { verdict: 'invalid', superseded: true },
      { verdict: 'pass', attempt: 2 },
    ]);
    expect(result.scenarios[1]).not.toHaveProperty('superseded');
  });

  test('never counts instead of one that failed', () => {
    const { events: failing = [] } = [...BAD_RUNS].find(({ verdict }) => verdict === 'fail') ?? {};
    const result = withFirst(typeof failing === 'function' ? failing() : failing);
    expect(result.verdict).toBe('fail');
    expect(result.scenarios[0]).not.toHaveProperty('superseded');
  });

  test('does not make clean what the first attempt left dirty', () => {
    const first = changed('fingerprint', (event) =>
      event.when === 'after' ? { ...event, parts: { ...event.parts, strange: 'part' } } : event,
    ).filter(({ type }) => type !== 'fault.evidence');
    expect(withFirst(first)).toMatchObject({ verdict: 'pass', cleanliness: 'dirty' });
  });
});

describe('a scenario', () => {
  test('that changed a part of the fingerprint is dirty, whatever its verdict, and names the part', () => {
    const events = changed('fingerprint', (event) =>
      event.when === 'before'
        ? event
        : { ...event, parts: { ...event.parts, [`${SUCCESSOR} iptables`]: '-A INPUT -j DROP' } },
    );
    const result = judge(events);
    expect(result).toMatchObject({ verdict: 'pass', cleanliness: 'dirty' });
    expect(first(result).findings.join()).toContain(`${SUCCESSOR} iptables differs`);
    expect(first(result).findings.join()).toContain('+ -A INPUT -j DROP');
  });

  test('without a fingerprint afterwards is neither clean nor dirty', () => {
    const events = goodRun().filter((event) => event.type !== 'fingerprint' || event.when === 'before');
    expect(judge(events).cleanliness).toBe('unknown');
  });

  test('judged by a check that this version does not know is invalid', () => {
    const result = judge(changed('scenario.started', (event) => ({ ...event, checks: ['levitation'] })));
    expect(first(result).checks.at(-1)).toMatchObject({ name: 'levitation', verdict: 'invalid' });
    expect(result.verdict).toBe('invalid');
  });

  test('with an event that makes a check throw is invalid', () => {
    const malformed = { type: 'fault.evidence', atMs: 66_000, id: 'fault-1', evidence: [null] };
    const judged = first(judge(inserted(malformed as unknown as JournalEvent)));
    expect(judged.checks.find(({ name }) => name === 'fault-took-effect')).toMatchObject({
      verdict: 'invalid',
      explanation: expect.stringMatching(/^The check itself failed: /) as string,
    });
  });

  test('is still judged by what judges every scenario when it names no check', () => {
    const scenario = record(changed('scenario.started', (event) => ({ ...event, checks: [] }))).scenarios[0];
    expect(scenario && judgeScenario(scenario).checks.map(({ name }) => name)).toEqual([
      'scenario-completed',
      'fault-took-effect',
      'steady-before',
      'baseline-load',
      'enough-samples',
      'clock-steady',
      'only-declared-faults',
      'outcome-as-expected',
      'acknowledged-writes-kept',
      'vip-held-once',
    ]);
  });
});

test('a scenario that names an unknown check is told which there are', () => {
  expect(() => checksOf(['one-holder-afterward'])).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('nodes-ready-afterwards') as string,
      hint: 'did you mean one-holder-afterwards?',
    }),
  );
});

function record(events: readonly JournalEvent[]): RunRecord {
  return runOf(events);
}

function judge(events: readonly JournalEvent[]): RunResultFile {
  return judgeRun(record(events));
}

function first(result: RunResultFile): RunResultFile['scenarios'][number] {
  const [scenario] = result.scenarios;
  if (!scenario) throw new Error('the run has no scenario');
  return scenario;
}
