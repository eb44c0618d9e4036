import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { changed } from '../../fixtures/runs/altered.ts';
import { goodRun, HOLDER, MOMENTS, NODES, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../core/record.ts';
import type { Foreseen } from '../oracle/expectations.ts';
import { capabilityOf, compareSeries, type Comparison } from './comparison.ts';
import { compareScheduling, compareVip } from './comparison-of-states.ts';
import { seriesOf } from '../core/scenario-view.ts';
import { expectationsFor, faultSpans, type FaultSpan } from './fault-spans.ts';

const SPAN: FaultSpan = {
  fromMs: 64_310,
  toMs: 64_352,
  untilMs: 95_000,
  effects: [],
  foreseen: [],
  apartUntilMs: 95_000,
  starved: [],
};

describe('a series that must fail', () => {
  test('and answers is a failure, and its answers are counted', () => {
    expect(compare('logapi-10-10-103-96.node', { settled: false, transitionMs: 1_000 })).toMatchObject({
      verdict: 'fail',
      text: expect.stringMatching(
        /^logapi-10-10-103-96.node answered 10\d\d ms after the fault, and 29\d times more/,
      ) as string,
    });
  });

  test('and fails is as expected', () => {
    const untilMs = MOMENTS.apiserverBackMs - 10;
    expect(compare(`apiserver-${HOLDER}`, { settled: false, transitionMs: 1_000 }, untilMs).verdict).toBe(
      'pass',
    );
  });

  test('but was healed before it had to is not put to the test', () => {
    expect(compare(`apiserver-${HOLDER}`, { settled: false, transitionMs: 99_000 }).verdict).toBeUndefined();
  });
});

describe('a series that must not fail', () => {
  test('is not to be told without samples', () => {
    const record = recordOf(goodRun().filter((event) => event.type !== 'sample' || event.atMs < 64_000));
    const [series] = seriesOf(record);
    if (!series) throw new Error('no series');
    expect(compareSeries(series, foreseen({ settled: true }), SPAN).verdict).toBe('inconclusive');
    expect(compareSeries({ ...series, samples: [] }, foreseen({ settled: true }), SPAN).verdict).toBe(
      'inconclusive',
    );
  });

  test('and failed for less than the fault had to stand is not blamed', () => {
    const untilMs = MOMENTS.takenOverMs - 1_000;
    const allowed = { settled: true, transitionMs: 3_879 };
    expect(compare('api-vip-new', allowed, untilMs).verdict).toBe('pass');
    expect(compare('api-vip-new', { settled: true, transitionMs: 1_000 }, untilMs).verdict).toBe('fail');
  });
});

describe('leases', () => {
  const record = recordOf(goodRun());
  const renewed = { settled: true, transitionMs: 23_800 };

  test('that are renewed are as expected, and a leader that is missing is not', () => {
    expect(compareScheduling(record, foreseen(renewed), { ...SPAN, untilMs: 99_000 }).verdict).toBe('pass');
    const without = recordOf(goodRun().filter((event) => event.type !== 'lease' || event.atMs < 65_000));
    expect(compareScheduling(without, foreseen(renewed), { ...SPAN, untilMs: 99_000 })).toMatchObject({
      verdict: 'fail',
      text: expect.stringContaining('nobody was seen to renew the lease kube-controller-manager') as string,
    });
    const unwatched = recordOf(
      goodRun().filter(
        (event) =>
          (event.type !== 'lease' && event.type !== 'cluster.watch') ||
          event.atMs < 65_000 ||
          (event.type === 'cluster.watch' && event.change === 'closed'),
      ),
    );
    expect(compareScheduling(unwatched, foreseen(renewed), { ...SPAN, untilMs: 99_000 }).verdict).toBe(
      'inconclusive',
    );
  });

  test('that are renewed where nobody can write are a failure', () => {
    const { verdict } = compareScheduling(record, foreseen({ settled: false, transitionMs: 1_000 }), SPAN);
    expect(verdict).toBe('fail');
    const early = { ...SPAN, untilMs: 79_000 };
    expect(compareScheduling(record, foreseen({ settled: false, transitionMs: 1_000 }), early).verdict).toBe(
      'pass',
    );
  });

  test('that nobody watched, or whose leader was not yet due, are not put to the test', () => {
    expect(
      compareScheduling(record, foreseen(renewed), { ...SPAN, untilMs: 74_000 }).verdict,
    ).toBeUndefined();
    const blind = recordOf(goodRun().filter(({ type }) => type !== 'lease'));
    expect(compareScheduling(blind, foreseen(renewed), SPAN).verdict).toBeUndefined();
  });
});

describe('the VIP', () => {
  const record = recordOf(goodRun());
  const settled = { ...SPAN, untilMs: 74_000 };
  const due = 3_879;

  test('that must be held twice, or by nobody, and is not, is a failure', () => {
    const twice = { ...foreseen({ settled: false, transitionMs: due }), capability: 'vip-unique' };
    expect(compareVip(record, twice, settled)).toMatchObject({
      verdict: 'fail',
      text: expect.stringContaining('two held the VIP for 0 ms of 5769 ms only') as string,
    });
    const nobody = { ...foreseen({ settled: false, transitionMs: due }), capability: 'vip' };
    expect(compareVip(record, nobody, settled).verdict).toBe('fail');
    const held = { ...foreseen({ settled: true, transitionMs: due }), capability: 'vip' };
    expect(compareVip(record, held, settled).verdict).toBe('pass');
  });
});

describe('the span of a fault', () => {
  test('ends where its healing begins, and without that moment well before it is done', () => {
    const spanOf = (events: readonly JournalEvent[]): FaultSpan => {
      const spans = faultSpans(recordOf(events));
      const [span] = 'unknown' in spans ? [] : spans;
      if (!span) throw new Error('no span');
      return span;
    };
    expect(spanOf(goodRun()).untilMs).toBe(MOMENTS.healedMs - 860);
    const old = changed('fault.healed', ({ type, atMs, id, by }) => ({ type, atMs, id, by }));
    expect(spanOf(old).untilMs).toBe(MOMENTS.healedMs - 3_000);
    expect(spanOf(goodRun().filter(({ type }) => type !== 'fault.healed')).untilMs).toBeGreaterThan(97_000);
  });

  test('with another fault on top ends where that one strikes, and counts both from there', () => {
    const events = goodRun().flatMap((event): JournalEvent[] => {
      if (event.type === 'fault.prepared') {
        return [event, { ...event, id: 'fault-2', target: NODES[0], effect: { hostsDown: [NODES[0]] } }];
      }
      if (event.type === 'fault.injected') {
        return [event, { ...event, id: 'fault-2', fromMs: 69_000, toMs: 69_040 }];
      }
      return event.type === 'fault.healed' ? [event, { ...event, id: 'fault-2' }] : [event];
    });
    const spans = faultSpans(recordOf(events));
    if ('unknown' in spans) throw new Error(spans.unknown);
    expect(spans.map(({ fromMs, untilMs, effects }) => [fromMs, untilMs, effects.length])).toEqual([
      [64_310, 69_000, 1],
      [69_000, MOMENTS.healedMs - 860, 2],
    ]);
    const writes = spans.map((span) => span.foreseen.find(({ capability }) => capability === 'api-write'));
    expect(writes.map((one) => one?.expected)).toEqual(['may-fail', 'must-fail']);
    expect(expectationsFor(recordOf(events))?.find(({ capability }) => capability === 'api')).toEqual({
      capability: 'api',
      expected: 'must-fail',
      reason: `2 etcd members need 2 for quorum; ${NODES[0]} is down, 1 is left.`,
    });
  });
});

test('of several faults in turn, each capability is told with the worst that any of them entails', () => {
  const first = { id: 'fault-0', target: SUCCESSOR };
  const events = goodRun().flatMap((event): JournalEvent[] => {
    if (event.type !== 'fault.prepared') return [event];
    const { atMs } = event;
    const effect = { processesDown: [{ host: SUCCESSOR, process: 'kubelet' as const }] };
    return [
      { ...event, ...first, atMs: atMs - 3_000, effect },
      { type: 'fault.injected', id: 'fault-0', atMs: atMs - 2_900, fromMs: atMs - 2_950, toMs: atMs - 2_940 },
      { type: 'fault.healed', id: 'fault-0', atMs: atMs - 1_000, fromMs: atMs - 1_100, by: 'scenario' },
      { type: 'steady', atMs: atMs - 500, when: 'between', ok: true, findings: [] },
      event,
    ];
  });
  const expectedOf = (some: readonly JournalEvent[]): unknown =>
    expectationsFor(recordOf(some))?.find(({ capability }) => capability === 'api');
  expect(expectedOf(events)).toMatchObject({ expected: 'may-fail' });
  expect(expectedOf(events)).toEqual(expectedOf(goodRun()));
});

describe('a second fault after the first was healed', () => {
  const SECOND_MS = 86_000;
  function apiInSecondSpan(more: readonly JournalEvent[]): Foreseen | undefined {
    const later = { id: 'fault-2', target: SUCCESSOR };
    const events = goodRun().flatMap((event): JournalEvent[] => {
      if (event.type === 'fault.prepared') {
        const effect = { processesDown: [{ host: SUCCESSOR, process: 'kubelet' as const }] };
        return [event, { ...event, ...later, atMs: SECOND_MS - 10, effect }];
      }
      if (event.type === 'fault.injected') {
        return [event, { ...event, id: 'fault-2', fromMs: SECOND_MS, toMs: SECOND_MS + 40 }];
      }
      return [event];
    });
    const spans = faultSpans(recordOf([...events.slice(0, -4), ...more, ...events.slice(-4)]));
    if ('unknown' in spans) throw new Error(spans.unknown);
    return spans[1]?.foreseen.find(({ capability }) => capability === 'api');
  }

  test('is expected together with what is left of the first', () => {
    expect(apiInSecondSpan([])).toMatchObject({
      expected: 'may-fail',
      settled: undefined,
      reason: expect.stringContaining('an earlier fault may still be felt') as string,
    });
  });

  test('and the cluster seen steady in between is expected alone', () => {
    const steady = { type: 'steady', ok: true, findings: [] } as const;
    const between: JournalEvent = { ...steady, atMs: SECOND_MS - 1_000, when: 'between' };
    expect(apiInSecondSpan([between])).toMatchObject({ settled: true });
    expect(apiInSecondSpan([{ ...between, ok: false }])?.settled).toBeUndefined();
    expect(apiInSecondSpan([{ ...between, atMs: MOMENTS.healedMs - 5_000 }])?.settled).toBeUndefined();
  });
});

test('every series but the control is measured against an expectation of its own', () => {
  const spans = faultSpans(recordOf(goodRun()));
  if ('unknown' in spans) throw new Error(spans.unknown);
  const foreseeable = spans[0]?.foreseen.map(({ capability }) => capability) ?? [];
  for (const { definition } of seriesOf(recordOf(goodRun()))) {
    const capability = capabilityOf(definition);
    if (definition.capability === 'control') expect(capability).toBeUndefined();
    else expect(foreseeable).toContain(capability);
  }
  expect(foreseeable).toContain(`apiserver ${SUCCESSOR}`);
});

function foreseen(change: Partial<Foreseen>): Foreseen {
  return {
    capability: 'any',
    expected: 'may-fail',
    reason: 'why.',
    settled: true,
    transitionMs: 0,
    ...change,
  };
}

function compare(probe: string, change: Partial<Foreseen>, untilMs: number = SPAN.untilMs): Comparison {
  const series = seriesOf(recordOf(goodRun())).find(({ definition }) => definition.name === probe);
  if (!series) throw new Error(`no series ${probe}`);
  return compareSeries(series, foreseen(change), { ...SPAN, untilMs });
}
