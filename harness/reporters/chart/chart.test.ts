import { describe, expect, test } from 'vitest';
import { changed, failed, inserted, isBetween } from '../../../fixtures/runs/altered.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR, vipAddress } from '../../../fixtures/runs/good-run.ts';
import { recordOf } from '../../../fixtures/runs/record-of.ts';
import { decodeCells, type Chart, type Lane, type SpanKind } from '../../core/chart.ts';
import { thinned } from '../html/thinned.ts';
import { chartOf } from './index.ts';

const chart = chartOf(recordOf(goodRun()));

function lane(of: Chart, group: string, name: string): Lane {
  const found = of.groups.find(({ title }) => title === group)?.lanes.find((one) => one.name === name);
  if (!found) throw new Error(`no lane ${name} in ${group}`);
  return found;
}

function timeOf({ spans }: Lane, kind: SpanKind): number {
  return spans.reduce((sum, [from, to, one]) => sum + (one === kind ? to - from : 0), 0);
}

describe('the chart of a power cut of the VIP holder', () => {
  test('begins at the fault, which is shaded until it is healed', () => {
    const healedMs = MOMENTS.healedMs - MOMENTS.faultFromMs;
    expect(chart.faults).toEqual([[0, Math.round(healedMs), 'fault', `power-off on ${HOLDER}`]]);
    expect(chart.fromMs).toBeLessThan(0);
    expect(chart.toMs).toBeGreaterThan(healedMs);
  });

  test('shows who held the VIP, and for how long nobody did', () => {
    expect(lane(chart, 'VIP', HOLDER).spans[0]?.[2]).toBe('good');
    expect(lane(chart, 'VIP', SUCCESSOR).spans.find(([, , kind]) => kind === 'good')?.[0]).toBe(3480);
    expect(timeOf(lane(chart, 'VIP', 'nobody'), 'bad')).toBe(3450);
  });

  test('has a lane for every kind of thing that was seen', () => {
    expect(chart.groups.map(({ title }) => title)).toEqual(['Faults', 'VIP', 'Cluster', 'Noise']);
    expect(chart.groups.flatMap(({ lanes }) => lanes).every(({ spans }) => spans.length > 0)).toBe(true);
  });

  test('has every sample of every series in a cell of its own', () => {
    const { events } = recordOf(goodRun());
    for (const { name, cells } of chart.series) {
      const samples = events.filter((event) => event.type === 'sample' && event.probe === name);
      const seen = decodeCells(cells).filter(({ state }) => state !== 'none');
      expect([name, seen.length]).toEqual([name, samples.length]);
      const bad = samples.filter((event) => event.type === 'sample' && !event.ok);
      expect(seen.filter(({ state }) => state === 'failed')).toHaveLength(bad.length);
    }
  });
});

test('two holders at a time are bad, in the lanes of both', () => {
  const twice = chartOf(
    recordOf(
      inserted(
        vipAddress(MOMENTS.probesStartedMs + 1_000, SUCCESSOR, true, 'event'),
        vipAddress(MOMENTS.probesStartedMs + 3_000, SUCCESSOR, false, 'event'),
      ),
    ),
  );
  // When the preferred master comes back, both hold it for some milliseconds: that is how VRRP hands over.
  const isBad = (of: Chart, host: string): boolean =>
    lane(of, 'VIP', host).spans.some(([fromMs, toMs, kind]) => kind === 'bad' && toMs - fromMs > 1_000);
  expect([HOLDER, SUCCESSOR].map((host) => isBad(twice, host))).toEqual([true, true]);
  expect([HOLDER, SUCCESSOR].map((host) => isBad(chart, host))).toEqual([false, false]);
});

test('cells that become one say the worst of what they were', () => {
  const events = changed('sample', (sample) =>
    sample.probe === 'api-vip-new' && isBetween(sample, 90_000, 90_150) ? failed(sample) : sample,
  );
  const fine = chartOf(recordOf(events));
  const [coarse] = thinned([fine], fine.series.reduce((sum, { cells }) => sum + cells.length / 2, 0) / 3);
  const series = coarse?.series.find(({ name }) => name === 'api-vip-new');
  const before = fine.series.find(({ name }) => name === 'api-vip-new');
  expect(series?.stepMs).toBe((before?.stepMs ?? 0) * 3);
  expect(decodeCells(series?.cells ?? '').some(({ state }) => state === 'mixed')).toBe(true);
  expect(series?.cells.length).toBeLessThan((before?.cells.length ?? 0) / 2);
});
