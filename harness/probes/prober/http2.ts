// GETs over HTTP/2 (RFC 9113): each on a connection of its own, or many at once on one that is kept.
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describeFailure, leftMs, msBetween, msSince, type Outcome, statusFailure } from './exchange.ts';
import type { SeriesSetting } from './series.ts';
import { opener } from './target.ts';

/** Asks once; the limit runs from `startNs`. Never rejects. */
export type AskHttp2 = (startNs: bigint) => Promise<Outcome>;

interface Http2Target {
  open(): Socket;
  readonly origin: string;
  readonly headers: OutgoingHttpHeaders;
  readonly timeoutMs: number;
  answererOf(socket: TLSSocket): string | undefined;
}

type Ending = Pick<Outcome, 'failure' | 'detail' | 'status'>;

/** As much of a failed answer's body as a reason may need. */
const REASON_LENGTH = 4096;

export function http2TargetOf({ definition, tls }: Pick<SeriesSetting, 'definition' | 'tls'>): Http2Target {
  const { origin, host, pathname, search } = new URL(definition.url);
  return {
    open: opener(definition, tls, { ALPNProtocols: ['h2'] }),
    origin,
    headers: {
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': host,
      ':path': `${pathname}${search}`,
      'user-agent': 'holdfast',
    },
    timeoutMs: definition.timeoutMs,
    answererOf: (socket) => tls.answererOf(socket),
  };
}

export function onNewSessions(target: Http2Target): AskHttp2 {
  return async (startNs) => {
    const connection = new Http2Connection(target, startNs);
    const outcome = await connection.ask(startNs);
    connection.end({ failure: 'other' });
    return outcome;
  };
}

/**
 * Requests do not wait for each other, but what ends the connection ends all that are on it.
 *
 * A request that reaches its limit ends the connection if nothing at all came on it since that request began: its other
 * end is gone. client-go waits for that up to 45 s (a ping after 30 s of silence, 15 s for its answer), in which every
 * request of a client on a dead connection fails, whoever holds the address. If something else was answered
 * meanwhile, the connection lives, and only the request is cancelled.
 */
export function onOneSession(target: Http2Target): AskHttp2 {
  let connection: Http2Connection | undefined;
  return (startNs) => {
    if (!connection?.usable) connection = new Http2Connection(target, startNs);
    return connection.ask(startNs);
  };
}

class Http2Connection {
  readonly #target: Http2Target;
  readonly #socket: Socket;
  readonly #openedNs: bigint;
  readonly #requests = new Set<Http2Request>();
  #session: ClientHttp2Session | undefined;
  #connectedNs: bigint | undefined;
  #securedNs: bigint | undefined;
  #answeredBy: string | undefined;
  #heardNs = 0n;
  #ended = false;

  constructor(target: Http2Target, startNs: bigint) {
    this.#target = target;
    this.#openedNs = startNs;
    this.#socket = target.open();
    this.#socket
      .once('connect', () => (this.#connectedNs = process.hrtime.bigint()))
      .once('secureConnect', () => this.#onSecure())
      .once('error', (error) => this.end(describeFailure(error, this.#socket)))
      .once('close', () => this.end({ failure: 'reset', detail: 'closed before the answer was complete' }));
  }

  /** Whether another request may be put on it. */
  get usable(): boolean {
    return !this.#ended && !(this.#session?.closed ?? false);
  }

  async ask(startNs: bigint): Promise<Outcome> {
    const request = new Http2Request(startNs, this.#target.timeoutMs, () => this.#onTimeout(request));
    this.#requests.add(request);
    if (this.#session) this.#send(request);
    const outcome = await request.outcome;
    this.#requests.delete(request);
    return { ...outcome, ...this.#phases(startNs) };
  }

  /** Ends all that is under way on it. */
  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const request of this.#requests) request.settle(ending);
    // Not from within one of the session's own callbacks, where this may be: Node 20 then corrupts its heap.
    setImmediate(() => {
      this.#session?.destroy();
      this.#socket.destroy();
    });
  }

  #onSecure(): void {
    const socket = this.#socket;
    if (this.#ended || !(socket instanceof TLSSocket)) return;
    this.#securedNs = process.hrtime.bigint();
    this.#answeredBy = this.#target.answererOf(socket);
    if (socket.alpnProtocol !== 'h2') {
      this.end({ failure: 'tls', detail: 'the server did not agree to HTTP/2 (ALPN)' });
      return;
    }
    this.#session = http2
      .connect(this.#target.origin, { createConnection: () => socket, settings: { enablePush: false } })
      .on('error', (error: Error) => this.end(describeFailure(error, socket)))
      .on('close', () => this.end({ failure: 'reset', detail: 'closed before the answer was complete' }));
    for (const request of this.#requests) this.#send(request);
  }

  #send(request: Http2Request): void {
    if (!this.#session || request.isOver) return;
    const stream = this.#session.request(this.#target.headers, { endStream: true });
    request.sendOn(stream, this.#socket, () => (this.#heardNs = process.hrtime.bigint()));
  }

  #onTimeout(request: Http2Request): void {
    request.settle({ failure: 'timeout' });
    if (this.#heardNs >= request.startNs) return;
    this.end({ failure: 'timeout', detail: 'was on a connection that ended with an earlier request' });
  }

  /** Connect and handshake belong to the request for which the connection was opened. */
  #phases(startNs: bigint): Partial<Outcome> {
    const opened = startNs === this.#openedNs;
    const [connectedNs, securedNs] = [this.#connectedNs, this.#securedNs];
    return {
      ...(opened && connectedNs !== undefined && { connectMs: msBetween(startNs, connectedNs) }),
      ...(opened &&
        connectedNs !== undefined &&
        securedNs !== undefined && { tlsMs: msBetween(connectedNs, securedNs) }),
      ...(this.#answeredBy !== undefined && { answeredBy: this.#answeredBy }),
    };
  }
}

class Http2Request {
  readonly startNs: bigint;
  readonly outcome: Promise<Outcome>;
  readonly #timer: NodeJS.Timeout;
  #resolve: ((outcome: Outcome) => void) | undefined;
  #stream: ClientHttp2Stream | undefined;
  #sentNs: bigint | undefined;
  #firstByteNs: bigint | undefined;
  #status = 0;
  #body = '';

  constructor(startNs: bigint, timeoutMs: number, onTimeout: () => void) {
    this.startNs = startNs;
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(onTimeout, leftMs(startNs, timeoutMs));
  }

  get isOver(): boolean {
    return this.#resolve === undefined;
  }

  sendOn(stream: ClientHttp2Stream, socket: Socket, onHeard: () => void): void {
    this.#stream = stream;
    this.#sentNs = process.hrtime.bigint();
    stream
      .on('response', (headers) => {
        onHeard();
        this.#firstByteNs = process.hrtime.bigint();
        this.#status = headers[':status'] ?? 0;
      })
      .on('data', (chunk: Buffer) => {
        onHeard();
        if (!this.#isGood() && this.#body.length < REASON_LENGTH) this.#body += chunk.toString('utf8');
      })
      // A stream that the server resets ends, too, but with a code.
      .on('end', () => {
        if (stream.rstCode === 0 && this.#status !== 0) this.settle(this.#judge());
      })
      .on('error', (error: Error) => this.settle(streamFailure(error, socket)))
      .on('close', () => this.settle({ failure: 'reset', detail: `stream closed (code ${stream.rstCode})` }));
  }

  /** Idempotent: the first word counts. */
  settle(ending: Ending): void {
    const resolve = this.#resolve;
    if (!resolve) return;
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    if (ending.failure === 'timeout') this.#stream?.close(http2.constants.NGHTTP2_CANCEL);
    const [sentNs, firstByteNs] = [this.#sentNs, this.#firstByteNs];
    resolve({
      durationMs: msSince(this.startNs),
      sent: sentNs !== undefined,
      ...(sentNs !== undefined &&
        firstByteNs !== undefined && { firstByteMs: msBetween(sentNs, firstByteNs) }),
      ...ending,
    });
  }

  #isGood(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  #judge(): Ending {
    return this.#isGood() ? {} : statusFailure(this.#status, this.#body);
  }
}

/** What the server or the session did to a stream is a reset, unless the network beneath says more. */
function streamFailure(error: NodeJS.ErrnoException, socket: Socket): Ending {
  const described = describeFailure(error, socket);
  return (error.code ?? '').startsWith('ERR_HTTP2_') ? { ...described, failure: 'reset' } : described;
}
