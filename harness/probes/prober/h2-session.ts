// One HTTP/2 connection to an apiserver, for lists and watches, that notices within a second when its peer is gone.
import http2, { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { asError } from '../../core/errors.ts';
import type { TlsMaterial } from './series.ts';
import { opener } from './target.ts';
import { type WatchEvent, WatchLines } from './watch-lines.ts';

export interface H2SessionOptions {
  readonly url: string;
  readonly tls: TlsMaterial;
  /** Limit on the connection and its handshakes. */
  readonly connectTimeoutMs: number;
  /** Between two PING frames (RFC 9113 section 6.7). */
  readonly pingIntervalMs: number;
  /** Limit on the answer to each. */
  readonly pingTimeoutMs: number;
}

export class H2Session {
  /** Why it ended. Never rejects. */
  readonly ended: Promise<string>;
  readonly #session: ClientHttp2Session;
  readonly #options: H2SessionOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #over = false;
  #settleEnd: (reason: string) => void = () => undefined;

  constructor(options: H2SessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#settleEnd = resolve));
    const { url, tls } = options;
    const open = opener({ kind: 'https', url, authenticated: true }, tls, { ALPNProtocols: ['h2'] });
    this.#session = http2.connect(url, { createConnection: open });
    const limit = this.#after(options.connectTimeoutMs, 'not connected');
    this.#session.once('connect', () => {
      this.#clear(limit);
      this.#timers.add(setInterval(() => this.#ping(), options.pingIntervalMs));
    });
    this.#session.on('error', (error: NodeJS.ErrnoException) => this.end(error.code ?? error.message));
    this.#session.once('goaway', () => this.end('GOAWAY'));
    this.#session.once('close', () => this.end('connection closed'));
  }

  /** Ends the connection and all that is on it. Only the first reason counts. */
  end(reason: string): void {
    this.#over = true;
    this.#settleEnd(reason);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    // Not from within one of the session's own callbacks, where this may be: Node 20 then corrupts its heap.
    setImmediate(() => this.#session.destroy());
  }

  /**
   * @returns the parsed JSON of a 200
   * @throws Error with the status or the failure, or when there is no whole answer in time
   */
  get(path: string, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const stream = this.#request(path);
      const fail = (reason: string): void => {
        clearTimeout(limit);
        reject(new Error(`${path}: ${reason}`));
        stream.close(constants.NGHTTP2_CANCEL);
      };
      const limit = setTimeout(() => fail(`not answered after ${timeoutMs} ms`), timeoutMs);
      let status = 0;
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (text += chunk));
      stream.once('response', (headers) => (status = headers[':status'] ?? 0));
      stream.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      stream.once('end', () => {
        clearTimeout(limit);
        if (status !== 200) {
          fail(`HTTP status ${status}`);
          return;
        }
        try {
          resolve(JSON.parse(text));
        } catch (thrown) {
          fail(asError(thrown).message);
        }
      });
      stream.once('close', () => fail('closed before the answer was complete'));
    });
  }

  /** The end of a watch ends the session: which of its events were missed, only lists can say. */
  watch(path: string, onEvent: (event: WatchEvent) => void): void {
    const stream = this.#request(path);
    const lines = new WatchLines();
    stream.setEncoding('utf8');
    stream.once('response', ({ ':status': status }) => {
      if (status !== 200) this.end(`${path}: HTTP status ${status ?? 'missing'}`);
    });
    stream.on('data', (chunk: string) => {
      if (this.#over) return;
      try {
        for (const event of lines.push(chunk)) onEvent(event);
      } catch (thrown) {
        this.end(`${path}: ${asError(thrown).message}`);
      }
    });
    stream.on('error', (error: NodeJS.ErrnoException) => this.end(`${path}: ${error.code ?? error.message}`));
    stream.once('close', () => this.end(`${path}: ended by the server`));
  }

  #request(path: string): ClientHttp2Stream {
    return this.#session.request({ ':path': path, accept: 'application/json', 'user-agent': 'holdfast' });
  }

  #ping(): void {
    const limit = this.#after(this.#options.pingTimeoutMs, 'PING not answered');
    this.#session.ping((error) => {
      if (!error) this.#clear(limit);
    });
  }

  #after(timeoutMs: number, what: string): NodeJS.Timeout {
    const timer = setTimeout(() => this.end(`${what} after ${timeoutMs} ms`), timeoutMs);
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
