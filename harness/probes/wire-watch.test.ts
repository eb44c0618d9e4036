// The capture as the observer's tcpdump tells it; what the real one says is in wire-lines.test.ts.
import { describe, expect, it } from 'vitest';
import { clockOriginNow, runClock, sharedClocks } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { waitFor } from '../core/wait.ts';
import type { StreamWatch } from './stream-watch.ts';
import { TellingHost } from '../hosts/telling.ts';
import { startWireWatch } from './wire-watch.ts';

const VIP = '10.10.102.21';
const LISTENING = 'listening on eth0, link-type EN10MB (Ethernet), snapshot length 256 bytes';
const LINK = '02:42:0a:0a:66:5b';

const advert = (source: string): string =>
  `${Date.now() / 1000} ${LINK} > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: ${source} > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, intvl 1s, length 20`;
const gratuitous = (link: string): string =>
  `${Date.now() / 1000} ${link} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has ${VIP} (ff:ff:ff:ff:ff:ff) tell ${VIP}, length 28`;

interface Capture {
  readonly watch: StreamWatch;
  readonly events: readonly JournalEvent[];
}

async function capture(host: TellingHost): Promise<Capture> {
  host.lastWords ??= [];
  host.opening = () => [
    'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode',
    LISTENING,
  ];
  const events: JournalEvent[] = [];
  const clock = runClock(clockOriginNow());
  const watch = await startWireWatch({
    host,
    vip: VIP,
    hosts: [{ name: 'a.master', address: '10.10.102.91' }],
    linkAddresses: { 'a.master': LINK },
    recorder: { append: (event) => void events.push(event) },
    clock,
    clocks: sharedClocks(clock),
  });
  return { watch, events };
}

async function told(events: readonly JournalEvent[], count: number): Promise<readonly JournalEvent[]> {
  return waitFor(`${count} events`, { timeoutMs: 5000, intervalMs: 10 }, () =>
    Promise.resolve(events.length >= count ? { done: events } : { missing: JSON.stringify(events) }),
  );
}

describe('startWireWatch', () => {
  it('names the host behind an advert and a gratuitous ARP, and leaves a stranger without a name', async () => {
    const host = new TellingHost('observer');
    const { watch, events } = await capture(host);
    host.say(advert('10.10.102.91'));
    host.say(advert('10.10.102.99'));
    host.say(gratuitous(LINK));
    host.say(gratuitous('02:42:0a:0a:66:99'));
    expect(await told(events, 5)).toMatchObject([
      { type: 'capture', state: 'started' },
      { type: 'vrrp.advert', host: 'a.master', virtualRouterId: 51, priority: 100, advertIntervalS: 1 },
      { type: 'vrrp.advert', source: '10.10.102.99' },
      { type: 'arp.gratuitous', host: 'a.master', linkAddress: LINK },
      { type: 'arp.gratuitous', linkAddress: '02:42:0a:0a:66:99' },
    ]);
    expect(events[2]).not.toHaveProperty('host');
    expect(events[4]).not.toHaveProperty('host');
    for (const { atMs } of events) expect(Math.abs(atMs)).toBeLessThan(5000);
    await watch.stop();
  });

  it('says in the end how many packets it missed, when tcpdump still told it', async () => {
    const host = new TellingHost('observer');
    host.lastWords = ['3 packets captured', '7 packets dropped by kernel'];
    const { watch, events } = await capture(host);
    await watch.stop();
    await watch.stop();
    expect(events.slice(1)).toMatchObject([{ type: 'capture', state: 'stopped', dropped: 7 }]);
    expect(host.attempts).toBe(1);
  });

  it('records the hole when tcpdump ends by itself, with what it said, and captures again', async () => {
    const host = new TellingHost('observer');
    const { watch, events } = await capture(host);
    host.say('tcpdump: pcap_loop: The interface disappeared');
    host.ends({ exitCode: 1, stderr: '' });
    expect(await told(events, 3)).toMatchObject([
      { type: 'capture', state: 'started' },
      {
        type: 'capture',
        state: 'stopped',
        detail: expect.stringMatching(/exit code 1.*The interface disappeared/) as string,
      },
      { type: 'capture', state: 'started' },
    ]);
    expect(host.attempts).toBe(2);
    await watch.stop();
  });
});
