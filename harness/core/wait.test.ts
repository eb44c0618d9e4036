import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { WaitTimeoutError } from './errors.ts';
import { LimitReached, waitFor, withLimit, withTimeout } from './wait.ts';

const quick = { timeoutMs: 200, intervalMs: 5 };

describe('waiting for a state', () => {
  it('asks again until the answer is done, and gives what came with it', async () => {
    let asked = 0;
    const value = await waitFor('the third answer', quick, () => {
      asked += 1;
      return Promise.resolve(asked < 3 ? { missing: 'too early' } : { done: asked });
    });
    expect(value).toBe(3);
  });

  it('takes an attempt that throws for an answer that is still missing, even a TypeError', async () => {
    let asked = 0;
    const value = await waitFor('no more errors', quick, () => {
      asked += 1;
      return asked < 3 ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve({ done: 'up' });
    });
    expect(value).toBe('up');
  });

  it('names what it waited for, its limit and the last answer', async () => {
    const waiting = waitFor('etcd healthy', quick, () => Promise.resolve({ missing: 'member 2 is not' }));
    await expect(waiting).rejects.toThrow('etcd healthy not reached after 200 ms: member 2 is not');
  });

  it('keeps the last failure as the cause', async () => {
    const failure = new Error('connection refused');
    const waiting = waitFor('etcd healthy', quick, () => Promise.reject(failure));
    await expect(waiting).rejects.toMatchObject({ cause: failure });
    await expect(waiting).rejects.toBeInstanceOf(WaitTimeoutError);
  });

  it("ends at once with its caller's reason", async () => {
    const stop = new AbortController();
    const waiting = waitFor('never', { timeoutMs: 60_000, intervalMs: 60_000, signal: stop.signal }, () =>
      Promise.resolve({ missing: 'still' }),
    );
    await sleep(20);
    stop.abort(new Error('interrupted by SIGINT'));
    await expect(waiting).rejects.toThrow('interrupted by SIGINT');
  });
});

describe('a limit', () => {
  it('ends the waiting also while an attempt never ends', async () => {
    const waiting = waitFor('an answer', quick, () => new Promise<never>(() => undefined));
    await expect(waiting).rejects.toThrow('an answer not reached after 200 ms: no answer yet');
  });

  it('is kept when garbage is collected meanwhile', async () => {
    const stop = new AbortController();
    const waiting = waitFor('never', { ...quick, signal: stop.signal }, () => {
      collectGarbage();
      return Promise.resolve({ missing: 'still' });
    });
    await expect(waiting).rejects.toThrow('never not reached after 200 ms: still');
  });

  it('aborts the signal of the work, with which it ended, and leaves nothing with its parent', async () => {
    const parent = new AbortController();
    const reason = await withLimit(20, parent.signal, async (signal) => {
      await sleep(5000, undefined, { signal, ref: false }).catch(() => undefined);
      return signal.reason as unknown;
    });
    expect(reason).toBeInstanceOf(LimitReached);
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });

  it('is aborted with its parent, for the same reason', async () => {
    const parent = new AbortController();
    parent.abort(new Error('interrupted'));
    expect(await withLimit(5000, parent.signal, (signal) => Promise.resolve(signal.reason))).toEqual(
      new Error('interrupted'),
    );
  });
});

/** As the engine does when it likes. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

describe('a limit on work', () => {
  it('is an error that names the work', async () => {
    await expect(withTimeout('healing', 20, sleep(5000, undefined, { ref: false }))).rejects.toThrow(
      'healing not finished after 20 ms',
    );
  });

  it('is nothing to work that is done in time', async () => {
    expect(await withTimeout('healing', 1000, Promise.resolve('done'))).toBe('done');
  });
});
