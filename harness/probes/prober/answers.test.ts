// What a sample tells beside its duration: its phases, who answered, and as whom the prober asked. The prober is the real one.
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../core/record.ts';
import { ProbeBench, series } from '../testing/probe-bench.ts';
import { makeCertificate } from '../testing/scripted-servers.ts';

const fingerprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

const phasesOf = ({ connectMs, tlsMs, firstByteMs }: Sample): readonly boolean[] =>
  [connectMs, tlsMs, firstByteMs].map((phase) => phase !== undefined);

const PROTOCOLS = [['1.1', {}] as const, ['2', { httpVersion: '2' as const }] as const];

describe.each(PROTOCOLS)('a sample over HTTP/%s', (version, protocol) => {
  const secure = { kind: 'https' as const, ...protocol };
  const options = version === '2' ? { http2: true as const } : {};

  it('tells its phases, of a kept connection only the one that it had', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, options);
    const probes = await bench.start([
      series('new', server, secure),
      series('reused', server, { ...secure, connection: 'reused' }),
    ]);
    await sleep(200);
    await probes.stop();
    for (const sample of bench.samples('new')) {
      expect(phasesOf(sample)).toEqual([true, true, true]);
      const { connectMs = NaN, tlsMs = NaN, firstByteMs = NaN, durationMs } = sample;
      for (const phaseMs of [connectMs, tlsMs, firstByteMs]) expect(phaseMs).toBeGreaterThan(0);
      // Rounded each to a microsecond.
      expect(connectMs + tlsMs + firstByteMs).toBeLessThanOrEqual(durationMs + 0.002);
    }
    for (const sample of bench.samples('reused')) expect(phasesOf(sample)).toEqual([false, false, true]);
  });

  it('that was never answered tells the phases that it had, and with whom', async () => {
    const bench = await ProbeBench.make();
    const server = await bench.server(bench.certificate, options);
    const servers = { [fingerprintOf(bench.certificate.cert)]: 'a.master' };
    server.behaviour = 'hanging';
    const probes = await bench.start([series('new', server, secure)], { servers });
    await probes.stop();
    for (const sample of bench.samples()) {
      expect(sample.failure).toBe('timeout');
      expect(phasesOf(sample)).toEqual([true, true, false]);
      expect(sample.answeredBy).toBe('a.master');
    }
  });

  it('names the host whose certificate was shown, on new and on kept connections', async () => {
    const bench = await ProbeBench.make();
    const other = await makeCertificate(bench.folder, 'other');
    const caPem = bench.certificate.cert + other.cert;
    const known = await bench.server(bench.certificate, options);
    const stranger = await bench.server(other, options);
    const servers = { [fingerprintOf(bench.certificate.cert)]: 'a.master' };
    const probes = await bench.start(
      [
        series('known', known, secure),
        series('kept', known, { ...secure, connection: 'reused' }),
        series('stranger', stranger, secure),
        series('plain', await bench.server()),
      ],
      { servers, caPem },
    );
    await sleep(200);
    await probes.stop();
    const answered = (name: string): ReadonlySet<string | undefined> =>
      new Set(bench.samples(name).map(({ answeredBy }) => answeredBy));
    expect(answered('known')).toEqual(new Set(['a.master']));
    expect(answered('kept')).toEqual(new Set(['a.master']));
    expect(answered('stranger')).toEqual(new Set(['unknown']));
    expect(answered('plain')).toEqual(new Set([undefined]));
    expect(bench.samples().every(({ ok }) => ok)).toBe(true);
  });

  it('names nobody where it was not said who is who', async () => {
    const bench = await ProbeBench.make();
    const probes = await bench.start([series('new', await bench.server(bench.certificate, options), secure)]);
    await probes.stop();
    expect(bench.samples().every(({ ok, answeredBy }) => ok && answeredBy === undefined)).toBe(true);
  });

  it('does not take the certificate of another address, though somebody vouches for it', async () => {
    const bench = await ProbeBench.make();
    const elsewhere = await makeCertificate(bench.folder, 'elsewhere', '127.0.0.9');
    const server = await bench.server(elsewhere, options);
    const probes = await bench.start([series('new', server, secure)], { caPem: elsewhere.cert });
    await probes.stop();
    expect(bench.kinds('new')).toEqual(new Set(['tls']));
    expect(bench.samples()[0]?.detail).toMatch(
      /^the certificate is not for 127\.0\.0\.1 but for .*127\.0\.0\.9/,
    );
    expect(server.requests).toBe(0);
  });

  it('shows the client certificate where its series says so, and nowhere else', async () => {
    const bench = await ProbeBench.make();
    const client = await makeCertificate(bench.folder, 'client');
    const server = await bench.server(bench.certificate, { ...options, clientPem: client.cert });
    const probes = await bench.start(
      [
        series('admin new', server, { ...secure, authenticated: true }),
        series('admin kept', server, { ...secure, authenticated: true, connection: 'reused' }),
        series('nobody', server, secure),
      ],
      { client: { certPem: client.cert, keyPem: client.key } },
    );
    await sleep(200);
    await probes.stop();
    expect(bench.kinds('admin new')).toEqual(new Set(['good']));
    expect(bench.kinds('admin kept')).toEqual(new Set(['good']));
    expect(bench.kinds('nobody')).not.toContain('good');
  });
});

it("the client's key is in no event and in no file of the prober's", async () => {
  const bench = await ProbeBench.make();
  const client = await makeCertificate(bench.folder, 'client');
  const server = await bench.server(bench.certificate, { clientPem: client.cert });
  const definition = series('admin', server, { kind: 'https', authenticated: true });
  const probes = await bench.start([definition], { client: { certPem: client.cert, keyPem: client.key } });
  const [, secret = ''] = client.key.split('\n');
  await probes.stop();
  expect(bench.samples().every(({ ok }) => ok)).toBe(true);
  expect(JSON.stringify(bench.events)).not.toContain(secret);
  const written = (await readdir(bench.folder)).filter((name) => name !== 'client.key');
  for (const name of written) {
    expect(await readFile(join(bench.folder, name), 'utf8'), name).not.toContain(secret);
  }
});

it('an authenticated series without a certificate to show ends the prober with what is missing', async () => {
  const bench = await ProbeBench.make();
  const definition = series('admin', { port: 1 }, { kind: 'https', authenticated: true });
  await expect(bench.start([definition])).rejects.toThrow('needs a client certificate');
});

it('what the server says of a failure is in the sample', async () => {
  const bench = await ProbeBench.make();
  const server = await bench.server();
  server.behaviour = 'failing';
  const probes = await bench.start([series('a', server)]);
  await probes.stop();
  for (const { status, detail } of bench.samples()) {
    expect([status, detail]).toEqual([500, '[-]etcd failed: reason withheld']);
  }
});
