// From the lines of `ip monitor neigh` (as iproute2 6.1 prints them) to the entry of one address.
import { describe, expect, it } from 'vitest';
import { ArpView, type ArpChange } from './arp-lines.ts';

const VIP = '10.10.102.21';
const ONE = '02:42:0a:0a:66:5b';
const OTHER = '02:42:0a:0a:66:5c';
const START_MS = Date.parse('2026-11-23T09:27:50.000Z');

const stamped = (second: string, line: string): string => `[2026-11-23T09:27:${second}] ${line}`;
const snapshot = (...lines: readonly string[]): string[] => [
  `snapshot ${START_MS / 1000}.0`,
  ...lines,
  'snapshot end',
];

function changes(...lines: readonly string[]): ArpChange[] {
  const view = new ArpView(VIP);
  return lines
    .flatMap((line) => view.read(line))
    .map((change) => ({ ...change, epochMs: Math.round((change.epochMs - START_MS) * 1000) / 1000 }));
}

describe('ArpView', () => {
  it('says first how the entry stands, and then each change, in microseconds of the host', () => {
    expect(
      changes(
        ...snapshot(`${VIP} dev eth0 lladdr ${ONE} REACHABLE `),
        stamped('52.269587', `${VIP} dev eth0 lladdr ${OTHER} STALE`),
        stamped('57.644515', `${VIP} dev eth0 lladdr ${OTHER} PROBE`),
      ),
    ).toEqual([
      { epochMs: 0, linkAddress: ONE, state: 'REACHABLE', source: 'snapshot' },
      { epochMs: 2269.587, linkAddress: OTHER, state: 'STALE', source: 'event' },
      { epochMs: 7644.515, linkAddress: OTHER, state: 'PROBE', source: 'event' },
    ]);
  });

  it('has no link address while there is no entry, or none that is resolved', () => {
    expect(
      changes(
        ...snapshot(),
        stamped('51.0', `${VIP} dev eth0 lladdr ${ONE} router REACHABLE`),
        stamped('54.134041', `${VIP} dev eth0 FAILED`),
        stamped('54.134081', `Deleted ${VIP} dev eth0 FAILED`),
        stamped('55.0', `${VIP} dev eth0  INCOMPLETE`),
      ),
    ).toEqual([
      { epochMs: 0, source: 'snapshot' },
      { epochMs: 1000, linkAddress: ONE, state: 'REACHABLE', source: 'event' },
      { epochMs: 4134.041, state: 'FAILED', source: 'event' },
      { epochMs: 4134.081, source: 'event' },
      { epochMs: 5000, state: 'INCOMPLETE', source: 'event' },
    ]);
  });

  it('minds no other address, not even one that begins alike, and nothing that is told twice', () => {
    const same = `${VIP} dev eth0 lladdr ${ONE} STALE`;
    expect(
      changes(
        ...snapshot(same, `10.10.102.210 dev eth0 lladdr ${OTHER} STALE`),
        stamped('51.0', `10.10.102.210 dev eth0 lladdr ${OTHER} REACHABLE`),
        stamped('52.0', same),
      ),
    ).toEqual([{ epochMs: 0, linkAddress: ONE, state: 'STALE', source: 'snapshot' }]);
  });

  it('trusts the snapshot over events from before it, and events from after its start over it', () => {
    const [start = '', ...rest] = snapshot(`${VIP} dev eth0 lladdr ${ONE} STALE`);
    const before = stamped('49.0', `${VIP} dev eth0 lladdr ${OTHER} STALE`);
    const after = stamped('50.5', `${VIP} dev eth0 lladdr ${OTHER} STALE`);
    expect(
      changes(before, start, after, ...rest).map(({ epochMs, linkAddress }) => [epochMs, linkAddress]),
    ).toEqual([
      [0, ONE],
      [500, OTHER],
    ]);
  });
});
