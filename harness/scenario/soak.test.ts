import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/random.ts';
import { performSchedule, soakSchedule, type SoakChoice } from './soak.ts';

const CHOICES: readonly SoakChoice[] = [
  { fault: 'power-off', on: ['master1', 'master2', 'master3'] },
  { fault: 'kill-process', params: { process: 'kubelet', stays: true }, on: ['master1', 'node1'] },
];

function schedule(seed: number, durationMs: number): ReturnType<typeof soakSchedule> {
  return soakSchedule(CHOICES, { durationMs, random: seededRandom(seed) });
}

describe('the schedule of a soak', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(schedule(7, 600_000)).toEqual(schedule(7, 600_000));
    expect(schedule(7, 600_000)).not.toEqual(schedule(8, 600_000));
  });

  it('begins alike however long it is to be', () => {
    const short = schedule(7, 120_000);
    expect(schedule(7, 600_000).slice(0, short.length - 1)).toEqual(short.slice(0, -1));
  });

  it.each(Array.from({ length: 50 }, (_, seed) => seed))('of seed %i is one that can be healed', (seed) => {
    const planned = schedule(seed, 600_000);
    expect(planned.length).toBeGreaterThan(20);
    for (const one of planned) {
      expect(one.untilMs).toBeGreaterThan(one.fromMs);
      expect(one.untilMs).toBeLessThanOrEqual(600_000);
      const others = planned.filter(
        (other) => other !== one && other.fromMs <= one.fromMs && other.untilMs > one.fromMs,
      );
      expect(others.length).toBeLessThanOrEqual(1);
      expect(others.map(({ target }) => target)).not.toContain(one.target);
    }
    const overlapping = planned.filter(
      (one, index) => (planned[index + 1]?.fromMs ?? Infinity) < one.untilMs,
    );
    expect(overlapping.length).toBeGreaterThan(0);
  });

  it('strikes with everything there is to choose from', () => {
    const struck = new Set(schedule(1, 3_600_000).map(({ fault, target }) => `${fault} ${target}`));
    expect(struck.size).toBe(5);
  });

  it('is refused where the time is too short', () => {
    expect(() => schedule(7, 5_000)).toThrow('5000 ms is too short');
  });
});

describe('performing a schedule', () => {
  const planned = [
    { fault: 'a', params: {}, target: 'x', fromMs: 0, untilMs: 60 },
    { fault: 'b', params: {}, target: 'y', fromMs: 30, untilMs: 90 },
  ];
  function stage(
    heal: (fault: string) => Promise<void>,
    done: string[],
  ): Parameters<typeof performSchedule>[0] {
    return {
      inject: (fault) => {
        done.push(`inject ${fault}`);
        return Promise.resolve({ id: fault, targets: [], leadMs: 0, heal: () => heal(fault) });
      },
      observe: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
      note: () => undefined,
    };
  }

  it('overlaps what overlaps, and ends when all is healed', async () => {
    const done: string[] = [];
    const heal = (fault: string): Promise<void> => Promise.resolve(void done.push(`heal ${fault}`));
    await performSchedule(stage(heal, done), planned);
    expect(done).toEqual(['inject a', 'inject b', 'heal a', 'heal b']);
  });

  it('goes on when one cannot be healed, and says so in the end', async () => {
    const done: string[] = [];
    const heal = (fault: string): Promise<void> =>
      fault === 'a' ? Promise.reject(new Error('no')) : Promise.resolve(void done.push(`heal ${fault}`));
    await expect(performSchedule(stage(heal, done), planned)).rejects.toThrow(
      'not every fault could be healed',
    );
    expect(done).toEqual(['inject a', 'inject b', 'heal b']);
  });
});
