// The watch over several hosts that come and go; each host's monitor is scripted.
import { describe, expect, it } from 'vitest';
import { runClock, sharedClocks } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { waitFor } from '../core/wait.ts';
import { TellingHost } from '../hosts/telling.ts';
import { startVipWatch, type VipWatch } from './vip-watch.ts';

const VIP = '10.10.102.21';

/** A host whose address monitor says what the test says. */
class MonitoredHost extends TellingHost {
  holdsVip = false;
  override opening = (): readonly string[] => [
    `snapshot ${Date.now() / 1000}`,
    ...(this.holdsVip ? [`3: eth0    inet ${VIP}/24 scope global eth0`] : []),
    'snapshot end',
  ];

  changes(what: 'adds' | 'deletes'): void {
    this.holdsVip = what === 'adds';
    const stamp = new Date().toISOString().replace('Z', '000');
    this.say(`[${stamp}] ${this.holdsVip ? '' : 'Deleted '}3: eth0    inet ${VIP}/24 scope global eth0`);
  }

  override powersOff(): void {
    this.holdsVip = false;
    super.powersOff();
  }
}

interface Watched {
  readonly hosts: readonly [MonitoredHost, MonitoredHost];
  readonly watch: VipWatch;
  readonly events: readonly JournalEvent[];
  /** The record once it has so many lines, host by host: the order between hosts is nobody's promise. */
  readonly told: (count: number) => Promise<readonly string[]>;
}

async function watchTwo(): Promise<Watched> {
  const hosts = [new MonitoredHost('a.master'), new MonitoredHost('b.master')] as const;
  hosts[0].holdsVip = true;
  const events: JournalEvent[] = [];
  const clock = runClock({ monotonicNs: String(process.hrtime.bigint()), epochMs: Date.now() });
  const recorder = { append: (event: JournalEvent) => void events.push(event) };
  const watch = await startVipWatch({ hosts, vip: VIP, recorder, clock, clocks: sharedClocks(clock) });
  const told = (count: number): Promise<readonly string[]> =>
    waitFor(`${count} events told`, { timeoutMs: 5000, intervalMs: 10 }, () => {
      const lines = events.map(asLine).sort((one, other) => hostOf(one).localeCompare(hostOf(other)));
      return Promise.resolve(
        lines.length >= count ? { done: lines } : { missing: `only ${lines.join(', ')}` },
      );
    });
  return { hosts, watch, events, told };
}

function asLine(event: JournalEvent): string {
  if (event.type === 'vip.address') return `${event.host} ${event.source} ${event.present}`;
  return event.type === 'note' ? event.text : event.type;
}

function hostOf(line: string): string {
  return line.slice(0, 'a.master'.length);
}

const BEGINNING = ['a.master snapshot true', 'b.master snapshot false'];

describe('startVipWatch', () => {
  it('tells who holds the VIP at the start and every move after it, on the run clock', async () => {
    const { hosts, watch, events, told } = await watchTwo();
    hosts[0].changes('deletes');
    await told(3);
    hosts[1].changes('adds');
    expect(await told(4)).toEqual([
      'a.master snapshot true',
      'a.master event false',
      'b.master snapshot false',
      'b.master event true',
    ]);
    for (const { atMs } of events) expect(Math.abs(atMs)).toBeLessThan(5000);
    await watch.stop();
  });

  it('tells a host that is powered off as lost, and takes a new snapshot when it is back', async () => {
    const { hosts, watch, told } = await watchTwo();
    hosts[0].powersOff();
    await told(3);
    await waitFor('a second attempt', { timeoutMs: 5000, intervalMs: 20 }, () =>
      Promise.resolve(hosts[0].attempts >= 2 ? { done: true } : { missing: `${hosts[0].attempts} attempts` }),
    );
    hosts[0].isOff = false;
    expect(await told(4)).toEqual([
      'a.master snapshot true',
      'a.master lost false',
      'a.master snapshot false',
      'b.master snapshot false',
    ]);
    await watch.stop();
  });

  it('does not take the VIP from a host whose monitor alone has ended', async () => {
    const { hosts, watch, told } = await watchTwo();
    hosts[0].ends({ exitCode: 1, stderr: 'No buffer space available' });
    expect(await told(4)).toEqual([
      'a.master snapshot true',
      'a.master: address monitor ended: exit code 1 No buffer space available',
      'a.master snapshot true',
      'b.master snapshot false',
    ]);
    await watch.stop();
  });

  it('tells nothing of its own end and tries no more', async () => {
    const { hosts, watch, told } = await watchTwo();
    await watch.stop();
    await watch.stop();
    expect(await told(2)).toEqual(BEGINNING);
    expect(hosts.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });
});
