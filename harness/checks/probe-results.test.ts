import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../core/record.ts';
import type { ProbeResult } from '../core/result.ts';
import { probeResults } from './probe-results.ts';

describe('the result of a series', () => {
  test('parts its samples by the deed and the heal, and bounds its availability', () => {
    const { samples, windows, available, perSecond } = resultOf('api-vip-new', goodRun());
    const { before, during, after } = windows ?? {};
    expect((before?.samples ?? 0) + (during?.samples ?? 0) + (after?.samples ?? 0)).toBe(samples);
    expect(before).toMatchObject({ failures: 0, availability: 1 });
    expect(after).toMatchObject({ failures: 0, availability: 1 });
    expect(during?.failures).toBeGreaterThan(30);
    // Down from 30 ms after the earliest moment of the deed until 15 ms after the takeover.
    const downMs = MOMENTS.takenOverMs + 15 - (MOMENTS.faultFromMs + 30);
    const times = timesOf('api-vip-new', goodRun());
    const truth = 1 - downMs / (Math.max(...times) - Math.min(...times));
    expect(available?.lower).toBeLessThan(truth);
    expect(available?.upper).toBeGreaterThan(truth);
    expect(perSecond).toMatchObject({ disruptions: 1 });
    expect([3, 4]).toContain(perSecond?.disruptedS);
  });

  test('says who answered', () => {
    const answeredBy = resultOf('api-vip-new', goodRun()).answeredBy ?? {};
    expect(Object.keys(answeredBy).toSorted()).toEqual([HOLDER, SUCCESSOR]);
    const failed = goodRun().map((event): JournalEvent =>
      event.type === 'sample' && event.answeredBy === SUCCESSOR ? { ...event, ok: false } : event,
    );
    expect(Object.keys(resultOf('api-vip-new', failed).answeredBy ?? {})).toEqual([HOLDER]);
    const events = goodRun().map((event): JournalEvent =>
      event.type === 'sample' ? { ...event, answeredBy: undefined } : event,
    );
    expect(resultOf('api-vip-new', events).answeredBy).toBeUndefined();
  });

  test('without samples claims nothing', () => {
    const events = goodRun().filter((event) => event.type !== 'sample' || event.probe !== 'api-vip-new');
    expect(resultOf('api-vip-new', events)).toMatchObject({
      samples: 0,
      availability: undefined,
      available: undefined,
      perSecond: undefined,
      windows: { before: { samples: 0 }, during: { samples: 0 }, after: { samples: 0 } },
    });
  });

  test('knows no window but before where no fault was injected', () => {
    const events = goodRun().filter(({ type }) => type !== 'fault.injected');
    expect(Object.keys(resultOf('api-vip-new', events).windows ?? {})).toEqual(['before']);
  });

  test('has no after while one of several faults still stands', () => {
    const second: JournalEvent[] = [
      {
        type: 'fault.prepared',
        atMs: 66_000,
        id: 'fault-2',
        kind: 'power-off',
        target: SUCCESSOR,
        params: {},
      },
      { type: 'fault.injected', atMs: 66_020, id: 'fault-2', fromMs: 66_010, toMs: 66_015 },
    ];
    const events = [...goodRun()];
    events.splice(
      events.findIndex(({ type }) => type === 'fault.healed'),
      0,
      ...second,
    );
    expect(Object.keys(resultOf('api-vip-new', events).windows ?? {})).toEqual(['before', 'during']);
  });
});

function resultOf(probe: string, events: readonly JournalEvent[]): ProbeResult {
  const found = probeResults(recordOf(events)).find(({ name }) => name === probe);
  if (!found) throw new Error(`no result of ${probe}`);
  return found;
}

function timesOf(probe: string, events: readonly JournalEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'sample' && event.probe === probe ? [event.atMs] : []));
}
