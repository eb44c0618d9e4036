// DNS: an A query over UDP, straight to one server.
import { Resolver } from 'node:dns';
import type { FailureKind, ProbeDefinition } from '../../core/record.ts';
import { leftMs, msSince, type Outcome } from './exchange.ts';

/** What the server itself answered: it is there, and says no. */
const ANSWERS: ReadonlySet<string | undefined> = new Set([
  'ENOTFOUND',
  'ENODATA',
  'ESERVFAIL',
  'EREFUSED',
  'EFORMERR',
  'ENOTIMP',
]);

/**
 * A query for each sample, from a socket and so a source port of its own, as with a C library's resolver: on a kept one,
 * connection tracking may hold on to a server that is gone.
 * @throws Error when the URL is not dns://<address>:<port>/<name>
 */
export function dnsAsk({ url, timeoutMs }: ProbeDefinition): (startNs: bigint) => Promise<Outcome> {
  const [, server, name] = /^dns:\/\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
  if (server === undefined || name === undefined) {
    throw new Error(`"${url}" is not dns://<address>:<port>/<name>`);
  }
  return (startNs) => {
    // One try, and longer than the sample: repeating belongs to the cadence.
    const resolver = new Resolver({ timeout: 2 * timeoutMs, tries: 1 });
    resolver.setServers([server]);
    return query(resolver, name, startNs, timeoutMs);
  };
}

function query(resolver: Resolver, name: string, startNs: bigint, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (failure?: FailureKind, detail?: string): void => {
      clearTimeout(timer);
      resolve({
        durationMs: msSince(startNs),
        sent: true,
        ...(failure !== undefined && { failure }),
        ...(detail !== undefined && { detail }),
      });
    };
    const onTimeout = (): void => {
      settle('timeout');
      resolver.cancel();
    };
    const timer = setTimeout(onTimeout, leftMs(startNs, timeoutMs));
    resolver.resolve4(name, (error) => {
      if (!error) settle();
      else settle(kindOf(error), `${error.code ?? error.message} ${name}`);
    });
  });
}

function kindOf({ code }: NodeJS.ErrnoException): FailureKind {
  if (ANSWERS.has(code)) return 'status';
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEOUT' ? 'timeout' : 'other';
}
