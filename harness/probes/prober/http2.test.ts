// HTTP/2 as the real prober speaks it, against loopback servers whose failures are known.
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { ProbeDefinition } from '../../core/record.ts';
import { INTERVAL_MS, ProbeBench, series, TIMEOUT_MS } from '../testing/probe-bench.ts';
import { makeCertificate, type ScriptedServer, SLOW_MS } from '../testing/scripted-servers.ts';

const h2 = (
  name: string,
  server: Pick<ScriptedServer, 'port'>,
  more: Partial<ProbeDefinition> = {},
): ProbeDefinition => series(name, server, { kind: 'https', httpVersion: '2', ...more });

describe('a healthy HTTP/2 server', () => {
  it('is seen good on new connections and on a kept one, on as many as the series says', async () => {
    const bench = await ProbeBench.make();
    const fresh = await bench.server(bench.certificate, { http2: true });
    const kept = await bench.server(bench.certificate, { http2: true });
    const probes = await bench.start([h2('new', fresh), h2('reused', kept, { connection: 'reused' })]);
    await sleep(500);
    await probes.stop();
    expect(bench.kinds('new')).toEqual(new Set(['good']));
    expect(bench.kinds('reused')).toEqual(new Set(['good']));
    // One more than there are samples: the first question of all warms the prober up and is no sample.
    expect(fresh.connections).toBe(bench.samples('new').length + 1);
    expect(fresh.resumed).toBe(0);
    expect(kept.connections).toBe(1);
    expect(kept.requests).toBe(bench.samples('reused').length + 1);
  });

  it('that is slow lets no sample of a kept connection wait for another', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, { http2: true });
    const probes = await bench.start([h2('reused', server, { connection: 'reused' })]);
    server.behaviour = 'slow';
    const slowMs = bench.clock.now();
    await sleep(800);
    await probes.stop();
    expect(bench.kinds('reused')).toEqual(new Set(['good']));
    // One behind the other, three would come for each that is answered, and most would time out.
    const slow = bench.samples('reused').filter(({ atMs }) => atMs > slowMs);
    expect(slow.length).toBeGreaterThan(8);
    for (const { durationMs } of slow) expect(durationMs).toBeGreaterThanOrEqual(SLOW_MS - 2);
    expect(server.connections).toBe(1);
  });

  it('that asks its clients to leave loses none of their samples', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, { http2: true });
    server.behaviour = 'slow';
    const probes = await bench.start([h2('reused', server, { connection: 'reused' })]);
    await sleep(300);
    server.goAway();
    await sleep(400);
    await probes.stop();
    expect(bench.kinds('reused')).toEqual(new Set(['good']));
    expect(server.connections).toBe(2);
  });
});

describe('a failing HTTP/2 server', () => {
  it.each([
    ['failing', 'status'],
    ['reset', 'reset'],
    ['truncated', 'reset'],
    ['hanging', 'timeout'],
    ['chunked', 'good'],
    ['slow', 'good'],
  ] as const)('that is %s is seen as %s, on new and kept connections', async (behaviour, kind) => {
    const bench = await ProbeBench.make();
    // One each, so that what is done to one series' connections is not done to the other's.
    const fresh = await bench.server(bench.certificate, { http2: true });
    const kept = await bench.server(bench.certificate, { http2: true });
    fresh.behaviour = kept.behaviour = behaviour;
    const more = { intervalMs: 200 };
    const probes = await bench.start([
      h2('new', fresh, more),
      h2('reused', kept, { ...more, connection: 'reused' }),
    ]);
    await probes.stop();
    expect(bench.kinds('new')).toEqual(new Set([kind]));
    expect(bench.kinds('reused')).toEqual(new Set([kind]));
    if (kind !== 'status') return;
    for (const { status, detail } of bench.samples()) {
      expect([status, detail]).toEqual([500, '[-]etcd failed: reason withheld']);
    }
  });

  it('that does not speak HTTP/2 is no HTTP/2 server, however well it answers', async () => {
    const bench = await ProbeBench.make();
    const refusing = await bench.server(bench.certificate);
    const { cert, key } = bench.certificate;
    // Agrees to nothing, and leaves it to the client what to make of that.
    const silent = createServer({ cert, key }, (socket) =>
      socket.end('HTTP/1.1 200 OK\r\n\r\n').destroySoon(),
    );
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    bench.scope.push({
      name: 'TLS server',
      timeoutMs: 1000,
      undo: () => new Promise((resolve) => void silent.close(() => resolve())),
    });
    const impostor = await bench.server(await makeCertificate(bench.folder, 'impostor'), { http2: true });
    const probes = await bench.start([
      h2('refusing', refusing),
      h2('silent', silent.address() as AddressInfo),
      h2('impostor', impostor, { connection: 'reused' }),
    ]);
    await probes.stop();
    for (const name of ['refusing', 'silent', 'impostor']) {
      expect(bench.kinds(name), name).toEqual(new Set(['tls']));
    }
    expect(bench.samples('silent')[0]?.detail).toBe('the server did not agree to HTTP/2 (ALPN)');
    expect([refusing.requests, impostor.requests]).toEqual([0, 0]);
  });

  it('is seen refused while its port is closed, and good again on a new connection', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, { http2: true });
    const probes = await bench.start([h2('reused', server, { connection: 'reused' })]);
    await server.close();
    const closedMs = bench.clock.now();
    await sleep(300);
    const openedMs = bench.clock.now();
    await server.open();
    await sleep(300);
    await probes.stop();
    const between = bench
      .samples('reused')
      .filter(({ atMs }) => atMs > closedMs + INTERVAL_MS && atMs < openedMs - INTERVAL_MS);
    expect(new Set(between.map(({ failure }) => failure))).toEqual(new Set(['refused']));
    expect(bench.samples('reused').at(-1)?.ok).toBe(true);
    expect(server.connections).toBe(2);
  });

  it('that falls silent costs the connection at the first limit, and is seen good within one more', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, { http2: true });
    const probes = await bench.start([h2('reused', server, { connection: 'reused' })]);
    server.behaviour = 'hanging';
    await sleep(2.5 * TIMEOUT_MS);
    server.behaviour = 'slow';
    const healedMs = bench.clock.now();
    await sleep(TIMEOUT_MS + SLOW_MS + 300);
    await probes.stop();
    const failed = bench.samples('reused').filter(({ ok }) => !ok);
    expect(new Set(failed.map(({ failure }) => failure))).toEqual(new Set(['timeout']));
    for (const { durationMs } of failed) expect(durationMs).toBeLessThan(TIMEOUT_MS + 100);
    expect(failed.some(({ detail }) => detail?.includes('ended with an earlier request'))).toBe(true);
    const firstGood = bench.samples('reused').find(({ ok, atMs }) => ok && atMs > healedMs);
    expect((firstGood?.atMs ?? Infinity) - healedMs).toBeLessThan(TIMEOUT_MS + 2 * INTERVAL_MS);
    expect(server.connections).toBeGreaterThan(2);
  });

  it('that leaves some requests hanging and answers others keeps its connection, and fails only those', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, { http2: true });
    const probes = await bench.start([h2('reused', server, { connection: 'reused' })]);
    server.behaviour = 'half hanging';
    await sleep(3 * TIMEOUT_MS);
    await probes.stop();
    const failed = bench.samples('reused').filter(({ ok }) => !ok);
    expect(failed.length).toBeGreaterThan(4);
    for (const { failure, durationMs } of failed) {
      expect(failure).toBe('timeout');
      expect(durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
    }
    expect(server.connections).toBe(1);
  });
});
