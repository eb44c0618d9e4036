// DNS as the real prober asks it, against a small UDP server whose answers are known.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ProbeDefinition } from '../../core/record.ts';
import { ProbeBench, series, TIMEOUT_MS } from '../testing/probe-bench.ts';
import type { ScriptedDnsServer } from '../testing/scripted-servers.ts';

const NAME = 'kubernetes.default.svc.cluster.local';

const dns = (
  name: string,
  { port }: Pick<ScriptedDnsServer, 'port'>,
  more: Partial<ProbeDefinition> = {},
): ProbeDefinition =>
  series(name, { port }, { kind: 'dns', url: `dns://127.0.0.1:${port}/${NAME}`, capability: 'dns', ...more });

describe('a DNS server', () => {
  it('that answers is seen good, asked once a sample, each time from a port of its own', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.dnsServer();
    const probes = await bench.start([dns('dns', server)]);
    await sleep(300);
    await probes.stop();
    expect(bench.kinds('dns')).toEqual(new Set(['good']));
    // One more than there are samples: the first question of all warms the prober up and is no sample.
    expect(server.queries).toBe(bench.samples('dns').length + 1);
    expect(server.clientPorts.size).toBe(server.queries);
  });

  it.each([
    ['NXDOMAIN', 'ENOTFOUND'],
    ['SERVFAIL', 'ESERVFAIL'],
  ] as const)('that answers %s has answered, but not with an address', async (behaviour, code) => {
    const bench = await ProbeBench.make();
    const server = await bench.dnsServer();
    server.behaviour = behaviour;
    const probes = await bench.start([dns('dns', server)]);
    await probes.stop();
    expect(bench.kinds('dns')).toEqual(new Set(['status']));
    expect(bench.samples('dns')[0]?.detail).toBe(`${code} ${NAME}`);
  });

  it('that says nothing is waited for as long as a sample may take, and asked once', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.dnsServer();
    server.behaviour = 'silent';
    const probes = await bench.start([dns('dns', server)]);
    await probes.stop();
    expect(bench.kinds('dns')).toEqual(new Set(['timeout']));
    for (const { durationMs } of bench.samples('dns')) {
      expect(durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
      expect(durationMs).toBeLessThan(TIMEOUT_MS + 100);
    }
    expect(server.queries).toBe(bench.samples('dns').length + 1);
  });

  it('that is not there is seen refused', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.dnsServer();
    const { port } = server;
    await server.close();
    const probes = await bench.start([dns('dns', { port })]);
    await probes.stop();
    expect(bench.kinds('dns')).toEqual(new Set(['refused']));
  });
});
