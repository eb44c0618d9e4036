import { describe, expect, test } from 'vitest';
import { without } from '../../fixtures/runs/altered.ts';
import { decomposed, failing, later, served, termOf } from '../../fixtures/runs/failover-runs.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../core/record.ts';

const {
  faultFromMs,
  faultToMs,
  lastAdvertMs,
  takenOverMs,
  controllerLeaderMs,
  apiserverBackMs,
  takenBackMs,
} = MOMENTS;

describe('the way back', () => {
  const name = `VIP back on ${HOLDER}`;
  const isBack = (event: JournalEvent): boolean =>
    event.type === 'vip.address' && event.host === HOLDER && event.present && event.atMs >= takenBackMs;
  const backAt = (atMs: number): JournalEvent[] =>
    goodRun().map((event) => (isBack(event) ? { ...event, atMs } : event));

  test('is counted from when the apiserver, and so the check, answers again', () => {
    const ready = termOf(goodRun(), `apiserver of ${HOLDER} ready again`).moment;
    expect(ready?.fromMs).toBeLessThanOrEqual(apiserverBackMs);
    expect(ready?.toMs).toBeGreaterThanOrEqual(apiserverBackMs);
    expect(ready?.toMs).toBeLessThan(apiserverBackMs + 120);
    const { moment, allowedMs, overran } = termOf(goodRun(), name);
    expect({ moment, overran }).toEqual({
      moment: { fromMs: takenBackMs, toMs: takenBackMs },
      overran: false,
    });
    // Check interval and timeout 2 s each, 3 adverts, skew of priority 100, allowance.
    expect(allowedMs).toBeCloseTo(4_000 + 3_000 + 609 + 250, -1);
  });

  test('overran when the VIP came back late or never', () => {
    expect(decomposed(backAt(apiserverBackMs + 9_000)).overrun).toBe(name);
    expect(termOf(without(isBack), name)).toMatchObject({ detail: 'not before the end of the record' });
  });

  test('is none where the holder does not preempt, and while the fault stands', () => {
    const shy = goodRun().map((event): JournalEvent =>
      event.type === 'vrrp.configured'
        ? { ...event, instances: event.instances.map((one) => ({ ...one, preempt: false })) }
        : event,
    );
    const unhealed = without(({ type }) => type === 'fault.healed');
    for (const events of [shy, unhealed]) {
      expect(decomposed(events).terms.map((term) => term.name)).not.toContain(name);
    }
  });
});

describe('a failover in which all goes well', () => {
  test('has its terms in their order, none of them overrun', () => {
    const { terms, overrun } = decomposed(goodRun());
    expect(terms.map(({ name }) => name)).toEqual([
      `last advert of ${HOLDER} seen`,
      `master-down timer of ${SUCCESSOR} expired`,
      `address added on ${SUCCESSOR}`,
      'gratuitous ARP on the wire',
      `observer's ARP entry points to ${SUCCESSOR}`,
      'first new connection through the VIP',
      'kept connection back',
      'first acknowledged write',
      'controller leader',
      'scheduler leader',
      `node ${HOLDER} NotReady`,
      `apiserver of ${HOLDER} ready again`,
      `VIP back on ${HOLDER}`,
    ]);
    expect(terms.filter(({ overran }) => overran)).toEqual([]);
    expect(overrun).toBeUndefined();
  });

  test('has each moment where it was', () => {
    const moments = decomposed(goodRun()).terms.map(({ moment }) => moment);
    const truthsMs = [
      lastAdvertMs,
      takenOverMs,
      takenOverMs,
      takenOverMs + 1,
      takenOverMs + 2,
      takenOverMs + 15,
      takenOverMs + 15,
      takenOverMs + 15,
      controllerLeaderMs,
      MOMENTS.schedulerLeaderMs,
    ];
    truthsMs.forEach((truthMs, index) => {
      const { fromMs = NaN, toMs = NaN } = moments[index] ?? {};
      expect(truthMs).toBeGreaterThanOrEqual(fromMs);
      // The taker's advert stands in the record two milliseconds before its address.
      expect(truthMs).toBeLessThanOrEqual(toMs + 2);
      expect(toMs - fromMs).toBeLessThanOrEqual(120);
    });
  });

  test('says why a node was not called NotReady', () => {
    const { detail } = termOf(goodRun(), `node ${HOLDER} NotReady`);
    expect(detail).toMatch(/^not seen: the fault stood for [\d.]+ s, and a node is given 40.0 s$/);
  });

  test('is told to have come too soon for the timer when it did', () => {
    const events = later(['vip.address', 'vrrp.advert', 'arp.gratuitous', 'arp.entry'], -400);
    expect(termOf(events, `master-down timer of ${SUCCESSOR} expired`)).toMatchObject({
      moment: { fromMs: takenOverMs - 402, toMs: takenOverMs - 402 },
      detail: 'expired 402 ms sooner than the 3629 ms by the configuration',
    });
  });

  test('tells the advert phase against the fault', () => {
    const term = termOf(goodRun(), `last advert of ${HOLDER} seen`);
    expect(term.detail).toBe('priority 100, 149–191 ms before the fault');
    expect(term).not.toHaveProperty('sincePrevious');
  });
});

describe('a term that took too long is named', () => {
  test.each<[string, JournalEvent[]]>([
    [
      `last advert of ${HOLDER} seen`,
      // Silent for three seconds before the fault, and relieved so much sooner.
      served(
        takenOverMs - 3_000,
        later(['vip.address', 'vrrp.advert', 'arp.gratuitous', 'arp.entry'], -3_000),
      ).filter((event) => event.type !== 'vrrp.advert' || event.host !== HOLDER || event.atMs < 62_000),
    ],
    [`address added on ${SUCCESSOR}`, later(['vip.address', 'vrrp.advert', 'arp.gratuitous'], 1_000)],
    ['gratuitous ARP on the wire', later(['arp.gratuitous', 'arp.entry'], 900)],
    [`observer's ARP entry points to ${SUCCESSOR}`, later(['arp.entry'], 1_900)],
    ['first new connection through the VIP', failing(/^api-vip-new$/, takenOverMs + 900)],
    ['kept connection back', failing(/^api-vip-reused$/, takenOverMs + 2_900)],
    ['first acknowledged write', failing(/^api-write$/, takenOverMs + 2_900)],
    ['controller leader', later(['lease'], 10_000, 'kube-controller-manager')],
    ['scheduler leader', later(['lease'], 10_000, 'kube-scheduler')],
  ])('%s', (name, events) => {
    const { terms, overrun } = decomposed(events);
    expect(overrun).toBe(name);
    expect(terms.find((term) => term.name === name)).toMatchObject({ overran: true });
  });
});

describe('a missing witness', () => {
  test('of the wire leaves its terms unseen and the timer bounded by the configuration', () => {
    const events = without(({ type }) => ['capture', 'vrrp.advert', 'arp.gratuitous'].includes(type));
    const { terms, overrun } = decomposed(events);
    expect(terms[0]?.detail).toBe('not seen: the wire was not captured');
    expect(terms[3]?.detail).toBe('not seen: the wire was not captured');
    const { fromMs = NaN, toMs = NaN } = terms[1]?.moment ?? {};
    expect(fromMs).toBeCloseTo(faultFromMs - 1000 + 3628.9, 0);
    expect(toMs).toBe(takenOverMs);
    expect(terms[4]?.sincePrevious).toEqual({ lowerMs: 2, upperMs: 2 });
    expect(overrun).toBeUndefined();
  });

  test('that lost packets is not believed when it saw nothing', () => {
    const events = goodRun().map((event): JournalEvent =>
      event.type === 'capture' && event.state === 'stopped' ? { ...event, dropped: 7 } : event,
    );
    expect(decomposed(events).terms[0]?.detail).toBe('not seen: the capture lost 7 packets');
  });

  test.each<[string, (event: JournalEvent) => boolean, string]>([
    [
      `observer's ARP entry points to ${SUCCESSOR}`,
      ({ type }) => type === 'arp.entry',
      'the ARP entry was not watched',
    ],
    [
      'first acknowledged write',
      (event) => event.type === 'sample' && event.probe === 'api-write',
      'api-write has no samples',
    ],
    [
      'first new connection through the VIP',
      (event) => event.type === 'sample' && !event.ok && event.probe === 'api-vip-new',
      'api-vip-new saw no outage',
    ],
    ['controller leader', ({ type }) => type === 'lease', 'nobody was seen to lead before'],
    [`node ${HOLDER} NotReady`, ({ type }) => type === 'node', 'the node was not watched'],
    [
      `address added on ${SUCCESSOR}`,
      (event) => event.type === 'vip.address' && event.host === SUCCESSOR,
      `${SUCCESSOR} was not watched`,
    ],
  ])('leaves "%s" unseen, with its reason', (name, drop, why) => {
    const events = without(drop);
    expect(termOf(events, name)).toEqual({ name, overran: false, detail: `not seen: ${why}` });
    expect(decomposed(events).overrun).toBeUndefined();
  });

  test('of who held the VIP leaves out what the VIP did', () => {
    const names = decomposed(without(({ type }) => type === 'vip.address')).terms.map(({ name }) => name);
    expect(names[0]).toBe('first new connection through the VIP');
  });

  test('of the cluster, in between, widens the moment of what it told on its return', () => {
    const events = goodRun().map((event): JournalEvent =>
      event.type === 'cluster.watch' && event.host === SUCCESSOR
        ? { ...event, atMs: controllerLeaderMs - 40 }
        : event,
    );
    const { fromMs = NaN, toMs } = termOf(events, 'controller leader').moment ?? {};
    expect(toMs).toBe(controllerLeaderMs);
    expect(fromMs).toBeGreaterThan(faultToMs);
    expect(fromMs).toBeLessThan(faultToMs + 2_000);
  });
});

describe('what never came', () => {
  const nobody = failing(
    /^api-/,
    Infinity,
    without((event) => {
      const isTaker = 'host' in event && event.host === SUCCESSOR;
      const isOfVip = event.type === 'vip.address' ? event.present : false;
      return (
        event.atMs > faultFromMs &&
        (['vrrp.advert', 'arp.gratuitous', 'arp.entry'].includes(event.type) || (isTaker && isOfVip))
      );
    }),
  );

  test('has no upper bound, and is what overran', () => {
    const { terms, overrun } = decomposed(nobody);
    expect(overrun).toBe(`address added on ${SUCCESSOR}`);
    const address = terms.find(({ name }) => name === overrun);
    expect(address?.moment).not.toHaveProperty('toMs');
    expect(address?.sinceFault?.lowerMs).toBeGreaterThan(9_000);
    expect(address?.detail).toBe('never while the fault stood');
  });

  test('keeps what waits for it from being judged', () => {
    const { terms } = decomposed(nobody);
    const client = terms.find(({ name }) => name === 'first new connection through the VIP');
    expect(client?.moment).not.toHaveProperty('toMs');
    expect(client).not.toHaveProperty('allowedMs');
    expect(terms.filter(({ overran }) => overran)).toHaveLength(1);
  });
});
