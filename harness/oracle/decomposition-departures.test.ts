import { describe, expect, test } from 'vitest';
import { without } from '../../fixtures/runs/altered.ts';
import {
  advert,
  decomposed,
  decompositionOfRun,
  later,
  served,
  struckBy,
  termOf,
} from '../../fixtures/runs/failover-runs.ts';
import { goodRun, HOLDER, MOMENTS, SUCCESSOR, THIRD } from '../../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../core/record.ts';

const { faultFromMs, lastAdvertMs, takenOverMs } = MOMENTS;

describe('a failover by another way', () => {
  test('after a goodbye runs on the skew time', () => {
    const goodbyeMs = faultFromMs + 20;
    const events = struckBy({ processesDown: [{ host: HOLDER, process: 'keepalived', how: 'stopped' }] }, [
      ...served(
        goodbyeMs + 640,
        later(['vip.address', 'vrrp.advert', 'arp.gratuitous', 'arp.entry'], goodbyeMs + 629 - takenOverMs),
      ),
      advert(goodbyeMs, HOLDER, 0),
    ]);
    const { terms, overrun } = decomposed(events);
    expect(terms.slice(0, 3)).toMatchObject([
      { name: `goodbye of ${HOLDER} seen`, detail: 'priority 0, 0–20 ms after the fault' },
      { name: `skew timer of ${SUCCESSOR} expired`, sincePrevious: { lowerMs: 627, upperMs: 627 } },
      { name: `address added on ${SUCCESSOR}`, moment: { fromMs: goodbyeMs + 629 } },
    ]);
    expect(overrun).toBeUndefined();
    expect(decomposed(events.filter((event) => event.type !== 'vrrp.advert')).terms[0]?.detail).toBe(
      'not seen: no advert of priority 0 was on the wire',
    );
  });

  test('by a failing check runs from the last advert of full priority', () => {
    // The check fails 2.5 s after the deed; the lower adverts that follow are discarded.
    const lastFullMs = lastAdvertMs + 2_000;
    const events = struckBy({ processesDown: [{ host: HOLDER, process: 'kube-apiserver' }] }, [
      ...later(['vip.address', 'vrrp.advert', 'arp.gratuitous', 'arp.entry'], 2_000),
      ...[1_000, 2_000].map((afterMs) => advert(lastAdvertMs + afterMs, HOLDER, 100)),
      ...[3_000, 4_000, 5_000].map((afterMs) => advert(lastAdvertMs + afterMs, HOLDER, 80)),
    ]);
    const { terms, overrun } = decomposed(events);
    expect(terms[0]).toMatchObject({
      name: `last advert of ${HOLDER} seen`,
      moment: { fromMs: lastFullMs, toMs: lastFullMs },
      detail: 'priority 100, 1809–1851 ms after the fault',
    });
    expect(terms[2]).toMatchObject({ moment: { fromMs: takenOverMs + 2_000 }, overran: false });
    expect(overrun).toBeUndefined();
  });

  test('by a check that notices too late names the holder’s last word', () => {
    const events = struckBy({ processesDown: [{ host: HOLDER, process: 'kube-apiserver' }] }, [
      ...later(['vip.address', 'vrrp.advert', 'arp.gratuitous', 'arp.entry'], 6_000),
      ...[1_000, 2_000, 3_000, 4_000, 5_000, 6_000].map((afterMs) =>
        advert(lastAdvertMs + afterMs, HOLDER, 100),
      ),
    ]);
    expect(decomposed(events).overrun).toBe(`last advert of ${HOLDER} seen`);
  });

  test('by isolation runs from what the others can have heard', () => {
    const cuts = [SUCCESSOR, THIRD].map((to) => ({ from: HOLDER, to, traffic: 'vrrp' as const }));
    const events = struckBy({ cuts }, [
      ...goodRun(),
      advert(faultFromMs + 20, HOLDER, 100),
      advert(faultFromMs + 1_020, HOLDER, 100),
    ]);
    expect(decomposed(events).terms[0]).toMatchObject({
      moment: { fromMs: lastAdvertMs, toMs: faultFromMs + 20 },
      detail: 'priority 100, while the fault struck',
    });
  });

  test('to another host than VRRP elects is told as it was', () => {
    const events = goodRun().map((event): JournalEvent =>
      'host' in event && event.host === SUCCESSOR && event.type !== 'cluster.watch'
        ? { ...event, host: THIRD }
        : event,
    );
    const address = termOf(events, `address added on ${THIRD}`);
    expect(address.detail).toBe(`the kernel told, although it falls to ${SUCCESSOR}`);
  });
});

describe('a fault that leaves the VIP where it is', () => {
  test('has only the terms of what it did touch', () => {
    const events = struckBy({ processesDown: [{ host: HOLDER, process: 'kube-scheduler' }] }, goodRun());
    const names = decomposed(events).terms.map(({ name }) => name);
    expect(names).toContain('scheduler leader');
    expect(names).not.toContain('controller leader');
    expect(names).not.toContain(`address added on ${SUCCESSOR}`);
  });

  test('has none when it touched nothing, and there are none without a fault', () => {
    const calm = goodRun().filter((event) => event.type !== 'sample');
    const standby = struckBy({ processesDown: [{ host: THIRD, process: 'keepalived' }] }, calm);
    expect(decompositionOfRun(standby)).toBeUndefined();
    expect(decompositionOfRun(without(({ type }) => type === 'fault.injected'))).toBeUndefined();
  });
});
