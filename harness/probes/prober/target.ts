// What a series asks and where, from its definition.
import net, { type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ProbeDefinition } from '../../core/record.ts';
import type { Target } from './exchange.ts';
import { httpRequest } from './request.ts';
import { connectSecurely } from './secure-socket.ts';
import type { SeriesSetting, TlsMaterial } from './series.ts';

/** For HTTP/1.1; a GET of the definition's URL. */
export function targetOf({ definition, tls }: Pick<SeriesSetting, 'definition' | 'tls'>): Target {
  const { host: authority, pathname, search } = new URL(definition.url);
  const openSocket = opener(definition, tls);
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
    // A member of etcd shows a certificate of its own, which tells of no apiserver.
    answererOf: (socket) => (definition.capability === 'etcd' ? undefined : tls.answererOf(socket)),
  };
}

/** Gives sockets that have just begun to connect; without a session to resume, each handshake is a whole one. */
export function opener(
  {
    kind,
    url,
    authenticated,
    capability,
  }: Pick<ProbeDefinition, 'kind' | 'url' | 'authenticated'> & Partial<Pick<ProbeDefinition, 'capability'>>,
  material: TlsMaterial,
  more: Pick<ConnectionOptions, 'ALPNProtocols'> = {},
): () => Socket {
  const { hostname: host, port: urlPort } = new URL(url);
  const port = Number(urlPort === '' ? (kind === 'https' ? 443 : 80) : urlPort);
  // An error after the sample is over is nobody's.
  const quiet = <T extends Socket>(socket: T): T => socket.on('error', () => undefined);
  if (kind !== 'https') return () => quiet(net.connect({ host, port }));
  const as = capability === 'etcd' ? 'etcd' : authenticated === true ? 'client' : 'nobody';
  const options = { host, port, secureContext: material.contextFor(as), ...more };
  return () => quiet(connectSecurely(options));
}
