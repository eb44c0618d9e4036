// Open-loop ticks against a real clock and a really stopped event loop.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startCadence, type Tick } from './cadence.ts';

const INTERVAL_MS = 50;

it('ticks where it is due and never before', async () => {
  const firstNs = process.hrtime.bigint() + 20_000_000n;
  const ticks: Tick[] = [];
  const end = startCadence(firstNs, INTERVAL_MS, (tick) => ticks.push(tick));
  await sleep(500);
  end();
  const total = ticks.length + ticks.reduce((sum, { lost }) => sum + lost, 0);
  expect(total).toBeGreaterThanOrEqual(9);
  for (const { startNs, lateMs } of ticks) {
    expect(lateMs).toBeGreaterThanOrEqual(0);
    const sinceDueMs = (Number(startNs - firstNs) / 1e6 - lateMs) % INTERVAL_MS;
    expect(Math.min(sinceDueMs, INTERVAL_MS - sinceDueMs)).toBeLessThan(0.01);
  }
});

it('fires a late tick at once, says how late, counts those it missed and keeps the cadence', async () => {
  const firstNs = process.hrtime.bigint();
  const ticks: Tick[] = [];
  const end = startCadence(firstNs, INTERVAL_MS, (tick) => ticks.push(tick));
  await sleep(20);
  // Stops the event loop without using the CPU: past ticks 1, 2 and 3 and 30 ms into the fourth interval.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, INTERVAL_MS * 3 + 10);
  await sleep(INTERVAL_MS * 2);
  end();
  const afterStall = ticks.find(({ lost }) => lost > 0);
  expect(afterStall?.lost).toBeGreaterThanOrEqual(2);
  expect(afterStall?.lateMs).toBeGreaterThan(10);
  expect(afterStall?.lateMs).toBeLessThan(INTERVAL_MS);
  const last = ticks.at(-1);
  expect(Number((last?.startNs ?? 0n) - firstNs) / 1e6 - (last?.lateMs ?? 0)).toBeCloseTo(
    (ticks.length - 1 + ticks.reduce((sum, { lost }) => sum + lost, 0)) * INTERVAL_MS,
    1,
  );
});
