// The watch on the observer's ARP entry over the life of its monitor; the lines themselves are in arp-lines.test.ts.
import { describe, expect, it } from 'vitest';
import { clockOriginNow, runClock, sharedClocks } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { waitFor } from '../core/wait.ts';
import { startArpWatch } from './arp-watch.ts';
import { TellingHost } from '../hosts/telling.ts';

const VIP = '10.10.102.21';
const LINK = '02:42:0a:0a:66:5b';

describe('startArpWatch', () => {
  it('names the host of the entry, says when it saw nothing, and looks again', async () => {
    const host = new TellingHost('observer');
    host.opening = () => [
      `snapshot ${Date.now() / 1000}`,
      `${VIP} dev eth0 lladdr ${LINK} REACHABLE`,
      'snapshot end',
    ];
    const events: JournalEvent[] = [];
    const clock = runClock(clockOriginNow());
    const watch = await startArpWatch({
      host,
      vip: VIP,
      linkAddresses: { 'a.master': LINK },
      recorder: { append: (event) => void events.push(event) },
      clock,
      clocks: sharedClocks(clock),
    });
    const stamp = new Date().toISOString().replace('Z', '000');
    host.say(`[${stamp}] ${VIP} dev eth0 lladdr 02:42:0a:0a:66:99 STALE`);
    await waitFor('the change', { timeoutMs: 5000, intervalMs: 10 }, () =>
      Promise.resolve(events.length >= 2 ? { done: true } : { missing: JSON.stringify(events) }),
    );
    host.ends({ exitCode: 2, stderr: 'No buffer space available' });
    await waitFor('a second snapshot', { timeoutMs: 5000, intervalMs: 10 }, () =>
      Promise.resolve(events.length >= 5 ? { done: true } : { missing: JSON.stringify(events) }),
    );
    await watch.stop();
    expect(events).toMatchObject([
      { type: 'arp.entry', source: 'snapshot', host: 'a.master', linkAddress: LINK, state: 'REACHABLE' },
      { type: 'arp.entry', source: 'event', linkAddress: '02:42:0a:0a:66:99', state: 'STALE' },
      { type: 'arp.entry', source: 'lost' },
      { type: 'note', text: 'observer: ARP monitor ended: exit code 2 No buffer space available' },
      { type: 'arp.entry', source: 'snapshot', host: 'a.master' },
      { type: 'arp.entry', source: 'lost' },
    ]);
    expect(events[1]).not.toHaveProperty('host');
  });
});
