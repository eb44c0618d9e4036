// The harness's own watch on nodes, pods and leader-election leases: straight to one apiserver, to the next when that one
// is gone, and never through the VIP, which is under test.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterWatchConfig } from '../protocol.ts';
import { asError } from '../../core/errors.ts';
import { ClusterState, type Kind } from './cluster-state.ts';
import { msSince } from './exchange.ts';
import { H2Session } from './h2-session.ts';
import type { Say, TlsMaterial, Watcher } from './series.ts';
import type { WatchedObject, WatchEvent } from './watch-lines.ts';

const PATHS: Readonly<Record<Kind, string>> = {
  node: '/api/v1/nodes',
  pod: '/api/v1/pods',
  lease: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
};
const KINDS = ['node', 'pod', 'lease'] as const;

export interface ClusterWatchTiming {
  /** Limit on a connection and its handshakes. */
  readonly connectTimeoutMs: number;
  /** Between two PINGs. */
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly listTimeoutMs: number;
  /** Between the beginnings of two attempts. */
  readonly attemptIntervalMs: number;
  /** Leases are renewed every two seconds: after this, either nobody leads or this watch no longer tells. */
  readonly leaseSilenceMs: number;
  /** For an event on its way, before a list that is ahead of the watch proves that the watch is behind. */
  readonly eventAllowanceMs: number;
}

const TIMING: ClusterWatchTiming = {
  connectTimeoutMs: 1000,
  pingIntervalMs: 500,
  pingTimeoutMs: 1000,
  listTimeoutMs: 2000,
  attemptIntervalMs: 250,
  leaseSilenceMs: 5000,
  eventAllowanceMs: 500,
};

type Server = ClusterWatchConfig['servers'][number];

interface ObjectList {
  readonly metadata: { readonly resourceVersion?: string };
  readonly items: readonly WatchedObject[];
}

/**
 * Says cluster.watch when it begins and ends to see, and node, pod and lease for what changed, stamped when it arrived.
 * What changed while nothing was watched is said when the next list tells it.
 */
export function startClusterWatch(
  config: ClusterWatchConfig,
  tls: TlsMaterial,
  say: Say,
  timing: ClusterWatchTiming = TIMING,
): Watcher {
  const watch = new ClusterWatch(config, tls, say, timing);
  const ended = watch.run();
  return {
    stop: async () => {
      watch.stop();
      await ended;
    },
  };
}

class ClusterWatch {
  readonly #config: ClusterWatchConfig;
  readonly #tls: TlsMaterial;
  readonly #say: Say;
  readonly #timing: ClusterWatchTiming;
  readonly #state: ClusterState;
  readonly #stopping = new AbortController();
  #session: H2Session | undefined;
  #blindSince = process.hrtime.bigint();
  #failures: string[] = [];
  #lastLeaseNs = 0n;

  constructor(config: ClusterWatchConfig, tls: TlsMaterial, say: Say, timing: ClusterWatchTiming) {
    this.#config = config;
    this.#state = new ClusterState(config.hostnames);
    this.#tls = tls;
    this.#say = say;
    this.#timing = timing;
  }

  stop(): void {
    this.#stopping.abort();
    this.#session?.end('the watch was stopped');
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { servers } = this.#config;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const server = servers[attempt % servers.length];
      if (!server) return;
      const startNs = process.hrtime.bigint();
      await this.#watch(server);
      const pauseMs = Math.max(0, this.#timing.attemptIntervalMs - msSince(startNs));
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when this server no longer tells anything. */
  async #watch(server: Server): Promise<void> {
    const session = new H2Session({ url: server.url, tls: this.#tls, ...this.#timing });
    this.#session = session;
    try {
      const lists = await Promise.all(KINDS.map((kind) => this.#list(session, kind)));
      this.#opened(server, session, lists);
    } catch (thrown) {
      session.end(asError(thrown).message);
      this.#failures.push(`${server.host}: ${await session.ended}`);
      return;
    }
    const silence = this.#watchForSilence(session);
    const reason = await session.ended;
    await silence;
    this.#blindSince = process.hrtime.bigint();
    this.#say({ type: 'cluster.watch', host: server.host, change: 'closed', detail: reason });
  }

  #opened(server: Server, session: H2Session, lists: readonly ObjectList[]): void {
    const gapMs = Math.round(msSince(this.#blindSince));
    const failed = this.#failures.splice(0);
    const more = failed.length === 0 ? '' : `; ${failed.length} attempts before failed, ${failed.at(-1)}`;
    const detail = `after ${gapMs} ms without${more}`;
    this.#say({ type: 'cluster.watch', host: server.host, change: 'opened', detail });
    this.#lastLeaseNs = process.hrtime.bigint();
    for (const [index, kind] of KINDS.entries()) {
      const { metadata, items } = lists[index] as ObjectList;
      for (const seen of this.#state.replace(kind, items)) this.#say(seen);
      const version = metadata.resourceVersion ?? '';
      session.watch(`${PATHS[kind]}?watch=1&resourceVersion=${version}`, (event) =>
        this.#onEvent(session, kind, event),
      );
    }
  }

  #onEvent(session: H2Session, kind: Kind, event: WatchEvent): void {
    const atNs = process.hrtime.bigint();
    if (event.type === 'ERROR') {
      session.end(`${PATHS[kind]}: ERROR ${event.object.code ?? ''} ${event.object.message ?? ''}`.trim());
      return;
    }
    if (kind === 'lease') this.#lastLeaseNs = atNs;
    for (const seen of this.#state.apply(kind, event)) this.#say(seen, atNs);
  }

  /**
   * A server that has lost its store still answers PINGs and keeps its watches open. Silence alone does not tell it from a
   * cluster in which no leader renews its lease; a list with quorum does.
   */
  async #watchForSilence(session: H2Session): Promise<void> {
    const { leaseSilenceMs, eventAllowanceMs } = this.#timing;
    const over = new AbortController();
    void session.ended.then(() => over.abort());
    const pause = async (pauseMs: number): Promise<void> => {
      await sleep(pauseMs, undefined, { signal: over.signal });
    };
    try {
      for (;;) {
        await pause(Math.max(eventAllowanceMs, leaseSilenceMs - msSince(this.#lastLeaseNs)));
        if (msSince(this.#lastLeaseNs) < leaseSilenceMs) continue;
        const { items } = await this.#list(session, 'lease');
        await pause(eventAllowanceMs);
        if (!this.#state.isUpToDate('lease', items)) throw new Error('the watch fell behind the list');
        this.#lastLeaseNs = process.hrtime.bigint();
      }
    } catch (thrown) {
      session.end(`no lease event for ${leaseSilenceMs} ms, and ${asError(thrown).message}`);
    }
  }

  /** Without a version: with quorum, not from the server's cache. */
  async #list(session: H2Session, kind: Kind): Promise<ObjectList> {
    return (await session.get(PATHS[kind], this.#timing.listTimeoutMs)) as ObjectList;
  }
}
