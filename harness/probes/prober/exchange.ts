// One GET on one connection with its own limit, and what kind of failure it was if it failed.
import net, { isIP, type Socket } from 'node:net';
import tls, { TLSSocket, type SecureContext } from 'node:tls';
import type { FailureKind, ProbeDefinition } from '../../core/record.ts';
import { asError } from '../../core/errors.ts';
import { readResponse } from './response.ts';

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
  /** A socket that has just begun to connect. */
  open(): Socket;
  readonly request: string;
  /** Limit on a sample, from its start. */
  readonly timeoutMs: number;
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

export function targetOf(definition: ProbeDefinition, secureContext: SecureContext | undefined): Target {
  const { hostname: host, host: authority, port: urlPort, pathname, search } = new URL(definition.url);
  const port = Number(urlPort === '' ? (definition.kind === 'https' ? 443 : 80) : urlPort);
  const connection = definition.connection === 'new' ? 'close' : 'keep-alive';
  // Without a session to resume, each handshake is a whole one. An address is no name for SNI (RFC 6066 §3).
  const tlsOptions = {
    ...(secureContext && { secureContext }),
    ...(isIP(host) === 0 && { servername: host }),
  };
  return {
    open: () => {
      const socket =
        definition.kind === 'https'
          ? tls.connect({ host, port, ...tlsOptions })
          : net.connect({ host, port });
      // An error after the sample is over is nobody's.
      return socket.setEncoding('latin1').on('error', () => undefined);
    },
    request: `GET ${pathname}${search} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: holdfast\r\nConnection: ${connection}\r\n\r\n`,
    timeoutMs: definition.timeoutMs,
  };
}

/** Never rejects. The socket stays open only after a complete answer whose sender keeps it open. */
export function exchange(
  socket: Socket,
  target: Target,
  startNs: bigint,
  request = target.request,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let text = '';
    let sent = false;
    const settle = (rest: Omit<Outcome, 'durationMs' | 'sent'>, keep = false): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose).off(readyEvent, send);
      if (!keep) socket.destroySoon();
      resolve({ durationMs: msSince(startNs), sent, ...rest });
    };
    const onData = (chunk: string): void => {
      text += chunk;
      readOn(false);
    };
    /** @returns whether the answer is complete, or no answer at all */
    const readOn = (ended: boolean): boolean => {
      try {
        const response = readResponse(text, ended);
        if (!response) return false;
        const { status, closes } = response;
        settle(status >= 200 && status < 300 ? {} : { failure: 'status', status }, !closes && !ended);
      } catch (thrown) {
        onError(asError(thrown));
      }
      return true;
    };
    const onError = (error: Error): void => {
      settle(describeFailure(error, socket));
      socket.destroy();
    };
    const onClose = (): void => {
      if (!readOn(true)) settle({ failure: 'reset', detail: 'closed before the answer was complete' });
    };
    const send = (): void => {
      sent = true;
      socket.write(request);
    };
    const readyEvent = socket instanceof TLSSocket ? 'secureConnect' : 'connect';
    const timer = setTimeout(
      () => {
        settle({ failure: 'timeout' });
        socket.destroy();
      },
      Math.max(1, target.timeoutMs - msSince(startNs)),
    );
    socket.on('data', onData).on('error', onError).on('close', onClose);
    if (socket.connecting) socket.once(readyEvent, send);
    else send();
  });
}

export function msSince(startNs: bigint): number {
  return Number(process.hrtime.bigint() - startNs) / 1e6;
}

function describeFailure(error: NodeJS.ErrnoException, socket: Socket): Omit<Outcome, 'durationMs' | 'sent'> {
  // Whatever is no network error, and comes before the peer has proven who it is, is the handshake's.
  const inHandshake = socket instanceof TLSSocket && !socket.authorized;
  const failure = KIND_BY_CODE.get(error.code) ?? (inHandshake ? 'tls' : 'other');
  return { failure, detail: error.message.slice(0, 200) };
}
