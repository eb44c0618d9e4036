import { expect, test } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { misledHosts } from '../cluster/vip-neighbours.ts';
import type { RunClock } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { fakeLab, type FakeLab } from '../hosts/fake-lab.ts';
import { MisledMender } from './misled.ts';

const { topology } = loadTopology();
const [HOLDER, LOSER, THIRD] = ['10-10-102-91.master', '10-10-102-92.master', '10-10-102-93.master'] as const;
const LINKS = { [HOLDER]: '02:42:0a:0a:66:5b', [LOSER]: '02:42:0a:0a:66:5c' };

function entry(link: string, state: string): string {
  return `${topology.vip.address} dev eth0 lladdr ${link} ${state} \n`;
}

/** Everybody sends to the holder, but for those said. */
function labIn(misled: Readonly<Record<string, string>>): FakeLab {
  const lab = fakeLab(topology);
  for (const host of [...lab.hosts, lab.observer]) {
    host.when('sh -c', { stdout: `${LINKS[host.name as typeof HOLDER]}\n` });
    host.when('ip -4 neigh flush', {});
    host.when('ip -4 -o neigh', { stdout: misled[host.name] ?? entry(LINKS[HOLDER], 'REACHABLE') });
  }
  return lab;
}

test('an entry that names another than the holder misleads; none, and one that leads nowhere, do not', async () => {
  const lab = labIn({
    [THIRD]: entry(LINKS[LOSER], 'REACHABLE'),
    [LOSER]: '',
    [topology.observer.name]: `${topology.vip.address} dev eth0 FAILED \n`,
    '10-10-103-96.node': entry(LINKS[LOSER], 'STALE'),
  });
  expect(await misledHosts(lab, HOLDER)).toEqual([THIRD, '10-10-103-96.node']);
});

test('who is misled is put right after a while, on record, and only he', async () => {
  const lab = labIn({});
  const events: JournalEvent[] = [];
  let hosts: readonly string[] = [THIRD];
  let nowMs = 0;
  const clock = { now: () => nowMs } as RunClock;
  const cluster = { lab, misled: () => Promise.resolve({ holder: HOLDER, hosts }) };
  const mender = new MisledMender(cluster, { append: (event) => void events.push(event) }, clock);
  const lookAt = async (atMs: number, misled: readonly string[]): Promise<void> => {
    nowMs = atMs;
    hosts = misled;
    await mender.look();
  };
  const flushedOn = (): readonly string[] =>
    lab.hosts
      .filter(({ commands }) => commands.some(({ argv }) => argv.includes('flush')))
      .map(({ name }) => name);

  await lookAt(0, [THIRD]);
  await lookAt(15_000, [THIRD, LOSER]);
  // The third has found out by itself in between: its time begins anew.
  await lookAt(19_000, [LOSER]);
  await lookAt(30_000, [THIRD, LOSER]);
  expect(events).toEqual([]);
  expect(flushedOn()).toEqual([]);
  await lookAt(36_000, [THIRD, LOSER]);
  expect(events).toEqual([
    { type: 'vip.misled', atMs: 36_000, holder: HOLDER, hosts: [LOSER], forMs: 21_000 },
  ]);
  expect(flushedOn()).toEqual([LOSER]);
});
