// An etcd member that wants a client certificate, on a real TLS server.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../testing/scripted-servers.ts';
import type { ProberConfig } from '../protocol.ts';
import { programsFor } from './programs.ts';
import type { Reading } from './series.ts';
import { tlsMaterial } from './tls-material.ts';

test('a member behind TLS is asked with the credentials of an etcd client, and no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-etcd-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [server, etcd, api] = await Promise.all(
    ['member', 'etcd-client', 'api-client'].map((name) => makeCertificate(folder, name)),
  );
  if (!server || !etcd || !api) throw new Error('no certificates');
  const options = { ...server, ca: [etcd.cert], requestCert: true, rejectUnauthorized: true };
  const member = createServer(options, (request, response) => {
    request.resume();
    response.end(request.url === '/health' ? '{"health":"true"}' : '{}');
  });
  await new Promise<void>((resolve) => member.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    member.closeAllConnections();
    member.close();
  });
  const definition = {
    name: 'etcd-cp-1',
    kind: 'https',
    url: `https://127.0.0.1:${(member.address() as AddressInfo).port}/health`,
    connection: 'reused',
    intervalMs: 500,
    timeoutMs: 2000,
    capability: 'etcd',
    host: 'cp-1',
  } as const;
  const asked = async (client: typeof etcd): Promise<Reading> => {
    const config: ProberConfig = {
      probes: [definition],
      caPem: api.cert,
      client: { certPem: api.cert, keyPem: api.key },
      etcd: { caPem: server.cert, certPem: client.cert, keyPem: client.key },
      servers: { '00': 'cp-1' },
      noiseWindowMs: 1000,
      maxDurationMs: 10_000,
    };
    const [program] = programsFor([{ definition, config, tls: tlsMaterial(config), say: () => undefined }]);
    const reading = await program?.take({ startNs: process.hrtime.bigint(), lateMs: 0, lost: 0 });
    if (!reading) throw new Error('no reading');
    return reading;
  };
  const good = await asked(etcd);
  expect(good.f).toBeUndefined();
  // Its certificate is no apiserver's, and must not count as a strange one.
  expect(JSON.stringify(good)).not.toContain('unknown');
  expect((await asked(api)).f).toBeDefined();
});

test('without such credentials the series cannot be made', () => {
  const material = tlsMaterial({ probes: [], noiseWindowMs: 1000, maxDurationMs: 10_000 });
  expect(() => material.contextFor('etcd')).toThrow('client certificate of its own');
});
