// One request on one HTTP/1.1 connection with its own limit: how long each phase took, who answered, and what kind of
// failure it was if it failed.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FailureKind } from '../../core/record.ts';
import { asError } from '../../core/errors.ts';
import { bodyOf, readResponse, reasonIn } from './response.ts';

export interface Outcome {
  readonly durationMs: number;
  /** undefined when the answer was 2xx and was read to its end. */
  readonly failure?: FailureKind;
  readonly status?: number;
  readonly detail?: string;
  /** Whether any of the request may have reached the server. */
  readonly sent: boolean;
  /** The answer's body, where the target asks for it. */
  readonly body?: string;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs?: number;
  /** The host whose certificate the server showed. */
  readonly answeredBy?: string;
}

/** What a series asks, and where. */
export interface Target {
  /** A connection that has just begun to be made. */
  open(): Connection;
  readonly request: string;
  /** Limit on a sample, from its start. */
  readonly timeoutMs: number;
  /** Outcomes carry the answer's body, whatever its status. */
  readonly keepsBody?: true;
  answererOf(socket: TLSSocket): string | undefined;
}

export interface Connection {
  readonly socket: Socket;
  /** Known after the handshake, and then for the connection's life. */
  answeredBy?: string | undefined;
}

const KIND_BY_CODE: ReadonlyMap<string | undefined, FailureKind> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
]);

/** Never rejects. The socket stays open only after a complete answer whose sender keeps it open. */
export function exchange(
  connection: Connection,
  target: Target,
  startNs: bigint,
  request = target.request,
): Promise<Outcome> {
  return new Promise((resolve) => new Exchange(connection, target, startNs, request, resolve).begin());
}

class Exchange {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #startNs: bigint;
  readonly #request: string;
  readonly #resolve: (outcome: Outcome) => void;
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #connectedNs: bigint | undefined;
  #securedNs: bigint | undefined;
  #sentNs: bigint | undefined;
  #firstByteNs: bigint | undefined;

  constructor(
    connection: Connection,
    target: Target,
    startNs: bigint,
    request: string,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#target = target;
    this.#startNs = startNs;
    this.#request = request;
    this.#resolve = resolve;
  }

  begin(): void {
    const socket = this.#socket;
    this.#timer = setTimeout(this.#onTimeout, leftMs(this.#startNs, this.#target.timeoutMs));
    socket.on('data', this.#onData).on('error', this.#onError).on('close', this.#onClose);
    if (!socket.connecting) {
      this.#send();
      return;
    }
    socket.on('connect', this.#onConnect);
    if (socket instanceof TLSSocket) socket.on('secureConnect', this.#onSecure);
  }

  readonly #onConnect = (): void => {
    this.#connectedNs = process.hrtime.bigint();
    if (!(this.#socket instanceof TLSSocket)) this.#send();
  };

  readonly #onSecure = (): void => {
    this.#securedNs = process.hrtime.bigint();
    if (this.#socket instanceof TLSSocket) {
      this.#connection.answeredBy = this.#target.answererOf(this.#socket);
    }
    this.#send();
  };

  #send(): void {
    this.#sentNs = process.hrtime.bigint();
    this.#socket.write(this.#request);
  }

  readonly #onData = (chunk: string): void => {
    this.#firstByteNs ??= process.hrtime.bigint();
    this.#text = this.#text === '' ? chunk : this.#text + chunk;
    this.#readOn(false);
  };

  /** @returns whether the answer is complete, or no answer at all */
  #readOn(ended: boolean): boolean {
    try {
      const response = readResponse(this.#text, ended);
      if (!response) return false;
      this.#settle(this.#judge(response.status), !response.closes && !ended);
    } catch (thrown) {
      this.#onError(asError(thrown));
    }
    return true;
  }

  #judge(status: number): Partial<Outcome> {
    const good = status >= 200 && status < 300;
    if (good && !this.#target.keepsBody) return {};
    const body = bodyOf(this.#text);
    const kept = this.#target.keepsBody && { body };
    return good ? { ...kept } : { ...statusFailure(status, body), ...kept };
  }

  readonly #onError = (error: Error): void => {
    this.#settle(describeFailure(error, this.#socket));
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    if (!this.#readOn(true)) {
      this.#settle({ failure: 'reset', detail: 'closed before the answer was complete' });
    }
  };

  readonly #onTimeout = (): void => {
    this.#settle({ failure: 'timeout' });
    this.#socket.destroy();
  };

  #settle(rest: Partial<Outcome>, keep = false): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    socket.off('data', this.#onData).off('error', this.#onError).off('close', this.#onClose);
    socket.off('connect', this.#onConnect).off('secureConnect', this.#onSecure);
    if (!keep) socket.destroySoon();
    this.#resolve({
      durationMs: msSince(this.#startNs),
      sent: this.#sentNs !== undefined,
      ...this.#phases(),
      ...rest,
    });
  }

  #phases(): Partial<Outcome> {
    const { answeredBy } = this.#connection;
    return {
      ...(this.#connectedNs !== undefined && { connectMs: msBetween(this.#startNs, this.#connectedNs) }),
      ...(this.#connectedNs !== undefined &&
        this.#securedNs !== undefined && { tlsMs: msBetween(this.#connectedNs, this.#securedNs) }),
      ...(this.#sentNs !== undefined &&
        this.#firstByteNs !== undefined && { firstByteMs: msBetween(this.#sentNs, this.#firstByteNs) }),
      ...(answeredBy !== undefined && { answeredBy }),
    };
  }
}

/** What is left of a sample's limit, for a timer: these count in whole milliseconds and would cut the rest off. */
export function leftMs(startNs: bigint, timeoutMs: number): number {
  return Math.max(1, Math.ceil(timeoutMs - msSince(startNs)));
}

export function msSince(startNs: bigint): number {
  return msBetween(startNs, process.hrtime.bigint());
}

export function msBetween(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / 1e6;
}

export function statusFailure(status: number, body: string): Pick<Outcome, 'failure' | 'status' | 'detail'> {
  const detail = reasonIn(body);
  return { failure: 'status', status, ...(detail !== undefined && { detail }) };
}

export function describeFailure(
  error: NodeJS.ErrnoException,
  socket: Socket,
): Pick<Outcome, 'failure' | 'detail'> {
  // Whatever is no network error, and comes before the peer has proven who it is, is the handshake's.
  const inHandshake = socket instanceof TLSSocket && !socket.authorized;
  const failure = KIND_BY_CODE.get(error.code) ?? (inHandshake ? 'tls' : 'other');
  return { failure, detail: error.message.slice(0, 200) };
}
