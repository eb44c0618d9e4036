// What a series asks and where, from its definition.
import net, { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import type { ProbeDefinition } from '../../core/record.ts';
import type { Target } from './exchange.ts';
import { httpRequest } from './request.ts';
import type { SeriesSetting, TlsMaterial } from './series.ts';

/** For HTTP/1.1; a GET of the definition's URL. */
export function targetOf({ definition, tls: material }: Pick<SeriesSetting, 'definition' | 'tls'>): Target {
  const { host: authority, pathname, search } = new URL(definition.url);
  const openSocket = opener(definition, material);
  return {
    // What comes is read as latin1, so that a character is a byte.
    open: () => ({ socket: openSocket().setEncoding('latin1') }),
    request: httpRequest({
      method: 'GET',
      path: `${pathname}${search}`,
      authority,
      connection: definition.connection === 'new' ? 'close' : 'keep-alive',
    }),
    timeoutMs: definition.timeoutMs,
    answererOf: (socket) => material.answererOf(socket),
  };
}

/** Gives sockets that have just begun to connect. */
export function opener(
  { kind, url, authenticated }: ProbeDefinition,
  material: TlsMaterial,
  more: Pick<tls.ConnectionOptions, 'ALPNProtocols'> = {},
): () => Socket {
  const { hostname: host, port: urlPort } = new URL(url);
  const port = Number(urlPort === '' ? (kind === 'https' ? 443 : 80) : urlPort);
  // An error after the sample is over is nobody's.
  const quiet = <T extends Socket>(socket: T): T => socket.on('error', () => undefined);
  if (kind !== 'https') return () => quiet(net.connect({ host, port }));
  // Without a session to resume, each handshake is a whole one. An address is no name for SNI (RFC 6066 §3).
  const options = {
    host,
    port,
    secureContext: material.contextFor(authenticated === true),
    ...(isIP(host) === 0 && { servername: host }),
    ...more,
  };
  return () => quiet(tls.connect(options));
}
