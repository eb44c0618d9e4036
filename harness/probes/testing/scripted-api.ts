// As much of an apiserver as the ledger and the watches need: collections with versions, lists, creates and watches over
// HTTP/1.1 and HTTP/2, whose failures the test scripts.
import http2, { type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Certificate } from './scripted-servers.ts';

export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly [part: string]: unknown;
}

type NewObject = Omit<ApiObject, 'metadata'> & {
  readonly metadata: Omit<ApiObject['metadata'], 'resourceVersion' | 'name'> & {
    readonly name?: string;
    readonly generateName?: string;
  };
};

/** What becomes of a create: a number is a status without a write. */
export type CreateScript = 'good' | 'lost' | 'reset' | 'written, unanswered' | 'another answer' | number;

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR';
  readonly object: ApiObject | { readonly metadata: object; readonly code: number; readonly message: string };
}

interface Watch {
  readonly path: string;
  readonly response: Http2ServerResponse;
}

export class ScriptedApi {
  create: CreateScript = 'good';
  /** Status of a watch that is asked for. */
  watchStatus = 200;
  /** Watches stay open and tell nothing. */
  mute = false;
  /** Watches from a version are told that it is gone. */
  compacted = false;
  listStatus = 200;
  creates = 0;
  /** Of every request, in order. */
  readonly urls: string[] = [];
  readonly #collections = new Map<string, Map<string, ApiObject>>();
  readonly #history: { readonly path: string; readonly event: Event; readonly version: number }[] = [];
  readonly #watches = new Set<Watch>();
  readonly #sockets = new Set<Socket>();
  readonly #server;
  #version = 100;

  private constructor(certificate: Certificate) {
    this.#server = http2.createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)));
    });
  }

  static async start(certificate: Certificate, port = 0): Promise<ScriptedApi> {
    const api = new ScriptedApi(certificate);
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return api;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  objects(path: string): readonly ApiObject[] {
    return [...this.#collection(path).values()];
  }

  put(path: string, { metadata, ...rest }: NewObject): ApiObject {
    this.#version += 1;
    const name = metadata.name ?? `${metadata.generateName ?? ''}${this.#version.toString(36)}`;
    const object = { ...rest, metadata: { ...metadata, name, resourceVersion: String(this.#version) } };
    const type = this.#collection(path).has(name) ? 'MODIFIED' : 'ADDED';
    this.#collection(path).set(name, object);
    this.#tell(path, { type, object });
    return object;
  }

  remove(path: string, name: string): void {
    const object = this.#collection(path).get(name);
    this.#collection(path).delete(name);
    this.#version += 1;
    if (object) this.#tell(path, { type: 'DELETED', object });
  }

  /** Ends the watches as a server does that shuts down, or resets all connections. */
  endWatches(how: 'end' | 'reset'): void {
    if (how === 'end') this.#watches.forEach(({ response }) => response.end());
    else this.#sockets.forEach((socket) => socket.resetAndDestroy());
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#sockets.forEach((socket) => socket.destroy());
    });
  }

  #collection(path: string): Map<string, ApiObject> {
    const collection = this.#collections.get(path) ?? new Map<string, ApiObject>();
    this.#collections.set(path, collection);
    return collection;
  }

  #tell(path: string, event: Event): void {
    this.#history.push({ path, event, version: this.#version });
    if (this.mute) return;
    for (const watch of this.#watches) {
      if (watch.path === path) watch.response.write(`${JSON.stringify(event)}\n`);
    }
  }

  async #answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    this.urls.push(request.url);
    const url = new URL(request.url, this.url);
    if (request.method === 'POST') {
      this.#create(url.pathname, JSON.parse(await text(request)) as NewObject, response);
    } else if (url.searchParams.has('watch')) {
      this.#watch(url, response);
    } else {
      const items = this.objects(url.pathname);
      const list = { metadata: { resourceVersion: String(this.#version) }, items };
      response.writeHead(this.listStatus).end(JSON.stringify(list));
    }
  }

  #create(path: string, object: NewObject, response: Http2ServerResponse): void {
    this.creates += 1;
    const script = this.create;
    if (typeof script === 'number') {
      response.writeHead(script).end(JSON.stringify({ kind: 'Status', message: 'scripted' }));
    } else if (script === 'reset') {
      this.endWatches('reset');
    } else if (script !== 'lost') {
      const written = this.put(path, object);
      const answer = script === 'another answer' ? { metadata: { resourceVersion: '7' } } : written;
      if (script !== 'written, unanswered') response.writeHead(201).end(JSON.stringify(answer));
    }
  }

  #watch(url: URL, response: Http2ServerResponse): void {
    response.writeHead(this.watchStatus);
    if (this.watchStatus !== 200) {
      response.end('{"message":"scripted"}');
      return;
    }
    const { pathname: path } = url;
    const from = url.searchParams.get('resourceVersion');
    if (from !== null && this.compacted) {
      const object = { metadata: {}, code: 410, message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    // So that the head is sent at once, with or without events, as by an apiserver.
    response.write('\n');
    const missed =
      from === null
        ? this.objects(path).map((object): Event => ({ type: 'ADDED', object }))
        : this.#history
            .filter((one) => one.path === path && one.version > Number(from))
            .map(({ event }) => event);
    if (!this.mute) missed.forEach((event) => response.write(`${JSON.stringify(event)}\n`));
    const watch = { path, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
  }
}
