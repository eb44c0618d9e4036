// What a test of the probes works with: this machine as observer, scripted targets, and the record that comes of it.
// All that it starts ends with the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { clockOriginNow, runClock, sharedClocks } from '../../core/clock.ts';
import type { JournalEvent, ProbeDefinition, ProberNoise, Sample } from '../../core/record.ts';
import { Scope } from '../../core/scope.ts';
import { type ProbesOptions, type RunningProbes, startProbes } from '../sampler.ts';
import { localHost } from './local-host.ts';
import {
  type Certificate,
  makeCertificate,
  type ScriptedDnsServer,
  type ScriptedServer,
  type ServerOptions,
  startDnsServer,
  startServer,
} from './scripted-servers.ts';

export const INTERVAL_MS = 50;
export const TIMEOUT_MS = 300;

export class ProbeBench {
  readonly clock = runClock(clockOriginNow());
  readonly events: JournalEvent[] = [];
  readonly scope = new Scope();
  readonly folder: string;
  /** Trusted by the series. */
  readonly certificate: Certificate;
  readonly host;

  static async make(): Promise<ProbeBench> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-probes-'));
    return new ProbeBench(folder, await makeCertificate(folder, 'server'));
  }

  private constructor(folder: string, certificate: Certificate) {
    this.folder = folder;
    this.certificate = certificate;
    this.host = localHost(folder);
    this.scope.push({ name: 'folder', timeoutMs: 2000, undo: () => rm(folder, { recursive: true }) });
    onTestFinished(async () => {
      expect(await this.scope.close()).toEqual([]);
    });
  }

  async server(certificate?: Certificate, options: ServerOptions = {}): Promise<ScriptedServer> {
    const server = await startServer(certificate, options);
    this.scope.push({ name: 'server', timeoutMs: 2000, undo: () => server.close() });
    return server;
  }

  async dnsServer(): Promise<ScriptedDnsServer> {
    const server = await startDnsServer();
    this.scope.push({ name: 'DNS server', timeoutMs: 2000, undo: () => server.close() });
    return server;
  }

  async start(
    definitions: readonly ProbeDefinition[],
    more: Partial<ProbesOptions> = {},
  ): Promise<RunningProbes> {
    const probes = await startProbes({
      host: this.host,
      definitions,
      caPem: this.certificate.cert,
      recorder: { append: (event) => void this.events.push(event) },
      clock: this.clock,
      clocks: sharedClocks(this.clock),
      maxDurationMs: 20_000,
      ...more,
    });
    this.scope.push({ name: 'probes', timeoutMs: 5000, undo: () => probes.stop() });
    return probes;
  }

  /** In the order of their starts. */
  samples(probe?: string): readonly Sample[] {
    return this.events
      .filter((event) => event.type === 'sample')
      .filter((sample) => probe === undefined || sample.probe === probe)
      .sort((a, b) => a.atMs - b.atMs);
  }

  /** Every outcome that the series had. */
  kinds(probe: string): ReadonlySet<string> {
    return new Set(this.samples(probe).map(({ failure }) => failure ?? 'good'));
  }

  noise(): readonly ProberNoise[] {
    return this.events.filter((event) => event.type === 'noise');
  }
}

export function series(
  name: string,
  { port }: Pick<ScriptedServer, 'port'>,
  more: Partial<ProbeDefinition> = {},
): ProbeDefinition {
  const kind = more.kind ?? 'http';
  return {
    name,
    kind,
    url: `${kind}://127.0.0.1:${port}/readyz`,
    connection: 'new',
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    capability: 'api',
    ...more,
  };
}
