import { describe, expect, test } from 'vitest';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import { reportOf } from '../reports.ts';
import { nightOf, type Night } from './measures.ts';
import { nightsNeeded, trendOf, type TrendRow } from './trend.ts';

const night = nightOf(reportOf(runOf(goodRun())).result);

/** Nights with these takeovers, one a day. */
function nights(takeovers: readonly number[], change: Partial<Night> = {}): Night[] {
  return takeovers.map((takeover, index) => ({
    ...night,
    id: `night-${index}`,
    startedAt: new Date(Date.parse(night.startedAt) + index * 86_400_000).toISOString(),
    scenarios: night.scenarios.map((one) => ({ ...one, measures: { takeover } })),
    ...change,
  }));
}

function rowOf(takeovers: readonly number[], newest = 1): TrendRow | undefined {
  return trendOf(nights(takeovers), { last: 30, newest })?.rows[0];
}

const USUAL = Array.from({ length: 19 }, (_, index) => 2700 + index * 50);

test('a run has its measures, the takeover and the outages of clients among them', () => {
  expect(night.scenarios[0]?.measures).toMatchObject({ takeover: 3480, 'service outage': 0 });
  expect(night.scenarios[0]?.measures['API outage']).toBeCloseTo(3398, -1);
});

describe('the newest night', () => {
  test('that is slower than nineteen others, by enough, is worse', () => {
    expect(rowOf([...USUAL, 4800])).toMatchObject({ state: 'worse', pastMedian: 3150, freshMedian: 4800 });
  });

  test('that is the slowest by a little is not', () => {
    expect(rowOf([...USUAL, 3700])?.state).toBe('steady');
  });

  test('that is slow as others have been is not', () => {
    expect(rowOf([...USUAL.slice(1), 5000, 4800])?.state).toBe('steady');
  });

  test('has not enough data with eighteen others, however slow it is', () => {
    expect(rowOf([...USUAL.slice(1), 60_000])?.state).toBe('not enough data');
    expect(rowOf([60_000])?.state).toBe('not enough data');
    expect([nightsNeeded(1), nightsNeeded(2), nightsNeeded(3)]).toEqual([19, 5, 3]);
  });

  test('is told from three others when three are taken together', () => {
    expect(rowOf([3000, 3200, 3400, 5000, 5100, 5200], 3)?.state).toBe('worse');
    expect(rowOf([3000, 3200, 5150, 5000, 5100, 5200], 3)?.state).toBe('steady');
  });

  test('is compared only with what was run on the same', () => {
    const others = nights(USUAL, { topology: 'three-etcd' });
    const trend = trendOf(
      [...others, ...nights([9000]).map((one) => ({ ...one, startedAt: '2027-01-01T00:00:00.000Z' }))],
      {
        last: 30,
        newest: 1,
      },
    );
    expect(trend?.past).toEqual([]);
  });

  test('can be compared with one run that is named', () => {
    const trend = trendOf(nights([3000, 9000, 3100]), { last: 30, newest: 1, against: 'night-1' });
    expect(trend?.past.map(({ id }) => id)).toEqual(['night-1']);
    expect(trend?.rows[0]).toMatchObject({ pastMedian: 9000, freshMedian: 3100 });
  });
});

test('a scenario whose verdict changes, or that was asked again, is on the list of flakes', () => {
  const mixed = nights([3000, 3100, 3200]).map((one, index) => ({
    ...one,
    scenarios: one.scenarios.map(
      (scenario) => ({ ...scenario, verdict: index === 1 ? 'fail' : scenario.verdict }) as const,
    ),
  }));
  expect(trendOf(mixed, { last: 30, newest: 1 })?.flaky).toMatchObject([
    { verdicts: ['pass', 'fail', 'pass'], retries: 0 },
  ]);
  expect(trendOf(nights([3000, 3100]), { last: 30, newest: 1 })?.flaky).toEqual([]);
});
