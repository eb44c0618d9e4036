// The watchdog's own process: waits until its order is due and brings the hosts back, or until the order is
// withdrawn. It depends on nothing but Node and the engine's socket, or the user's commands, because by then the harness may
// be gone.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { switchesAt } from './switches.ts';
import type { WatchdogOrder } from './order.ts';

const LOOK_MS = 250;
/** Between two questions whether the lab still exists. */
const LAB_LOOK_MS = 10_000;
/** An engine that does not answer now may be on its way up. */
const RETRY_MS = 2_000;
const GIVE_UP_MS = 600_000;

const [, , path = ''] = process.argv;
const order = JSON.parse(readFileSync(path, 'utf8')) as WatchdogOrder;
const switches = switchesAt(order.switches);
// Who ends the harness with Ctrl-C does not mean its last resort.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => undefined);
process.stdout.write('armed\n');

if (await isDue()) await bringAllBack();
rmSync(path, { force: true });
rmSync(process.argv[1] ?? '', { force: true });

/** False when it was called off, or nothing is left to bring back. */
async function isDue(): Promise<boolean> {
  let lookAtLabMs = Number(process.hrtime.bigint()) / 1e6 + LAB_LOOK_MS;
  while (existsSync(path)) {
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    const leftMs = Number(BigInt(order.dueNs)) / 1e6 - nowMs;
    if (leftMs <= 0) return true;
    if (nowMs >= lookAtLabMs) {
      lookAtLabMs = nowMs + LAB_LOOK_MS;
      const gone = await Promise.all(switches.map((one) => one.isGone()));
      if (gone.every(Boolean)) return false;
    }
    await sleep(Math.min(LOOK_MS, leftMs));
  }
  return false;
}

async function bringAllBack(): Promise<void> {
  const lastTryMs = performance.now() + GIVE_UP_MS;
  let left = switches;
  while (left.length > 0 && performance.now() < lastTryMs && existsSync(path)) {
    const tried = await Promise.all(
      left.map(async (one) => ((await one.press().catch(() => false)) ? [] : [one])),
    );
    left = tried.flat();
    if (left.length > 0) await sleep(RETRY_MS);
  }
}
