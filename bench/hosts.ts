// npm run bench:hosts [-- --rounds 200] [--json]
// What it costs to reach a host: by docker exec and by SSH, as root and through sudo, turn by turn on the same container.
// SSH goes to a real sshd through a proxy command, `docker exec … socat`: its hops are in the figures. Prints a table (with
// --json: every time in milliseconds). Exit code 1 when an SSH command on an open connection costs more than it may.
import { parseArgs } from 'node:util';
import { prepareImages, withEngine } from '../harness/commands/environment.ts';
import { Progress } from '../harness/commands/progress.ts';
import { EXIT_CODES, explainError, HoldfastError, UsageError } from '../harness/core/errors.ts';
import type { Host } from '../harness/core/host.ts';
import { SshHost } from '../harness/hosts/ssh.ts';
import { SshConnections } from '../harness/hosts/ssh/connections.ts';
import type { SshTarget } from '../harness/hosts/ssh/target.ts';
import { DEFAULT_PROFILE } from '../harness/profiles/index.ts';
import { startSshd } from '../test/hosts/sshd-container.ts';
import { percentile } from './prober-watch.ts';
import { table } from './prober-tables.ts';

/** Of `true` over SSH on an open connection, the median. */
const COMMAND_MS_MAX = 10;
const WARM_UPS = 5;
/** What moves a mebibyte, or runs twenty commands, is done less often. */
const HEAVY_EVERY = 10;
const AT_ONCE = 20;
const MEBIBYTE = Buffer.alloc(1024 * 1024, 'holdfast');

interface Deed {
  readonly name: string;
  readonly isHeavy: boolean;
  perform(host: Host): Promise<unknown>;
}

const DEEDS: readonly Deed[] = [
  { name: 'a command', isHeavy: false, perform: (host) => host.run(['true']) },
  {
    name: `${AT_ONCE} commands at once`,
    isHeavy: true,
    perform: (host) => Promise.all(Array.from({ length: AT_ONCE }, () => host.run(['true']))),
  },
  { name: 'upload of 1 MiB', isHeavy: true, perform: (host) => host.upload('/run/bench', MEBIBYTE) },
  { name: 'download of 1 MiB', isHeavy: true, perform: (host) => host.download('/run/bench') },
  { name: 'a stream, to its first line', isHeavy: true, perform: openStream },
];

async function openStream(host: Host): Promise<unknown> {
  const stream = await host.stream(['sh', '-c', 'echo up; exec cat']);
  await stream.lines[Symbol.asyncIterator]().next();
  return () => stream.close();
}

interface Way {
  readonly name: string;
  readonly host: Host;
}

/** Times of each deed by each way, in milliseconds, in the order in which they were measured. */
type Times = ReadonlyMap<Deed, ReadonlyMap<Way, readonly number[]>>;

async function measure(ways: readonly Way[], rounds: number): Promise<Times> {
  const times = new Map(DEEDS.map((deed) => [deed, new Map(ways.map((way) => [way, [] as number[]]))]));
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    for (const deed of DEEDS) {
      if (deed.isHeavy && round > 0 && round % HEAVY_EVERY !== 0) continue;
      for (const way of turned(ways, round)) {
        const startedAt = performance.now();
        const afterwards = await deed.perform(way.host);
        const ms = performance.now() - startedAt;
        if (round >= 0) times.get(deed)?.get(way)?.push(ms);
        if (typeof afterwards === 'function') await (afterwards as () => Promise<void>)();
      }
    }
  }
  return times;
}

/** Nobody is always first. */
function turned<T>(list: readonly T[], by: number): readonly T[] {
  const from = ((by % list.length) + list.length) % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}

/** Runs the work with every way to one host, which is made for it and removed. */
async function onOneHost<T>(work: (ways: readonly Way[]) => Promise<T>): Promise<T> {
  const sshd = await startSshd();
  const user = await sshd.addUser('bench', { sudoers: 'ALL=(ALL) NOPASSWD: ALL' });
  const ssh = (target: SshTarget): SshHost =>
    new SshHost({ address: '127.0.0.1', connections: new SshConnections(target) });
  const [asRoot, throughSudo] = [ssh(sshd.target), ssh({ ...user, sudo: true })];
  try {
    return await work([
      { name: 'docker exec', host: sshd.inside },
      { name: 'SSH', host: asRoot },
      { name: 'SSH, sudo', host: throughSudo },
    ]);
  } finally {
    asRoot.close();
    throughSudo.close();
    await sshd.dispose();
  }
}

function tableOf(times: Times): string {
  const rows = [...times].flatMap(([deed, byWay]) => {
    const [first] = [...byWay.values()];
    const base = medianOf(first ?? []);
    return [...byWay].map(([way, ms], index) => {
      const sorted = ms.toSorted((one, other) => one - other);
      return [
        index === 0 ? deed.name : '',
        way.name,
        String(ms.length),
        ...[0.5, 0.9, 0.99].map((share) => percentile(sorted, share).toFixed(1)),
        (medianOf(ms) / base).toFixed(2),
      ];
    });
  });
  return table(['milliseconds', 'by', 'times', 'p50', 'p90', 'p99', 'p50 against docker exec'], rows);
}

function medianOf(ms: readonly number[]): number {
  return percentile(
    ms.toSorted((one, other) => one - other),
    0.5,
  );
}

async function main(): Promise<number> {
  const progress = new Progress({ plain: true });
  try {
    const { values } = parseArgs({
      options: { rounds: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
    });
    const rounds = Number(values.rounds);
    if (!(Number.isInteger(rounds) && rounds >= HEAVY_EVERY)) {
      throw new UsageError(`--rounds takes a number from ${HEAVY_EVERY}, not ${values.rounds}`);
    }
    const times = await withEngine(async () => {
      const phase: Progress['phase'] = (title, inside) => progress.phase(title, inside);
      await prepareImages(DEFAULT_PROFILE, phase, new AbortController().signal);
      return onOneHost((ways) => measure(ways, rounds));
    });
    return tell(times, values.json);
  } catch (thrown) {
    progress.note(explainError(thrown));
    return thrown instanceof HoldfastError ? thrown.exitCode : EXIT_CODES.inconclusive;
  }
}

function tell(times: Times, json: boolean): number {
  const [command] = [...times.values()];
  const [, overSsh] = [...(command?.values() ?? [])];
  const ms = medianOf(overSsh ?? []);
  const isMet = ms <= COMMAND_MS_MAX;
  const demand = `an SSH command on an open connection, p50: ${ms.toFixed(1)} ms (≤ ${COMMAND_MS_MAX} ms: ${isMet ? 'kept' : 'BROKEN'})`;
  (json ? process.stderr : process.stdout).write(`${tableOf(times)}\n\n${demand}\n`);
  if (json) {
    const plain = [...times].map(([deed, byWay]) => ({
      deed: deed.name,
      ms: Object.fromEntries([...byWay].map(([way, list]) => [way.name, list])),
    }));
    process.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
  }
  return isMet ? EXIT_CODES.pass : EXIT_CODES.fail;
}

process.exitCode = await main();
