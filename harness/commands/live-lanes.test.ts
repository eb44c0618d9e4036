import { describe, expect, test } from 'vitest';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import { LiveLanes } from './live-lanes.ts';

/** All that had been written by then. */
function seenUntil(untilMs: number): LiveLanes {
  const lanes = new LiveLanes();
  for (const event of goodRun()) {
    const writtenMs = event.type === 'sample' ? event.atMs + event.durationMs : event.atMs;
    if (writtenMs <= untilMs) lanes.see(event);
  }
  return lanes;
}

describe('the lanes of a running scenario', () => {
  test('show before the fault who holds the VIP, and that the API answers', () => {
    const lines = seenUntil(MOMENTS.faultFromMs - 100).render(MOMENTS.faultFromMs - 100, 120);
    expect(lines.find((line) => line.startsWith(`VIP ${HOLDER}`))).toMatch(/█ {2}holds it$/);
    expect(lines.find((line) => line.startsWith('API'))).toMatch(/answers in \d+ ms$/);
    expect(lines.some((line) => line.startsWith('fault'))).toBe(false);
  });

  test('count the outage up and the fault down', () => {
    const nowMs = MOMENTS.faultToMs + 2_500;
    const lines = seenUntil(nowMs).render(nowMs, 120);
    expect(lines.find((line) => line.startsWith('API'))).toMatch(/·.*DOWN for [12]\.\d+ s$/);
    expect(lines.at(-1)).toMatch(new RegExp(`^fault: power-off on ${HOLDER} for 2\\.\\d+ s`));
  });

  test('show who took over, and that the fault is gone', () => {
    const nowMs = MOMENTS.healedMs + 500;
    const lines = seenUntil(nowMs).render(nowMs, 120);
    expect(lines.find((line) => line.startsWith(`VIP ${SUCCESSOR}`))).toMatch(/holds it$/);
    expect(lines.some((line) => line.startsWith('fault'))).toBe(false);
  });

  test('fit the terminal', () => {
    const lines = seenUntil(MOMENTS.faultToMs + 2_500).render(MOMENTS.faultToMs + 2_500, 60);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  });
});
