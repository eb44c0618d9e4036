// The arithmetic that judges the prober, on samples and outages that are written down by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MERGE_GAP_MS } from '../../core/series.ts';
import { seededRandom } from '../../core/random.ts';
import { planOutages } from './truth-plan.ts';
import { judgeOutages, type TrueOutage, type TruthOptions, type WatchedSample } from './truth.ts';

const INTERVAL_MS = 10;
const OPTIONS: TruthOptions = { intervalMs: INTERVAL_MS, mergeGapMs: MERGE_GAP_MS, kept: false };

function outage(fromMs: number, toMs: number): TrueOutage {
  return {
    series: 'a',
    kind: 'refused',
    plannedMs: toMs - fromMs,
    lookedMs: fromMs,
    begin: { fromMs, toMs: fromMs },
    end: { fromMs: toMs, toMs },
  };
}

interface World {
  readonly truths: readonly TrueOutage[];
  readonly untilMs: number;
  readonly phaseMs?: number;
  readonly transitMs?: number;
}

/** What a prober without any fault sees: each request meets the server one transit after its start. */
function samplesOf({ truths, untilMs, phaseMs = 0, transitMs = 0 }: World): WatchedSample[] {
  const samples: WatchedSample[] = [];
  for (let atMs = phaseMs; atMs < untilMs; atMs += INTERVAL_MS) {
    const metMs = atMs + transitMs;
    const ok = !truths.some(({ begin, end }) => metMs >= begin.fromMs && metMs < end.toMs);
    samples.push({ atMs, ok, durationMs: transitMs, lateMs: 0, ...(!ok && { failure: 'refused' as const }) });
  }
  return samples;
}

describe('judgeOutages', () => {
  it('finds nothing wrong with a prober that tells the truth, whatever the phase, length and transit', () => {
    const worlds = fc.record({
      phaseMs: fc.double({ min: 0, max: 10, noNaN: true }),
      fromMs: fc.double({ min: 100, max: 200, noNaN: true }),
      lengthMs: fc.double({ min: 20, max: 500, noNaN: true }),
      transitMs: fc.double({ min: 0, max: 30, noNaN: true }),
    });
    fc.assert(
      fc.property(worlds, ({ phaseMs, fromMs, lengthMs, transitMs }) => {
        const truths = [outage(fromMs, fromMs + lengthMs)];
        const samples = samplesOf({ truths, untilMs: 1000, phaseMs, transitMs });
        const { seen, missed, invented } = judgeOutages(samples, truths, OPTIONS);
        expect([seen.length, missed.length, invented.length]).toEqual([1, 0, 0]);
        expect(seen[0]?.isInside).toBe(true);
        expect(seen[0]?.widthMs).toBeLessThanOrEqual(2 * INTERVAL_MS + 0.001);
        expect(Math.abs(seen[0]?.errorMs ?? Infinity)).toBeLessThanOrEqual(INTERVAL_MS + 0.001);
      }),
    );
  });

  it('tells what is inside strictly from what is inside only with the transit of the requests', () => {
    // Met 3 ms after their starts: the one begun at 98 fails, the one begun at 128 too, and 30 > 29.
    const truths = [outage(100, 131.5)];
    const shorter = [outage(100.5, 129.5)];
    const samples = samplesOf({ truths, untilMs: 500, phaseMs: 8, transitMs: 3 });
    expect(judgeOutages(samples, truths, OPTIONS).seen[0]).toMatchObject({ isInsideStrictly: true });
    expect(judgeOutages(samples, shorter, OPTIONS).seen[0]).toMatchObject({
      isInsideStrictly: false,
      isInside: true,
    });
  });

  it.each([
    ['starts too early', -25],
    ['starts too late', 25],
  ])('is not taken in by a prober whose clock %s', (_, wrongMs) => {
    const truths = [outage(100, 200)];
    const samples = samplesOf({ truths, untilMs: 500, phaseMs: 3, transitMs: 1 });
    const lies = samples.map((sample) => ({ ...sample, atMs: sample.atMs + wrongMs }));
    const [seen] = judgeOutages(lies, truths, OPTIONS).seen;
    // The length is right, and yet it is not the outage that there was.
    expect(seen).toMatchObject({ isInsideStrictly: true, isInside: false });
  });

  it('sees bounds that are too narrow', () => {
    const truths = [outage(100, 200)];
    const samples = samplesOf({ truths, untilMs: 500 });
    const shortened = samples.map((one) => (one.atMs >= 150 && one.atMs < 200 ? { ...one, ok: true } : one));
    expect(judgeOutages(shortened, truths, OPTIONS).seen[0]).toMatchObject({
      isInsideStrictly: false,
      isInside: false,
    });
  });

  it('allows a request that timed out the stalls that the prober told, and no more', () => {
    const truths = [outage(100, 200)];
    // Begun at 80 and at 90, they stood still until the outage had begun.
    const samples = samplesOf({ truths: [outage(80, 200)], untilMs: 500 }).map((one) =>
      one.ok ? one : { ...one, failure: 'timeout' as const },
    );
    const judgedWith = (eventLoopStallMsMax: number, atMs = 1000): object | undefined =>
      judgeOutages(samples, truths, { ...OPTIONS, noise: [{ atMs, windowMs: 1000, eventLoopStallMsMax }] })
        .seen[0];
    expect(judgeOutages(samples, truths, OPTIONS).seen[0]).toMatchObject({ isInside: false });
    expect(judgedWith(15)).toMatchObject({ isInside: false, neededStall: false });
    expect(judgedWith(25)).toMatchObject({ isInside: true, neededStall: true });
    expect(judgedWith(25, 5000)).toMatchObject({ isInside: false });
  });

  it('knows a request that was begun in an outage and outlasted it from one that cannot have been answered', () => {
    const truths = [outage(100, 125)];
    const withGoodAt111 = (durationMs: number): WatchedSample[] =>
      samplesOf({ truths, untilMs: 500, phaseMs: 1 }).map((one) =>
        one.atMs === 111 ? { atMs: 111, ok: true, durationMs, lateMs: 0 } : one,
      );
    for (const mergeGapMs of [0, MERGE_GAP_MS]) {
      const outlasted = judgeOutages(withGoodAt111(15), truths, { ...OPTIONS, mergeGapMs });
      expect(outlasted).toMatchObject({ seen: [{ isInside: true }], invented: [] });
    }
    const lie = judgeOutages(withGoodAt111(3), truths, { ...OPTIONS, mergeGapMs: 0 });
    expect(lie.seen.every(({ isInside }) => isInside) && lie.invented.length === 0).toBe(false);
  });

  it('counts what was missed, what was invented and what was reported twice', () => {
    const truths = [outage(1000, 1100), outage(3000, 3004)];
    const samples = samplesOf({ truths: [outage(1000, 1100), outage(5000, 5050)], untilMs: 6000 });
    const missed = judgeOutages(samples, truths, OPTIONS);
    expect(missed.missed).toEqual([truths[1]]);
    expect(missed.invented.map(({ startMs }) => startMs)).toEqual([5000]);
    const torn = samples.map((one) => (one.atMs === 1050 ? { ...one, ok: true } : one));
    expect(judgeOutages(torn, truths, OPTIONS).invented).toHaveLength(1);
    expect(judgeOutages(torn, truths, { ...OPTIONS, mergeGapMs: 0 }).invented).toHaveLength(2);
  });

  it('lets lost and late samples widen the bounds, and nothing else', () => {
    const truths = [outage(100, 200)];
    const all = samplesOf({ truths, untilMs: 500, phaseMs: 5 });
    const late = all
      .filter(({ atMs }) => atMs !== 205 && atMs !== 215)
      .map((one) => (one.atMs === 225 ? { ...one, atMs: 228, lateMs: 3 } : one));
    const [seen] = judgeOutages(late, truths, OPTIONS).seen;
    expect(seen).toMatchObject({ latenessMs: 23, widthMs: 43, isInside: true });
  });

  it('takes an outage that has no end in the record for not bounded', () => {
    const truths = [outage(100, 200)];
    const cut = samplesOf({ truths, untilMs: 150 });
    expect(judgeOutages(cut, truths, OPTIONS).seen[0]).toMatchObject({
      isInsideStrictly: false,
      isInside: false,
      widthMs: undefined,
    });
  });

  it('lets a kept connection be down until its last request of the outage is given up, and not longer', () => {
    const truths = [outage(100, 200)];
    const waiting = (atMs: number): WatchedSample => ({
      atMs,
      ok: false,
      failure: 'timeout',
      durationMs: 390 - atMs,
      lateMs: 0,
    });
    const samples = samplesOf({ truths, untilMs: 800 }).map((one) =>
      one.atMs >= 90 && one.atMs < 390 ? waiting(one.atMs) : one,
    );
    const fromBegin = samples.map((one) => (one.atMs === 90 ? { ...one, ok: true, durationMs: 1 } : one));
    expect(judgeOutages(fromBegin, truths, OPTIONS).seen[0]?.isInside).toBe(false);
    expect(judgeOutages(fromBegin, truths, { ...OPTIONS, kept: true }).seen[0]?.isInside).toBe(true);
    const longer = fromBegin.map((one) => (one.atMs === 400 ? { ...waiting(400), durationMs: 5 } : one));
    expect(judgeOutages(longer, truths, { ...OPTIONS, kept: true }).seen[0]?.isInside).toBe(false);
  });
});

describe('planOutages', () => {
  const options = {
    kind: 'reset',
    lengthsMs: [5, 30, 600, 10],
    intervalMs: 10,
    recoveryMs: 300,
    leadMs: 500,
  } as const;

  it('performs every length once, further apart than the merge gap, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const plan = planOutages(options, seededRandom(seed));
        expect(plan.map(({ lengthMs }) => lengthMs).sort((a, b) => a - b)).toEqual([5, 10, 30, 600]);
        expect(plan[0]?.atMs).toBeGreaterThanOrEqual(500);
        for (const [index, { atMs, lengthMs }] of plan.slice(0, -1).entries()) {
          const gapMs = (plan[index + 1]?.atMs ?? 0) - atMs - lengthMs;
          expect(gapMs).toBeGreaterThan(MERGE_GAP_MS + options.recoveryMs);
        }
        expect(planOutages(options, seededRandom(seed))).toEqual(plan);
      }),
    );
  });

  it('draws other orders and phases from another seed', () => {
    expect(planOutages(options, seededRandom(1))).not.toEqual(planOutages(options, seededRandom(2)));
  });
});
