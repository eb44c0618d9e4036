// The ledger's writer and its watch as the prober makes them, on an API whose failures the test scripts. All that it starts
// ends with the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ProbeDefinition } from '../../core/record.ts';
import { programsFor } from '../prober/programs.ts';
import type { Reading, SeriesProgram } from '../prober/series.ts';
import { tlsMaterial } from '../prober/tls-material.ts';
import type { ProberConfig, SeenLine } from '../protocol.ts';
import { type ApiObject, ScriptedApi } from './scripted-api.ts';
import { type Certificate, makeCertificate } from './scripted-servers.ts';

export const CONFIG_MAPS = '/api/v1/namespaces/holdfast/configmaps';
export const LEDGER_TIMEOUT_MS = 250;

type WatchSeen = Extract<SeenLine['seen'], { type: 'watch' }>;

export class LedgerBench {
  readonly api: ScriptedApi;
  readonly writer: SeriesProgram;
  readonly watch: SeriesProgram;
  readonly seen: WatchSeen[] = [];

  static async make(): Promise<LedgerBench> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-ledger-'));
    const certificate = await makeCertificate(folder, 'apiserver');
    const bench = new LedgerBench(certificate, await ScriptedApi.start(certificate));
    onTestFinished(async () => {
      await bench.watch.stop?.();
      await bench.api.close();
      await rm(folder, { recursive: true });
    });
    return bench;
  }

  private constructor(certificate: Certificate, api: ScriptedApi) {
    this.api = api;
    const config: ProberConfig = {
      probes: [definition(api, 'append'), definition(api, 'watch')],
      caPem: certificate.cert,
      client: { certPem: certificate.cert, keyPem: certificate.key },
      ledger: { namespace: 'holdfast', id: 'try', keys: 3 },
      noiseWindowMs: 1000,
      maxDurationMs: 10_000,
    };
    const tls = tlsMaterial(config);
    const say = (seen: SeenLine['seen']): void => {
      if (seen.type === 'watch') this.seen.push(seen);
    };
    const settings = config.probes.map((one) => ({ definition: one, config, tls, say }));
    [this.writer, this.watch] = programsFor(settings) as [SeriesProgram, SeriesProgram];
  }

  append(): Promise<Reading> {
    return this.writer.take(tick()) as Promise<Reading>;
  }

  watched(): Promise<Reading | undefined> {
    return this.watch.take(tick());
  }

  records(): readonly ApiObject[] {
    return this.api.objects(CONFIG_MAPS);
  }

  recordNumbers(): readonly number[] {
    return this.records().map(({ metadata }) => Number(metadata.labels?.['holdfast.record']));
  }

  revisionOf(record: number): number {
    const object = this.records().find(
      ({ metadata }) => metadata.labels?.['holdfast.record'] === `${record}`,
    );
    return Number(object?.metadata.resourceVersion);
  }
}

function tick(): { readonly startNs: bigint; readonly lateMs: number; readonly lost: number } {
  return { startNs: process.hrtime.bigint(), lateMs: 0, lost: 0 };
}

function definition({ url }: ScriptedApi, task: 'append' | 'watch'): ProbeDefinition {
  return {
    name: task === 'append' ? 'api-write' : 'api-watch',
    kind: 'https',
    url: `${url}${CONFIG_MAPS}`,
    connection: 'reused',
    intervalMs: 50,
    timeoutMs: LEDGER_TIMEOUT_MS,
    capability: task === 'append' ? 'api-write' : 'api-watch',
    authenticated: true,
    task,
  };
}
