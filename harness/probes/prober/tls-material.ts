// The configuration's certificates, and what a server's own says of it.
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ProberConfig } from '../protocol.ts';
import type { TlsMaterial } from './series.ts';

export const UNKNOWN_SERVER = 'unknown';

/** @throws Error when a certificate or key of the configuration cannot be read */
export function tlsMaterial({ caPem, client, servers }: ProberConfig): TlsMaterial {
  const trust = caPem === undefined ? {} : { ca: caPem };
  let anonymous: SecureContext | undefined;
  const withClient = client && createSecureContext({ ...trust, cert: client.certPem, key: client.keyPem });
  return {
    contextFor: (authenticated) => {
      if (!authenticated) return (anonymous ??= createSecureContext(trust));
      if (!withClient) throw new Error('an authenticated series needs a client certificate');
      return withClient;
    },
    answererOf: (socket) => {
      if (!servers) return undefined;
      const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
      return servers[fingerprint.replaceAll(':', '').toLowerCase()] ?? UNKNOWN_SERVER;
    },
  };
}
