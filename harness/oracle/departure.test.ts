import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOLDER, SUCCESSOR, THIRD, TOPOLOGY, VRRP_INSTANCES } from '../../fixtures/runs/good-run-plan.ts';
import type { FaultEffect, TrackScript, VrrpInstance } from '../core/record.ts';
import { controlPlaneOf } from './control-plane.ts';
import { damageOf } from './damage.ts';
import {
  departureBudget,
  departureOf,
  earliestTakeoverMs,
  giveBackBudget,
  type Departure,
} from './departure.ts';
import { masterDownMs, skewMs, TAKEOVER_ALLOWANCE_MS } from './vrrp.ts';

const [, successor] = VRRP_INSTANCES as [VrrpInstance, VrrpInstance, VrrpInstance];

function departureBy(
  effect: FaultEffect,
  instances: readonly VrrpInstance[] = VRRP_INSTANCES,
): Departure | undefined {
  const plane = controlPlaneOf(TOPOLOGY, instances, damageOf([effect]), HOLDER);
  return departureOf(instances, HOLDER, plane);
}

const deadApiserver: FaultEffect = { processesDown: [{ host: HOLDER, process: 'kube-apiserver' }] };
const cutOff: FaultEffect = {
  cuts: [SUCCESSOR, THIRD].map((to) => ({ from: HOLDER, to, traffic: 'vrrp' as const })),
};

describe('how a holder goes', () => {
  test.each<[string, FaultEffect, Partial<Departure>]>([
    ['without power', { hostsDown: [HOLDER] }, { kind: 'crash', goodbye: false, noticeMs: 0 }],
    [
      'with keepalived killed',
      { processesDown: [{ host: HOLDER, process: 'keepalived' }] },
      { kind: 'crash', goodbye: false },
    ],
    [
      'with keepalived stopped',
      { processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped' }] },
      { kind: 'clean-stop', goodbye: true, timerMs: skewMs(successor) },
    ],
    [
      'with its host shut down',
      {
        hostsDown: [HOLDER],
        processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped' }],
      },
      { kind: 'clean-stop', goodbye: true, timerMs: skewMs(successor) },
    ],
    ['unheard', cutOff, { kind: 'isolated', goodbye: false, timerMs: masterDownMs(successor) }],
    [
      'with a failing check',
      deadApiserver,
      { kind: 'priority-drop', goodbye: false, noticeMs: 4_000, timerMs: masterDownMs(successor) },
    ],
  ])('%s', (_, effect, expected) => {
    expect(departureBy(effect)).toMatchObject({ holder: HOLDER, taker: successor, ...expected });
  });

  test('with a failing check that has no weight, it says goodbye', () => {
    const instances = VRRP_INSTANCES.map((instance) => withScript(instance, { weight: 0 }));
    expect(departureBy(deadApiserver, instances)).toMatchObject({
      kind: 'priority-drop',
      goodbye: true,
      timerMs: skewMs(instances[1] ?? successor),
    });
  });

  test.each<[string, FaultEffect]>([
    ['by nothing', {}],
    ['by what happens to a standby', { hostsDown: [THIRD] }],
    ['by a kubelet that is gone', { processesDown: [{ host: HOLDER, process: 'kubelet' }] }],
  ])('it does not, %s', (_, effect) => {
    expect(departureBy(effect)).toBeUndefined();
  });

  test('it does not when its priority remains the best, or when nobody is left to take over', () => {
    const slight = VRRP_INSTANCES.map((instance) => withScript(instance, { weight: -2 }));
    expect(departureBy(deadApiserver, slight)).toBeUndefined();
    expect(departureBy({ hostsDown: [HOLDER, SUCCESSOR, THIRD] })).toBeUndefined();
  });
});

describe('the budget of a departure', () => {
  test('names its terms and adds them up', () => {
    const budget = departureBudget(required(departureBy(deadApiserver)));
    expect(budget.terms.map(({ name }) => name)).toEqual([
      'check script (interval × fall + timeout)',
      'missed adverts (3 × advert_int)',
      'skew time ((256 − 95)/256 × 1 s)',
      'takeover allowance',
    ]);
    expect(budget.totalMs).toBeCloseTo(4_000 + masterDownMs(successor) + TAKEOVER_ALLOWANCE_MS, 6);
  });

  test('of a goodbye is the skew time and the allowance', () => {
    const stopped: FaultEffect = { processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped' }] };
    const budget = departureBudget(required(departureBy(stopped)));
    expect(budget.totalMs).toBeCloseTo(skewMs(successor) + TAKEOVER_ALLOWANCE_MS, 6);
    expect(earliestTakeoverMs(required(departureBy(stopped)))).toBe(0);
  });

  test('holds every crash at every phase of the advert cycle, and none is taken over sooner than it says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.constantFrom(0.1, 0.5, 1, 2, 10),
        fc.integer({ min: 1, max: 254 }),
        fc.integer({ min: 1, max: 254 }),
        (phase, advertIntervalS, one, other) => {
          const instances = VRRP_INSTANCES.map((instance, index) => ({
            ...instance,
            advertIntervalS,
            priority: [255, one, other][index] ?? 1,
          }));
          const departure = required(departureBy({ hostsDown: [HOLDER] }, instances));
          // Each backup's timer runs from the last advert; the first to fire takes over.
          const timers = instances.slice(1).map(masterDownMs);
          const tookMs = Math.min(...timers) - phase * advertIntervalS * 1000;
          expect(tookMs).toBeLessThanOrEqual(departureBudget(departure).totalMs);
          expect(tookMs).toBeGreaterThanOrEqual(earliestTakeoverMs(departure) - 1e-6);
          expect(masterDownMs(departure.taker)).toBe(Math.min(...timers));
        },
      ),
    );
  });

  test('holds a failing check at every phase of the check and of the adverts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0.5, 1, 2),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (advertIntervalS, fall, intervalS, checkPhase, advertPhase, slowness) => {
          const instances = VRRP_INSTANCES.map((instance) =>
            withScript({ ...instance, advertIntervalS }, { fall, intervalS, timeoutS: intervalS }),
          );
          const departure = required(departureBy(deadApiserver, instances));
          const tookMs = simulatedTakeoverMs(departure, instances, { checkPhase, advertPhase, slowness });
          expect(tookMs).toBeLessThanOrEqual(departureBudget(departure).totalMs);
        },
      ),
    );
  });
});

describe('the budget of a give-back', () => {
  test('is one check and the own master-down time', () => {
    const budget = required(giveBackBudget(VRRP_INSTANCES, HOLDER));
    const [holder] = VRRP_INSTANCES as [VrrpInstance];
    expect(budget.totalMs).toBeCloseTo(4_000 + masterDownMs(holder) + TAKEOVER_ALLOWANCE_MS, 6);
  });

  test('is none where the host does not preempt, is not the best, or has an equal', () => {
    const shy = VRRP_INSTANCES.map((instance) => ({ ...instance, preempt: false }));
    const equal = VRRP_INSTANCES.map((instance) => ({ ...instance, priority: 95 }));
    expect(giveBackBudget(shy, HOLDER)).toBeUndefined();
    expect(giveBackBudget(VRRP_INSTANCES, SUCCESSOR)).toBeUndefined();
    expect(giveBackBudget(equal, THIRD)).toBeUndefined();
    expect(giveBackBudget(VRRP_INSTANCES, 'somebody')).toBeUndefined();
  });
});

interface Phases {
  /** Share of the check's interval that had passed since its last start when the fault struck. */
  readonly checkPhase: number;
  readonly advertPhase: number;
  /** Share of its timeout that a failing check takes. */
  readonly slowness: number;
}

/** keepalived, event by event: checks fail until `fall` is reached; every full advert starts the taker's timer anew. */
function simulatedTakeoverMs(
  { taker, timerMs }: Departure,
  instances: readonly VrrpInstance[],
  { checkPhase, advertPhase, slowness }: Phases,
): number {
  const script = instances[0]?.trackScripts[0];
  if (!script) throw new Error('no script');
  const intervalMs = 1000 * script.intervalS;
  const nextCheckMs = (1 - checkPhase) * intervalMs;
  const droppedMs = nextCheckMs + (script.fall - 1) * intervalMs + slowness * 1000 * script.timeoutS;
  const advertMs = 1000 * taker.advertIntervalS;
  let lastFullMs = -advertPhase * advertMs;
  while (lastFullMs + advertMs < droppedMs) lastFullMs += advertMs;
  return lastFullMs + timerMs;
}

function withScript(instance: VrrpInstance, change: Partial<TrackScript>): VrrpInstance {
  return { ...instance, trackScripts: instance.trackScripts.map((script) => ({ ...script, ...change })) };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none');
  return value;
}
