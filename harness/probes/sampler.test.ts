// The life of the prober as the harness sees it: start, account of itself, end. The prober is the real one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bundleProgram } from '../core/bundle.ts';
import type { JournalEvent, ProbesStarted } from '../core/record.ts';
import { waitFor } from '../core/wait.ts';
import { INTERVAL_MS, ProbeBench, series } from './testing/probe-bench.ts';

describe('the prober', () => {
  it('accounts for its own noise, CPU and every sample', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('a', target)]);
    await sleep(300);
    await probes.stop();
    const noise = bench.noise();
    expect(noise.length).toBeGreaterThan(0);
    for (const one of noise) {
      expect(one.latenessMsMax).toBeGreaterThanOrEqual(one.latenessMsP99);
      expect(one.proberCpuShare).toBeGreaterThan(0);
      expect(one.residentMiB).toBeGreaterThan(20);
      expect(one.wallClockStepMs).toBe(0);
    }
    const samples = bench.samples();
    const latest = Math.max(...samples.map(({ lateMs }) => lateMs));
    expect(Math.max(...noise.map(({ latenessMsMax }) => latenessMsMax))).toBe(latest);
    const dueMs = samples.map(({ atMs, lateMs }) => atMs - lateMs);
    const due = Math.round(((dueMs.at(-1) ?? 0) - (dueMs[0] ?? 0)) / INTERVAL_MS) + 1;
    expect(samples.length + noise.reduce((sum, { lost }) => sum + lost, 0)).toBe(due);
  });

  it('reports ticks that it lost while it stood still', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('a', target)]);
    const pid = bench.host.pids[0] ?? 0;
    process.kill(pid, 'SIGSTOP');
    await sleep(500);
    process.kill(pid, 'SIGCONT');
    await sleep(200);
    await probes.stop();
    const noise = bench.noise();
    expect(noise.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...noise.map(({ eventLoopStallMsMax }) => eventLoopStallMsMax))).toBeGreaterThan(400);
  });

  it('says that the harness stopped it, after the samples that were under way', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('a', target)]);
    target.behaviour = 'hanging';
    await sleep(150);
    await probes.stop();
    await probes.stop();
    expect(bench.samples('a').filter(({ failure }) => failure === 'timeout').length).toBeGreaterThan(0);
    expect(bench.events.filter(({ type }) => type === 'probes.stopped')).toEqual([
      expect.objectContaining({ reason: 'stopped by the harness' }),
    ]);
    expect(bench.events.at(-1)?.type).toBe('probes.stopped');
    expect(isAlive(bench.host.pids[0])).toBe(false);
  });

  it('that dies by itself leaves the reason in the record', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('a', target)]);
    process.kill(bench.host.pids[0] ?? 0, 'SIGKILL');
    expect(await endOfProbes(bench)).toBe('prober ended by itself: ended by SIGKILL');
    await probes.stop();
  });

  it('ends by itself at its maximum duration', async () => {
    const bench = await ProbeBench.make();
    await bench.start([series('a', await bench.server())], { maxDurationMs: 600 });
    expect(await endOfProbes(bench)).toBe('maximum duration of 600 ms reached');
  });

  it.each(['standard input', 'SIGTERM'])('ends with %s', async (order) => {
    const bench = await ProbeBench.make();
    const rest = await proberAlone(bench);
    if (order === 'SIGTERM') process.kill(bench.host.pids[0] ?? 0, 'SIGTERM');
    else bench.host.endInput();
    const lines = await rest();
    expect(lines.at(-1)).toContain(order === 'SIGTERM' ? '"end":"SIGTERM"' : '"end":"standard input closed"');
    expect(isAlive(bench.host.pids[0])).toBe(false);
  });
});

describe('startProbes', () => {
  it('throws what the prober said when it cannot start, and records its end', async () => {
    const bench = await ProbeBench.make();
    const definitions = [series('a', { port: 1 }, { url: 'no url' })];
    await expect(bench.start(definitions)).rejects.toThrow(
      /ended before every series had a sample.*Invalid URL/s,
    );
    expect(bench.events.map(({ type }) => type)).toEqual(['probes.started', 'probes.stopped']);
  });

  it('writes down lines that it does not understand', async () => {
    const bench = await ProbeBench.make();
    const garbled = ['printf', '{"p":7,"t":"1","l":0,"d":1}\\nnot json\\n'];
    const host = { ...bench.host, stream: () => bench.host.stream(garbled) };
    await expect(bench.start([series('a', { port: 1 })], { host })).rejects.toThrow('ended before');
    const notes = bench.events.filter((event) => event.type === 'note').map(({ text }) => text);
    expect(notes).toEqual([
      'line of the prober not understood: {"p":7,"t":"1","l":0,"d":1}',
      'line of the prober not understood: not json',
    ]);
  });
});

describe('a prober on a host that a fault takes away', () => {
  const onNode = { from: 'b.node', restart: true } as const;

  it('is started again, and its end and new beginning are in the record', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('a', target, { from: 'b.node' })], onNode);
    process.kill(bench.host.pids[0] ?? 0, 'SIGKILL');
    await eventually(
      'samples after the restart',
      () => lastOfType(bench, 'sample') > lastOfType(bench, 'probes.started') && bench.host.pids.length === 2,
    );
    await probes.stop();
    const told = bench.events.filter(({ type }) => type.startsWith('probes.'));
    const { probes: definitions } = told[0] as ProbesStarted;
    expect(told.map((event) => ({ ...event, atMs: 0 }))).toEqual([
      { type: 'probes.started', atMs: 0, probes: definitions },
      { type: 'probes.stopped', atMs: 0, from: 'b.node', reason: 'prober ended by itself: ended by SIGKILL' },
      { type: 'probes.started', atMs: 0, probes: definitions },
      { type: 'probes.stopped', atMs: 0, from: 'b.node', reason: 'stopped by the harness' },
    ]);
    expect(bench.noise().every(({ from }) => from === 'b.node')).toBe(true);
    expect(bench.host.pids.some(isAlive)).toBe(false);
  });

  it('is tried for as long as the host is gone, and nothing is written of what never ran', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    let attempts = 0;
    let isOff = false;
    const host: typeof bench.host = {
      ...bench.host,
      stream: (argv) => {
        attempts += 1;
        if (!isOff) return bench.host.stream(argv);
        return attempts % 2 === 0 ? Promise.reject(new Error('host is off')) : bench.host.stream(['false']);
      },
    };
    const probes = await bench.start([series('a', target, { from: 'b.node' })], { ...onNode, host });
    isOff = true;
    process.kill(bench.host.pids[0] ?? 0, 'SIGKILL');
    await eventually('four attempts', () => attempts >= 5);
    await probes.stop();
    expect(bench.events.filter(({ type }) => type.startsWith('probes.')).map(({ type }) => type)).toEqual([
      'probes.started',
      'probes.stopped',
    ]);
  });

  it('is not started again after its maximum duration', async () => {
    const bench = await ProbeBench.make();
    const probes = await bench.start([series('a', await bench.server())], { ...onNode, maxDurationMs: 700 });
    await sleep(2500);
    await probes.stop();
    expect(bench.host.pids).toHaveLength(1);
  });

  it('runs under the real-time policy where that is permitted', async () => {
    const bench = await ProbeBench.make();
    const probes = await bench.start([series('a', await bench.server())]);
    const policy = await schedulingPolicy(bench.host.pids[0]);
    await probes.stop();
    expect(policy).toBe((await mayRunInRealTime()) ? SCHED_RR : SCHED_OTHER);
  });

  it('runs by the command that it was given', async () => {
    const bench = await ProbeBench.make();
    const commands: (readonly string[])[] = [];
    const command = (argv: readonly string[]): readonly string[] => {
      commands.push(argv);
      return ['env', ...argv];
    };
    const probes = await bench.start([series('a', await bench.server())], { command });
    await probes.stop();
    expect(bench.kinds('a')).toEqual(new Set(['good']));
    expect(commands).toHaveLength(1);
    expect(commands[0]?.[0]).toBe('node');
  });
});

/** The prober without a sampler, one sample in; gives the lines that follow. */
async function proberAlone(bench: ProbeBench): Promise<() => Promise<readonly string[]>> {
  await bench.host.upload('/prober.mjs', await bundleProgram(new URL('./prober/main.ts', import.meta.url)));
  const stream = await bench.host.stream(['node', '/prober.mjs']);
  bench.scope.push({ name: 'prober', timeoutMs: 2000, undo: () => stream.close() });
  const probes = [series('a', await bench.server())];
  stream.write(`${JSON.stringify({ probes, noiseWindowMs: 5000, maxDurationMs: 10_000 })}\n`);
  const lines = stream.lines[Symbol.asyncIterator]();
  await lines.next();
  return async () => {
    const rest: string[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) rest.push(line.value);
    await stream.done;
    return rest;
  };
}

async function endOfProbes(bench: ProbeBench): Promise<string> {
  return waitFor('the end of the probes recorded', { timeoutMs: 3000, intervalMs: 20 }, () => {
    const last = bench.events.at(-1);
    return Promise.resolve(last?.type === 'probes.stopped' ? { done: last.reason } : { missing: 'not yet' });
  });
}

/** sched(7). */
const SCHED_OTHER = 0;
const SCHED_RR = 2;

/** Field 41 of /proc/<pid>/stat (proc(5)); the second, in parentheses, may contain anything. */
async function schedulingPolicy(pid = 0): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
}

async function mayRunInRealTime(): Promise<boolean> {
  const [exitCode] = (await once(spawn('chrt', ['--rr', '1', 'true'], { stdio: 'ignore' }), 'close')) as [
    number,
  ];
  return exitCode === 0;
}

function lastOfType(bench: ProbeBench, type: JournalEvent['type']): number {
  return bench.events.findLastIndex((event) => event.type === type);
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  await waitFor(what, { timeoutMs: 10_000, intervalMs: 20 }, () =>
    Promise.resolve(holds() ? { done: true } : { missing: 'not yet' }),
  );
}

function isAlive(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}
