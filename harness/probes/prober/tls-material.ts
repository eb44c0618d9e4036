// The configuration's certificates, and what a server's own says of it.
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ProberConfig } from '../protocol.ts';
import type { TlsMaterial } from './series.ts';

export const UNKNOWN_SERVER = 'unknown';

/** @throws Error when a certificate or key of the configuration cannot be read */
export function tlsMaterial({ caPem, client, etcd, servers }: ProberConfig): TlsMaterial {
  const trust = caPem === undefined ? {} : { ca: caPem };
  let anonymous: SecureContext | undefined;
  const withClient = client && createSecureContext({ ...trust, cert: client.certPem, key: client.keyPem });
  const withEtcd = etcd && createSecureContext({ ca: etcd.caPem, cert: etcd.certPem, key: etcd.keyPem });
  const hosts = servers && new Map(Object.entries(servers).map(([hex, host]) => [asNodeWritesIt(hex), host]));
  return {
    contextFor: (as) => {
      if (as === 'nobody') return (anonymous ??= createSecureContext(trust));
      if (as === 'etcd') {
        if (!withEtcd)
          throw new Error('a series that asks etcd over TLS needs a client certificate of its own');
        return withEtcd;
      }
      if (!withClient) throw new Error('an authenticated series needs a client certificate');
      return withClient;
    },
    answererOf: (socket) => {
      if (!hosts) return undefined;
      return hosts.get(socket.getPeerX509Certificate()?.fingerprint256 ?? '') ?? UNKNOWN_SERVER;
    },
  };
}

/** "ab01…" as "AB:01:…". */
function asNodeWritesIt(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
}
