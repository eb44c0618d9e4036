import { describe, expect, it } from 'vitest';
import { clockOriginNow, runClock } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { demanding } from './demands.ts';

const NEVER = new AbortController().signal;

function recording(signal = NEVER): {
  readonly events: JournalEvent[];
  readonly demand: ReturnType<typeof demanding>;
} {
  const events: JournalEvent[] = [];
  const recorder = { append: (event: JournalEvent): void => void events.push(event) };
  return { events, demand: demanding(recorder, runClock(clockOriginNow()), signal) };
}

describe('a demand', () => {
  it('that comes about in time is on record with the time it took', async () => {
    const { events, demand } = recording();
    const answers = ['3 of 6', '5 of 6', undefined];
    expect(await demand('six pods', 5_000, () => Promise.resolve(answers.shift()))).toBe(true);
    expect(events).toMatchObject([
      { type: 'demand', what: 'six pods', kept: true, found: 'so it is', limitMs: 5_000 },
    ]);
    const [event] = events;
    expect(event?.type === 'demand' ? event.atMs - event.fromMs : 0).toBeGreaterThan(400);
  });

  it('that does not is on record with what was found at last, whatever was thrown meanwhile', async () => {
    const { events, demand } = recording();
    const missing = (): Promise<string> => Promise.reject(new Error('no apiserver answered'));
    expect(await demand('six pods', 300, missing)).toBe(false);
    expect(events).toMatchObject([{ kept: false, found: 'no apiserver answered' }]);
  });

  it('without a limit is asked once', async () => {
    const { events, demand } = recording();
    let asked = 0;
    const missing = (): Promise<string> => Promise.resolve(`asked ${(asked += 1)} times`);
    expect(await demand('six pods', 0, missing)).toBe(false);
    expect(events).toEqual([expect.objectContaining({ found: 'asked 1 times' })]);
    expect(events[0]).not.toHaveProperty('limitMs');
  });

  it('ends with the scenario', async () => {
    const { events, demand } = recording(AbortSignal.abort(new Error('told to stop')));
    await expect(demand('six pods', 5_000, () => Promise.resolve('3 of 6'))).rejects.toThrow('told to stop');
    expect(events).toEqual([]);
  });
});
