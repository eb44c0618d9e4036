// The reference server by itself, asked by clients that have nothing of the prober. It is the measure of the prober, so
// what it says of its outages is held against what these clients meet.
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ProbeBench } from './probe-bench.ts';
import type { OutageKind, Protocol } from './reference-server-lines.ts';
import { type ReferenceServer, startReferenceServer } from './reference-server.ts';

const SLOW_MS = 250;
const LEAD_MS = 250;
const LENGTH_MS = 400;
const PATIENCE_MS = 150;

async function serverWith(
  bench: ProbeBench,
  kind: OutageKind,
  protocol: Protocol = 'http',
): Promise<{ server: ReferenceServer; port: number }> {
  const server = await startReferenceServer(bench.host, {
    listeners: [
      { name: 'a', protocol, outages: [{ kind, atMs: LEAD_MS, lengthMs: LENGTH_MS }] },
      { name: 'always', protocol, outages: [] },
    ],
    slowMs: SLOW_MS,
    maxDurationMs: 15_000,
  });
  bench.scope.push({ name: 'reference server', timeoutMs: 5000, undo: () => server.stop() });
  return { server, port: server.ports.get('a') ?? 0 };
}

/** What one request on a connection of its own comes to. */
async function askOnce(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  return askOn(socket);
}

async function askOn(socket: Socket): Promise<string> {
  try {
    return await new Promise<string>((resolve) => {
      setTimeout(() => resolve('no answer'), PATIENCE_MS);
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString().slice(9, 12)));
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
  } finally {
    socket.destroy();
  }
}

const OUTCOMES: readonly (readonly [OutageKind, string])[] = [
  ['refused', 'ECONNREFUSED'],
  ['hanging', 'no answer'],
  ['reset', 'ECONNRESET'],
  ['slow', 'no answer'],
  ['status', '503'],
];

describe('the reference server', () => {
  it.each(OUTCOMES)('performs an outage of kind %s, and says when it was', async (kind, outcome) => {
    const bench = await ProbeBench.make();
    const { server, port } = await serverWith(bench, kind);
    expect(await askOnce(port)).toBe('200');
    const performed = server.perform(bench.clock);
    const asked: { readonly fromMs: number; readonly toMs: number; readonly outcome: string }[] = [];
    const asking = (async () => {
      for (let count = 0; count < 60; count += 1) {
        const fromMs = bench.clock.now();
        const answer = askOnce(port).then((outcome) =>
          asked.push({ fromMs, toMs: bench.clock.now(), outcome }),
        );
        await Promise.race([answer, sleep(20)]);
        await sleep(5);
      }
      await sleep(PATIENCE_MS);
    })();
    const [outage] = await performed;
    await asking;

    if (!outage) throw new Error('no outage was performed');
    const { begin, end, lookedMs } = outage;
    expect(outage).toMatchObject({ series: 'a', kind, plannedMs: LENGTH_MS });
    expect(lookedMs).toBeLessThanOrEqual(begin.fromMs);
    expect(begin.toMs).toBeGreaterThanOrEqual(begin.fromMs);
    expect(end.fromMs - begin.toMs).toBeGreaterThanOrEqual(LENGTH_MS - 0.01);
    // Whatever was asked wholly within it met the outage, whatever was asked wholly without did not.
    const within = asked.filter(({ fromMs, toMs }) => fromMs > begin.toMs && toMs < end.fromMs);
    const without = asked.filter(({ fromMs, toMs }) => toMs < lookedMs || fromMs > end.toMs);
    expect(within.length).toBeGreaterThan(3);
    expect(new Set(within.map((one) => one.outcome))).toEqual(new Set([outcome]));
    expect(without.length).toBeGreaterThan(3);
    expect(new Set(without.map((one) => one.outcome))).toEqual(new Set(['200']));
    expect(await askOnce(server.ports.get('always') ?? 0)).toBe('200');
  });

  it('answers a slow request in the end', async () => {
    const bench = await ProbeBench.make();
    const { server, port } = await serverWith(bench, 'slow');
    const performed = server.perform(bench.clock);
    await sleep(LEAD_MS + 100);
    const askedMs = bench.clock.now();
    const socket = connect({ host: '127.0.0.1', port });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(chunk.toString()).toContain('200 OK');
    expect(bench.clock.now() - askedMs).toBeGreaterThanOrEqual(SLOW_MS - 2);
    await performed;
  });

  it.each(['refused', 'reset'] as const)('ends connections that are kept when it is %s', async (kind) => {
    const bench = await ProbeBench.make();
    const { server, port } = await serverWith(bench, kind);
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'connect');
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(bench.clock.now())));
    const [outage] = await server.perform(bench.clock);
    expect(await closed).toBeGreaterThanOrEqual(outage?.begin.fromMs ?? Infinity);
    expect(await closed).toBeLessThan(outage?.end.fromMs ?? 0);
  });

  it('speaks TLS and HTTP/2 with a certificate that it shows', async () => {
    const bench = await ProbeBench.make();
    const secure = await serverWith(bench, 'status', 'https');
    const ca = secure.server.certificatePem;
    expect(await askOn(connectTls({ host: '127.0.0.1', port: secure.port, ca }))).toBe('200');

    const { server, port } = await serverWith(bench, 'status', 'http2');
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: server.certificatePem });
    const stream = session.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200);
    session.destroy();
  });

  it('ends with its input, and says so to whom waits for its script', async () => {
    const bench = await ProbeBench.make();
    const { server } = await serverWith(bench, 'refused');
    const performed = server.perform(bench.clock);
    const failed = expect(performed).rejects.toThrow('the reference server ended too soon');
    bench.host.endInput();
    await failed;
    await server.stop();
  });
});
