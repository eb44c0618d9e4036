import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { changed, failed, inserted, isBetween } from '../../fixtures/runs/altered.ts';
import { goodRun, HOLDER, NODES, SUCCESSOR, vipAddress } from '../../fixtures/runs/good-run.ts';
import type { FaultEffect, JournalEvent } from '../core/record.ts';
import { findingsOf } from './findings.ts';

describe('the findings of a run', () => {
  test("are the design's own where the fault proved none", () => {
    expect(findingsOf(recordOf(goodRun()))).toEqual([
      'Design weakness: etcd with 2 members tolerates no failure (its quorum is 2), an even number: no better than 1: ' +
        'with any one member away the API serves no write and no consistent read, whatever the masters do.',
      expect.stringMatching(
        /^Design weakness: etcd shares 10-10-103-96.node, 10-10-103-97.node with the workload/,
      ),
      expect.stringMatching(/^Design weakness: the VIP is a \/24 on a \/23 network/),
      expect.stringMatching(/^Design weakness: VI_1 never repeats its gratuitous ARP/),
    ]);
  });

  test('begin with what was proved, and its measure', () => {
    const events = changed('sample', (sample) =>
      sample.probe === 'api-write' && isBetween(sample, 64_350, 87_000) ? failed(sample) : sample,
    );
    const findings = findingsOf(recordOf(withEffect(events, { hostsDown: [NODES[0]] })));
    expect(findings.find((one) => one.startsWith('Writes'))).toMatch(
      /^Writes failed for 22\d\d\d–22\d\d\d ms, because 2 etcd members need 2 for quorum; 10-10-103-96.node is down, 1 is left\.$/,
    );
    expect(findings.findIndex((one) => one.startsWith('Design'))).toBeGreaterThan(0);
  });

  test('tell how long the VIP was held twice', () => {
    const events = inserted(
      vipAddress(68_000, HOLDER, true, 'event'),
      vipAddress(72_500, HOLDER, false, 'event'),
    );
    const effect: FaultEffect = { cuts: [{ from: HOLDER, to: SUCCESSOR, traffic: 'vrrp' }] };
    const run = withEffect(events, effect).map((event) =>
      event.type === 'fault.prepared' ? { ...event, kind: 'drop-vrrp' } : event,
    );
    expect(findingsOf(recordOf(run))).toContain(
      `The VIP was held twice for 4506 ms: ${HOLDER} and ${SUCCESSOR} do not hear each other, and each elects itself.`,
    );
  });

  test('of a record without a fault or a configuration are what the topology tells', () => {
    const bare = goodRun().filter(({ type }) => !type.startsWith('fault.') && type !== 'vrrp.configured');
    expect(findingsOf(recordOf(bare))).toHaveLength(3);
  });
});

function withEffect(events: readonly JournalEvent[], effect: FaultEffect): JournalEvent[] {
  return events.map((event) => (event.type === 'fault.prepared' ? { ...event, effect } : event));
}
