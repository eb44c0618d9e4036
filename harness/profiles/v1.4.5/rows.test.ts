// The rows cover the seed's chapter 3 whole, in its order, and where they say "as written" they are the seed's to the letter.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadTopology } from '../../cluster/topology.ts';
import { planByHost } from './by-host.ts';
import { seedFile } from './files.ts';
import { planSeed, withToken, type PlannedDeed } from './plan.ts';
import { CHOICES } from './row.ts';
import { ROWS } from './rows.ts';
import { seedTable } from './table.ts';

interface SeedEntry {
  readonly chapter: string;
  /** One that can be typed, to the letter. */
  readonly command?: string;
  /** One in words. */
  readonly says?: string;
}

const SEED = new URL('../../../fixtures/seed/', import.meta.url);
const seedText = (name: string): string => readFileSync(new URL(name, SEED), 'utf8');
const entries = parse(seedText('commands.yaml')) as readonly SeedEntry[];
const textOf = ({ command, says }: SeedEntry): string => command ?? says ?? '';

const { topology } = loadTopology('seed');
const TOKEN = '6c7750.6c759069627a3c78';

/** Of every choice that the seed leaves, both ways. */
const bothWays = [
  planSeed({ topology, logapi: '' }),
  planSeed({
    topology,
    logapi: '',
    choices: { packages: 'repositories', etcd: 'rpm', keepalived: 'rpm', vip: 'ip', dns: 'daemonset' },
  }),
].flatMap(({ rows, repairs }) => [...rows, ...repairs]);

/** All that could be run for a row, as shell. */
function everyCommand(id: string): readonly string[] {
  return bothWays
    .filter(({ row }) => row.id === id)
    .flatMap(({ hosts }) => hosts.flatMap(({ deeds }) => deeds))
    .flatMap((deed: PlannedDeed) => (deed.kind === 'command' ? withToken(deed.command, TOKEN) : []));
}

test('every command of chapter 3 has its row, once for each time that it stands there, in the same order', () => {
  const rows = ROWS.flatMap(({ chapter, seed }) => seed.map((text) => `${chapter}: ${text}`));
  expect(rows).toEqual(entries.map((entry) => `${entry.chapter}: ${textOf(entry)}`));
  expect(entries.length).toBeGreaterThan(90);
});

test('no two rows share an id', () => {
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
});

test('what is said to be run as written is what the seed has, to the letter, on its own topology', () => {
  const typed = new Set(entries.flatMap(({ command }) => command ?? []));
  for (const { id, seed, fate, deeds } of ROWS) {
    if (fate !== 'as-written' || deeds.every(({ kind }) => kind !== 'command')) continue;
    const run = everyCommand(id).join('\n');
    for (const words of seed) {
      if (!typed.has(words) || words.startsWith('vi ')) continue;
      expect(run, id).toContain(words);
    }
  }
});

test('a row that is not run as written says why, and a finding says what is wrong', () => {
  for (const row of ROWS) {
    const isPlain = row.fate === 'as-written';
    expect(isPlain || row.note !== undefined || row.finding !== undefined, row.id).toBe(true);
    if (row.fate === 'not-run' || row.fate === 'alternative') expect(row.deeds, row.id).toEqual([]);
    if (row.seed.length === 0) expect(row.fate, row.id).toBe('added');
  }
});

test('no table of the firewall is ever flushed, and no data of etcd but a repaired host deleted', () => {
  const { rows, repairs } = planSeed({ topology, logapi: '' });
  const commands = [...rows, ...repairs].flatMap(({ row, hosts }) =>
    hosts.flatMap(({ deeds }) => deeds.map((deed) => ({ id: row.id, text: JSON.stringify(deed) }))),
  );
  expect(commands.filter(({ text }) => /iptables/.test(text))).toEqual([]);
  expect(commands.filter(({ text }) => text.includes('/var/lib/etcd"')).map(({ id }) => id)).toEqual([
    'repair-etcd-not-empty',
  ]);
});

test('host by host, the plan shows every row: done, where its error shows, or not done and why', () => {
  const { hosts, notDone } = planByHost(planSeed({ topology, logapi: '' }), topology);
  const shown = hosts.flatMap(({ deeds, repairs }) => [...deeds, ...repairs]).map(({ row }) => row);
  const all = new Set([...shown, ...notDone.map(({ id }) => id)]);
  expect([...all].toSorted()).toEqual(ROWS.map(({ id }) => id).toSorted());
  expect(notDone.filter(({ note, finding }) => note === undefined && finding === undefined)).toEqual([]);
  expect(hosts.map(({ name }) => name)).toEqual(topology.hosts.map(({ name }) => name));
});

test('for the seed’s topology the files are the seed’s to the letter', () => {
  const [master, second] = topology.hosts;
  const member = topology.hosts.find(({ name }) => name === '10-10-103-96.node');
  if (!master || !second || !member) throw new Error('the seed’s topology has other hosts');
  const context = { topology, interfaceName: 'eth0', logapi: '' };
  expect(seedFile('etcd.conf', { ...context, host: member })).toBe(seedText('files/etcd.conf'));
  const conf = seedFile('keepalived.conf', { ...context, host: master });
  expect(conf).toBe(seedText('files/keepalived.conf'));
  const others = seedFile('keepalived.conf', { ...context, host: second }).split('\n');
  expect(others.filter((line) => !conf.split('\n').includes(line))).toEqual([
    '    state BACKUP',
    '    #mcast_src_ip 10.10.102.92',
    '    priority 95',
  ]);
});

test('a choice that is left open is made as the seed recommends, and kube-dns as the topology says', () => {
  const idsOf = (...args: Parameters<typeof planSeed>): readonly string[] =>
    planSeed(...args).rows.map(({ row }) => row.id);
  const usual = idsOf({ topology, logapi: '' });
  expect(usual).toEqual(
    expect.arrayContaining(['kubernetes-localinstall', 'vip-ifconfig', 'dns-deployment-edit']),
  );
  expect(usual.filter((id) => /repository|vip-ip|daemonset|repair/.test(id))).toEqual([]);
  expect(idsOf({ topology: { ...topology, dns: 'daemonset' }, logapi: '' })).toContain('dns-daemonset-apply');
  for (const [choice, [first]] of Object.entries(CHOICES)) {
    const isDefault = ROWS.filter(({ recommended, when = {} }) => recommended && choice in when);
    for (const { when } of isDefault) expect(when).toMatchObject({ [choice]: first });
  }
});

test('on another topology the plan has its names, and none of the seed’s', () => {
  const shifted = JSON.stringify(topology)
    .replaceAll('10.10.10', '10.77.10')
    .replaceAll('10-10-10', 'host-10');
  const plan = planSeed({ topology: JSON.parse(shifted) as typeof topology, logapi: '' });
  const done = JSON.stringify([...plan.rows, ...plan.repairs].map(({ hosts }) => hosts));
  expect(done).toContain('10.77.102.21');
  expect(done).not.toMatch(/10\.10\.10\d|10-10-10\d/);
});

test('docs/seed-v1.4.5.md has the table as the rows make it (npx vitest run --project unit -u writes it anew)', async () => {
  const path = '../../../docs/seed-v1.4.5.md';
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  const anew = text.replace(
    /(<!-- prettier-ignore-start -->\n)[\s\S]*?(\n?<!-- prettier-ignore-end -->)/,
    (_, begin: string, end: string) => `${begin}\n${seedTable()}${end}`,
  );
  expect(anew).toContain('| 3.2 | `vi /etc/etcd/etcd.conf` |');
  await expect(anew).toMatchFileSnapshot(path);
});
