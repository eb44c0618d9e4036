// The ledger's watch against an API that ends, mutes and forgets watches as the test scripts it.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../core/wait.ts';
import { LEDGER_TIMEOUT_MS, LedgerBench } from '../testing/ledger-bench.ts';

describe("the ledger's watch", () => {
  it('sees a record that is appended after its tick, and tells how long both took', async () => {
    const bench = await opened();
    const watched = bench.watched();
    await sleep(60);
    await bench.append();
    const reading = await watched;
    expect(reading).toMatchObject({ d: expect.any(Number) as number, b: expect.any(Number) as number });
    expect(reading).not.toHaveProperty('f');
    expect((reading?.d ?? 0) - (reading?.b ?? 0)).toBeGreaterThanOrEqual(55);
  });

  it('does not take a record that began before its tick for an answer', async () => {
    const bench = await opened();
    bench.api.mute = true;
    await bench.append();
    const watched = bench.watched();
    bench.api.mute = false;
    // Opened again from the last version, the watch delivers what it missed.
    bench.api.endWatches('end');
    await closedAgain(bench, 'ended by the server');
    expect(bench.seen.at(-1)?.change).toBe('opened');
    expect(await watched).toBeUndefined();
  });

  it('fails a sample whose record was acknowledged and did not come, and names the record', async () => {
    const bench = await opened();
    bench.api.mute = true;
    const watched = bench.watched();
    await bench.append();
    expect(await watched).toMatchObject({
      f: 'timeout',
      m: 'record 1 was acknowledged and did not come',
    });
  });

  it('fails a sample after which nothing could be written, and says that', async () => {
    const bench = await opened();
    bench.api.create = 503;
    const watched = bench.watched();
    await bench.append();
    expect(await watched).toMatchObject({
      f: 'timeout',
      m: 'nothing was acknowledged, of 1 appends begun',
    });
  });

  it('has no sample where nothing was appended within its limit', async () => {
    const bench = await opened();
    expect(await bench.watched()).toBeUndefined();
  });

  it.each(['end', 'reset'] as const)(
    'is opened again from where it ended (%s), misses nothing and sees nothing twice',
    async (how) => {
      const bench = await opened();
      await deliver(bench);
      bench.api.mute = true;
      bench.api.endWatches(how);
      // Written while nobody watched; the writer's connections, one for each key, are gone too.
      if (how === 'reset') await Promise.all([bench.append(), bench.append(), bench.append()]);
      const during = bench.watched();
      await bench.append();
      bench.api.mute = false;
      expect(await during).not.toHaveProperty('f');
      expect(bench.seen.map(({ change }) => change)).toEqual(['opened', 'closed', 'opened']);
      expect(bench.seen[1]?.detail).toBe(how === 'end' ? 'ended by the server' : 'ECONNRESET');
      expect(bench.seen[2]?.detail).toMatch(/^after \d+ ms without; attempts: \d+/);
      expect(bench.api.urls.at(-1)).toContain(`resourceVersion=${bench.revisionOf(1)}`);
      await deliver(bench);
    },
  );

  it('that tells nothing of what was acknowledged for a whole limit is closed and opened again', async () => {
    const bench = await opened();
    bench.api.mute = true;
    await bench.append();
    await sleep(LEDGER_TIMEOUT_MS + 50);
    expect(bench.seen.map(({ change }) => change)).toEqual(['opened']);
    const watched = bench.watched();
    expect(bench.seen.at(-1)).toMatchObject({
      change: 'closed',
      detail: `silent: record 1 was acknowledged more than ${LEDGER_TIMEOUT_MS} ms ago`,
    });
    bench.api.mute = false;
    await bench.append();
    expect(await watched).not.toHaveProperty('f');
    expect(bench.seen.map(({ change }) => change)).toEqual(['opened', 'closed', 'opened']);
  });

  it('that has nothing to tell stays open', async () => {
    const bench = await opened();
    await deliver(bench);
    bench.api.create = 503;
    await bench.append();
    await sleep(LEDGER_TIMEOUT_MS + 50);
    await bench.watched();
    expect(bench.seen.map(({ change }) => change)).toEqual(['opened']);
  });

  it('begins afresh when its version is gone', async () => {
    const bench = await opened();
    await deliver(bench);
    bench.api.compacted = true;
    bench.api.endWatches('end');
    await closedAgain(bench, 'ERROR 410 too old resource version');
    expect(bench.api.urls.filter((url) => url.includes('watch=1')).at(-1)).not.toContain('resourceVersion');
    await deliver(bench);
  });

  it('that is refused is asked for again at a bounded pace, and its samples say why it is not open', async () => {
    const bench = await LedgerBench.make();
    bench.api.watchStatus = 403;
    await bench.watch.warmUp?.();
    const watched = bench.watched();
    await bench.append();
    expect(await watched).toMatchObject({
      f: 'timeout',
      m: 'record 1 was acknowledged and did not come; the watch is not open (HTTP status 403)',
    });
    await sleep(250);
    const attempts = bench.api.urls.filter((url) => url.includes('watch=1')).length;
    expect(attempts).toBeGreaterThan(2);
    expect(attempts).toBeLessThanOrEqual(7);
    bench.api.watchStatus = 200;
    await deliver(bench);
    expect(bench.seen.map(({ change }) => change)).toEqual(['opened']);
    expect(bench.seen[0]?.detail).toMatch(/attempts: \d+, the last ended by: HTTP status 403$/);
  });
});

async function opened(): Promise<LedgerBench> {
  const bench = await LedgerBench.make();
  await bench.writer.warmUp?.();
  await bench.watch.warmUp?.();
  expect(bench.seen.map(({ change }) => change)).toEqual(['opened']);
  return bench;
}

/** A change that is made now reaches the watch. */
async function deliver(bench: LedgerBench): Promise<void> {
  await waitFor('an open watch', { timeoutMs: 2000, intervalMs: 20 }, () =>
    Promise.resolve(bench.seen.at(-1)?.change === 'opened' ? { done: undefined } : { missing: 'it' }),
  );
  const watched = bench.watched();
  await bench.append();
  const reading = await watched;
  expect(reading).toBeDefined();
  expect(reading).not.toHaveProperty('f');
}

async function closedAgain(bench: LedgerBench, reason: string): Promise<void> {
  await waitFor('the watch closed and opened', { timeoutMs: 2000, intervalMs: 20 }, () => {
    const closed = bench.seen.findIndex(({ change, detail }) => change === 'closed' && detail === reason);
    const isOpen = closed !== -1 && bench.seen.length > closed + 1;
    return Promise.resolve(isOpen ? { done: undefined } : { missing: JSON.stringify(bench.seen) });
  });
}
