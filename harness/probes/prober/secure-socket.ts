// TLS sockets whose peer's certificate is read once and cheaply.
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import tls, { type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';

/**
 * As tls.connect, for options with `host`; the peer's certificate and name are verified as there.
 *
 * Node turns the whole chain into objects before it asks checkServerIdentity: a third of what a handshake costs, and
 * more than 0.4 ms. Here it gets the peer's certificate as it is, and the name is checked by OpenSSL. Node gives that
 * certificate out only once (Node 20), so it is kept.
 */
export function connectSecurely(options: ConnectionOptions & { readonly host: string }): TLSSocket {
  const { host } = options;
  const socket: TLSSocket = tls.connect({
    ...options,
    // An address is no name for SNI (RFC 6066 §3).
    ...(isIP(host) === 0 && { servername: host }),
    checkServerIdentity: () => mismatch(socket.getPeerX509Certificate(), host),
  });
  const read = socket.getPeerX509Certificate.bind(socket);
  let certificate: X509Certificate | undefined;
  socket.getPeerX509Certificate = () => (certificate ??= read());
  socket.getPeerCertificate = () => UNUSED;
  return socket;
}

/** What Node hands to checkServerIdentity, which does not look at it. */
const UNUSED = {} as PeerCertificate & tls.DetailedPeerCertificate;

function mismatch(certificate: X509Certificate | undefined, host: string): Error | undefined {
  if (!certificate) return new Error('the server showed no certificate');
  const matches = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  if (matches !== undefined) return undefined;
  return new Error(`the certificate is not for ${host} but for ${certificate.subjectAltName ?? 'nobody'}`);
}
