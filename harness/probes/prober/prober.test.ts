// The real prober as a child process, against loopback servers whose failures are known.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { INTERVAL_MS, ProbeBench, series, TIMEOUT_MS } from '../testing/probe-bench.ts';
import { makeCertificate, SLOW_MS } from '../testing/scripted-servers.ts';

describe('a healthy target', () => {
  it('is seen good by every kind of series, on as many connections as the series says', async () => {
    const bench = await ProbeBench.make();
    const [plain, kept, secure, secureKept] = [
      await bench.server(),
      await bench.server(),
      await bench.server(bench.certificate),
      await bench.server(bench.certificate),
    ];
    const probes = await bench.start([
      series('http-new', plain),
      series('http-reused', kept, { connection: 'reused' }),
      series('https-new', secure, { kind: 'https' }),
      series('https-reused', secureKept, { kind: 'https', connection: 'reused' }),
      series(
        'control',
        { port: 0 },
        { capability: 'control', connection: 'reused', url: 'http://127.0.0.1/' },
      ),
    ]);
    await sleep(700);
    await probes.stop();
    for (const name of ['http-new', 'http-reused', 'https-new', 'https-reused', 'control']) {
      expect(bench.samples(name).length, name).toBeGreaterThan(5);
      expect(bench.kinds(name), name).toEqual(new Set(['good']));
    }
    // One more than there are samples: the first question of all warms the prober up and is no sample.
    expect(plain.connections).toBe(bench.samples('http-new').length + 1);
    expect(secure.connections).toBe(bench.samples('https-new').length + 1);
    expect(secure.resumed).toBe(0);
    expect([kept.connections, secureKept.connections]).toEqual([1, 1]);
    expect(kept.requests).toBe(bench.samples('http-reused').length + 1);
    // Its server is the prober's own and counts nothing.
    expect(bench.samples('control').every(({ connectMs }) => connectMs === undefined)).toBe(true);
  });

  it('is stamped at the start of each sample, on the run clock, at the cadence', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const beforeMs = bench.clock.now();
    const probes = await bench.start(['a', 'b', 'c', 'd', 'e'].map((name) => series(name, target)));
    await sleep(500);
    await probes.stop();
    const dueMs = bench.samples('a').map(({ atMs, lateMs }) => atMs - lateMs);
    expect(dueMs[0]).toBeGreaterThan(beforeMs);
    for (const due of dueMs) {
      const intervals = (due - (dueMs[0] ?? 0)) / INTERVAL_MS;
      expect(Math.abs(intervals - Math.round(intervals))).toBeLessThan(0.01);
    }
    // Spread over the interval, four at a time: of five, the second begins half an interval after the first.
    expect(
      (bench.samples('b')[0]?.atMs ?? 0) - (bench.samples('b')[0]?.lateMs ?? 0) - (dueMs[0] ?? 0),
    ).toBeCloseTo(INTERVAL_MS / 2, 1);
  });
});

describe('a failing target', () => {
  it('is seen failed from when its listener closes until it opens again, and no longer', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server(bench.certificate);
    const probes = await bench.start([series('api', target, { kind: 'https' })]);
    await sleep(200);
    const closedMs = bench.clock.now();
    await target.close();
    await sleep(500);
    await target.open();
    const openedMs = bench.clock.now();
    await sleep(400);
    await probes.stop();
    const failed = bench.samples('api').filter(({ ok }) => !ok);
    expect(failed.length).toBeGreaterThanOrEqual(7);
    for (const { atMs } of failed) {
      expect(atMs).toBeGreaterThan(closedMs - INTERVAL_MS);
      expect(atMs).toBeLessThan(openedMs);
    }
    // A sample that was under way when the listener closed may have been cut off.
    const [first, ...others] = failed.map(({ failure }) => failure);
    expect(['refused', 'reset']).toContain(first);
    expect(new Set(others)).toEqual(new Set(['refused']));
  });

  it.each([
    ['failing', 'status'],
    ['reset', 'reset'],
    ['truncated', 'reset'],
    ['hanging', 'timeout'],
    ['chunked', 'good'],
    ['slow', 'good'],
  ] as const)('that is %s is seen as %s, on new and reused connections', async (behaviour, kind) => {
    const bench = await ProbeBench.make();
    const [plain, secure] = [await bench.server(), await bench.server(bench.certificate)];
    plain.behaviour = secure.behaviour = behaviour;
    // Slower than the slow server, so that nothing waits behind it for long.
    const more = { intervalMs: 200 };
    const probes = await bench.start([
      series('http-new', plain, more),
      series('http-reused', plain, { ...more, connection: 'reused' }),
      series('https-new', secure, { ...more, kind: 'https' }),
      series('https-reused', secure, { ...more, kind: 'https', connection: 'reused' }),
    ]);
    await probes.stop();
    for (const name of ['http-new', 'http-reused', 'https-new', 'https-reused']) {
      expect(bench.kinds(name), name).toEqual(new Set([kind]));
    }
    if (kind === 'status') expect(bench.samples().every(({ status }) => status === 500)).toBe(true);
    if (behaviour === 'slow')
      expect(bench.samples().every(({ durationMs }) => durationMs >= SLOW_MS - 2)).toBe(true);
  });

  it('whose certificate nobody vouches for is seen as a TLS failure', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server(await makeCertificate(bench.folder, 'impostor'));
    const plain = await bench.server();
    const probes = await bench.start([
      series('impostor', target, { kind: 'https' }),
      series('no-tls', plain, { kind: 'https' }),
    ]);
    await probes.stop();
    expect(bench.kinds('impostor')).toEqual(new Set(['tls']));
    expect(bench.kinds('no-tls')).toEqual(new Set(['tls']));
    expect(target.requests).toBe(0);
  });

  it('that hangs neither stretches the cadence nor a sample beyond its limit', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([
      series('new', target),
      series('reused', target, { connection: 'reused' }),
    ]);
    target.behaviour = 'hanging';
    const fromMs = bench.clock.now();
    await sleep(1000);
    await probes.stop();
    for (const name of ['new', 'reused']) {
      const hung = bench.samples(name).filter(({ atMs }) => atMs > fromMs);
      expect(hung.length, name).toBeGreaterThanOrEqual(18);
      for (const { failure, durationMs } of hung) {
        expect(failure, name).toBe('timeout');
        expect(durationMs, name).toBeLessThan(TIMEOUT_MS + 100);
      }
    }
    for (const { durationMs, atMs } of bench.samples('new')) {
      if (atMs > fromMs) expect(durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
    }
  });

  it('that answers slower than it is asked has one answer for all who wait on a reused connection', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('reused', target, { connection: 'reused' })]);
    target.behaviour = 'slow';
    await sleep(900);
    await probes.stop();
    expect(bench.kinds('reused')).toEqual(new Set(['good']));
    // What was under way when it came due, and the next.
    for (const { durationMs } of bench.samples()) expect(durationMs).toBeLessThan(2 * SLOW_MS + 100);
    expect(target.requests).toBeLessThan(bench.samples('reused').length);
  });

  it('that stops hanging is seen good again by a reused connection within one limit', async () => {
    const bench = await ProbeBench.make();
    const target = await bench.server();
    const probes = await bench.start([series('reused', target, { connection: 'reused' })]);
    target.behaviour = 'hanging';
    await sleep(500);
    // Slower than what any but a fresh sample has left of its limit.
    target.behaviour = 'slow';
    const healedMs = bench.clock.now();
    await sleep(TIMEOUT_MS + SLOW_MS + 300);
    await probes.stop();
    const firstGood = bench.samples('reused').find(({ ok, atMs }) => ok && atMs > healedMs);
    expect((firstGood?.atMs ?? Infinity) - healedMs).toBeLessThan(TIMEOUT_MS + 2 * INTERVAL_MS);
    expect(target.connections).toBeGreaterThan(1);
  });
});
