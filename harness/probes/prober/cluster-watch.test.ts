// The watch on the cluster against HTTP/2 servers that go away, stand still, or fall behind their store.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../core/wait.ts';
import type { SeenLine } from '../protocol.ts';
import { ScriptedApi } from '../testing/scripted-api.ts';
import { makeCertificate } from '../testing/scripted-servers.ts';
import { startClusterWatch } from './cluster-watch.ts';
import { tlsMaterial } from './tls-material.ts';

const NODES = '/api/v1/nodes';
const PODS = '/api/v1/pods';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const TIMING = {
  connectTimeoutMs: 300,
  pingIntervalMs: 50,
  pingTimeoutMs: 200,
  listTimeoutMs: 300,
  attemptIntervalMs: 50,
  leaseSilenceMs: 400,
  eventAllowanceMs: 50,
};

type Seen = SeenLine['seen'];

describe('the watch on the cluster', () => {
  it('tells the state that it finds, and then what changes', async () => {
    const bench = await Bench.start(1);
    await bench.told(({ type }) => type === 'lease');
    expect(bench.seen).toMatchObject([
      { type: 'cluster.watch', host: 'm1', change: 'opened' },
      { type: 'node', node: 'n1', ready: 'True' },
      { type: 'pod', pod: 'default/a', ready: true },
      { type: 'lease', lease: 'kube-scheduler', holder: 'm1' },
    ]);
    bench.setNode('Unknown');
    await bench.told((seen) => seen.type === 'node' && seen.ready === 'Unknown');
    bench.all((api) => api.remove(PODS, 'a'));
    await bench.told((seen) => seen.type === 'pod' && seen.deleted === 'gone');
    bench.renew();
    await bench.told((seen) => seen.type === 'lease', 2);
    expect(bench.seen).toHaveLength(7);
  });

  it('goes on with the next server when its own is gone, and tells only what differs', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    const told = bench.seen.length;
    bench.setNode('False');
    await bench.told((seen) => seen.type === 'node' && seen.ready === 'False');
    await bench.api(0).close();
    await bench.opened('m2');
    expect(bench.seen.slice(told)).toMatchObject([
      { type: 'node', ready: 'False' },
      { type: 'cluster.watch', host: 'm1', change: 'closed' },
      {
        type: 'cluster.watch',
        host: 'm2',
        change: 'opened',
        detail: expect.stringMatching(/^after \d+ ms/) as string,
      },
    ]);
  });

  it('goes on when its server stands still and answers no PING', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    bench.freeze(0);
    await bench.opened('m2');
    expect(
      bench.seen.find((seen) => seen.type === 'cluster.watch' && seen.change === 'closed'),
    ).toMatchObject({
      host: 'm1',
      detail: `PING not answered after ${TIMING.pingTimeoutMs} ms`,
    });
  });

  it('tells, when it can see again, that it asked in vain, and paces its attempts', async () => {
    const bench = await Bench.start(2, (api) => (api.listStatus = 500));
    await sleep(500);
    expect(bench.seen).toEqual([]);
    const attempts = bench.urls().filter((url) => url === NODES).length;
    expect(attempts).toBeGreaterThan(2);
    expect(attempts).toBeLessThanOrEqual(11);
    bench.all((api) => (api.listStatus = 200));
    await bench.told(({ type }) => type === 'cluster.watch');
    expect(bench.seen[0]).toMatchObject({
      detail: expect.stringMatching(/attempts before failed, m\d: .*HTTP status 500$/) as string,
    });
  });

  it('stays where no leader renews its lease and the store says the same', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    await sleep(3 * TIMING.leaseSilenceMs);
    expect(bench.seen.filter(({ type }) => type === 'cluster.watch')).toHaveLength(1);
    expect(bench.urls().filter((url) => url === LEASES).length).toBeGreaterThanOrEqual(3);
  });

  it('goes on when the store holds what its server does not tell', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    bench.api(0).mute = true;
    bench.renew();
    await bench.opened('m2');
    expect(
      bench.seen.find((seen) => seen.type === 'cluster.watch' && seen.change === 'closed'),
    ).toMatchObject({
      detail: expect.stringContaining('the watch fell behind the list') as string,
    });
    await bench.told((seen) => seen.type === 'lease', 2);
  });

  it('goes on when its server has lost its store', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    bench.api(0).listStatus = 500;
    await bench.opened('m2');
  });

  it('begins afresh when a watch ends', async () => {
    const bench = await Bench.start(2);
    await bench.opened('m1');
    // It is said that a watch is open when it is asked for.
    await waitFor('three watches', { timeoutMs: 1000, intervalMs: 10 }, () => {
      const { openWatches } = bench.api(0);
      return Promise.resolve(
        openWatches === 3 ? { done: undefined } : { missing: `${openWatches} are open` },
      );
    });
    bench.api(0).endWatches('end');
    await bench.opened('m2');
  });
});

class Bench {
  readonly seen: Seen[] = [];
  readonly #apis: ScriptedApi[] = [];
  readonly #proxies: Proxy[] = [];

  static async start(servers: number, prepare: (api: ScriptedApi) => void = () => undefined): Promise<Bench> {
    const bench = new Bench();
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-cluster-'));
    const { cert, key } = await makeCertificate(folder, 'apiserver');
    for (let index = 0; index < servers; index += 1) {
      const api = await ScriptedApi.start({ cert, key });
      prepare(api);
      bench.#apis.push(api);
      bench.#proxies.push(await startProxy(api.port));
    }
    bench.setNode('True');
    bench.all((api) => api.put(PODS, podObject()));
    bench.renew();
    const client = { certPem: cert, keyPem: key };
    const tls = tlsMaterial({ probes: [], caPem: cert, client, noiseWindowMs: 1000, maxDurationMs: 1000 });
    const config = {
      servers: bench.#proxies.map(({ port }, index) => ({
        host: `m${index + 1}`,
        url: `https://127.0.0.1:${port}`,
      })),
    };
    const watch = startClusterWatch(config, tls, (seen) => void bench.seen.push(seen), TIMING);
    onTestFinished(async () => {
      await watch.stop();
      bench.#proxies.forEach((proxy) => proxy.close());
      await Promise.all(bench.#apis.map((api) => api.close().catch(() => undefined)));
      await rm(folder, { recursive: true });
    });
    return bench;
  }

  api(index: number): ScriptedApi {
    const api = this.#apis[index];
    if (!api) throw new Error(`no server ${index}`);
    return api;
  }

  all(change: (api: ScriptedApi) => unknown): void {
    this.#apis.forEach(change);
  }

  freeze(index: number): void {
    this.#proxies[index]?.freeze();
  }

  urls(): readonly string[] {
    return this.#apis.flatMap(({ urls }) => urls);
  }

  setNode(status: string): void {
    const conditions = [{ type: 'Ready', status }];
    this.all((api) => api.put(NODES, { metadata: { name: 'n1' }, status: { conditions } }));
  }

  renew(): void {
    const spec = { holderIdentity: 'm1_7d', leaseTransitions: 0, leaseDurationSeconds: 15 };
    this.all((api) =>
      api.put(LEASES, { metadata: { name: 'kube-scheduler', namespace: 'kube-system' }, spec }),
    );
  }

  opened(host: string): Promise<void> {
    const isIt = (seen: Seen): boolean =>
      seen.type === 'cluster.watch' && seen.change === 'opened' && seen.host === host;
    return this.told(isIt);
  }

  async told(isIt: (seen: Seen) => boolean, times = 1): Promise<void> {
    await waitFor('something told', { timeoutMs: 3000, intervalMs: 10 }, () => {
      const found = this.seen.filter(isIt).length >= times;
      return Promise.resolve(found ? { done: undefined } : { missing: JSON.stringify(this.seen) });
    });
  }
}

function podObject(): Parameters<ScriptedApi['put']>[1] {
  return {
    metadata: { name: 'a', namespace: 'default' },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

interface Proxy {
  readonly port: number;
  /** From now on nothing gets through, and no connection ends. */
  freeze(): void;
  close(): void;
}

async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (chunk) => other.write(chunk));
      socket.on('error', () => undefined).once('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => sockets.forEach((socket) => socket.pause()),
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
