// One SSH connection: its server's key compared, watched by keep-alives.
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { asError } from '../../core/errors.ts';
import { authMethods } from './credentials.ts';
import { connectError, hostKeyError, type HostKeyError } from './errors.ts';
import { keyType, knownKeys, knownName, standingOf, type KnownKey } from './known-hosts.ts';
import type { SshTarget } from './target.ts';

const READY_TIMEOUT_MS = 15_000;
/** A host that is gone without a word is noticed at the fourth of these: after 8 s. */
const KEEPALIVE_INTERVAL_MS = 2_000;
const KEEPALIVES_MAX = 3;

export interface SshConnection {
  /** Runs a line in the user's shell. Rejects when the server opens no more channels, or the connection is gone. */
  exec(line: string): Promise<ClientChannel>;
  forwardOut(address: string, port: number): Promise<Duplex>;
  /** Resolves when the connection is no more. Never rejects. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Nothing was sent: the connection was gone before. */
export class NotConnectedError extends Error {}

/**
 * @param openTransport the byte stream to the server, or undefined: TCP of this machine
 * @throws HostKeyError, SshConnectError, or UsageError when there is nothing to log in with
 */
export async function connect(
  target: SshTarget,
  openTransport: () => Promise<Duplex | undefined>,
): Promise<SshConnection> {
  const client = new Client();
  const authHandler = authMethods(target, process.env);
  const { files, alias, unchecked } = target.hostKeys;
  const known = unchecked ? [] : knownKeys(files, alias ?? knownName(target.host, target.port));
  let refusal: HostKeyError | undefined;
  let lost: Error | undefined;
  const transport = await openTransport();
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error & { readonly level?: string }): void => {
      // An agent that does not answer is one way less to log in; the others are tried.
      if (error.level === 'agent') return;
      lost ??= error;
      client.destroy();
      reject(refusal ?? connectError(target, error));
    };
    client.on('error', fail);
    client.once('close', () => fail(new Error('the server closed the connection')));
    client.once('ready', () => resolve());
    client.connect({
      host: target.host,
      port: target.port,
      username: target.user,
      ...(transport && { sock: transport }),
      authHandler,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: KEEPALIVE_INTERVAL_MS,
      keepaliveCountMax: KEEPALIVES_MAX,
      algorithms: { serverHostKey: keyAlgorithms(known) },
      hostVerifier: (key: Buffer) => {
        if (unchecked) return true;
        const standing = standingOf(key, known);
        if (standing.kind === 'known') return true;
        refusal = hostKeyError(target, key, standing);
        return false;
      },
    });
    // Commands are small and wait for their answer: Nagle's algorithm would hold them back.
    client.setNoDelay(true);
  });
  return connectionOf(client, closed, () => lost);
}

function connectionOf(client: Client, closed: Promise<void>, lost: () => Error | undefined): SshConnection {
  type Callback<T> = (error: Error | undefined, value: T) => void;
  const ask = <T>(question: (callback: Callback<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const answer: Callback<T> = (error, value) => {
        const why = lost();
        if (!error) resolve(value);
        else reject(why ? new Error(`connection lost: ${why.message}`, { cause: error }) : error);
      };
      try {
        question(answer);
      } catch (thrown) {
        // ssh2 throws at once when the connection is gone already.
        reject(new NotConnectedError(asError(thrown).message, { cause: thrown }));
      }
    });
  return {
    closed,
    close: () => void client.destroy(),
    exec: (line) => ask((callback) => client.exec(line, callback)),
    forwardOut: (address, port) =>
      ask((callback) => client.forwardOut('127.0.0.1', 0, address, port, callback)),
  };
}

/** What ssh2 knows but ssh-dss, and SHA-1 last. */
const KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;
type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** A server has several keys: it is to present one that is known. An RSA key signs in three ways (RFC 8332). */
export function keyAlgorithms(known: readonly KnownKey[]): KeyAlgorithm[] {
  const types = new Set(known.map(({ base64 }) => keyType(Buffer.from(base64, 'base64'))));
  const isKnown = (algorithm: KeyAlgorithm): boolean =>
    types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return [...KEY_ALGORITHMS.filter(isKnown), ...KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}
