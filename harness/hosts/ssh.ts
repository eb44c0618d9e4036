// A host that is reached over SSH.
import { PassThrough, type Duplex, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ClientChannel } from 'ssh2';
import { asError, HoldfastError } from '../core/errors.ts';
import { shellQuote } from '../core/host.ts';
import { LimitReached, whenAborted, withLimit } from '../core/wait.ts';
import { exitCodeOf } from './exit-code.ts';
import { SessionHost } from './session-host.ts';
import { KILL_TIMEOUT_MS, killTagged, newTag } from './session.ts';
import type { Session, SessionEnd, SessionRequest } from './session.ts';
import type { SshConnections } from './ssh/connections.ts';
import { isSudoRefusal, sudoError } from './ssh/errors.ts';
import { sshWords } from './ssh/target.ts';

const DIAL_LIMIT_MS = 15_000;

export interface SshHostOptions {
  /** On the cluster's network; where SSH finds the host may be another one. */
  readonly address: string;
  readonly connections: SshConnections;
}

export class SshHost extends SessionHost {
  readonly #connections: SshConnections;
  #sudoProof: Promise<void> | undefined;

  constructor({ address, connections }: SshHostOptions) {
    super(connections.target.name, address);
    this.#connections = connections;
  }

  /**
   * Proves that commands can be run as asked for. Not needed before the first of them: it does the same.
   * @throws HostKeyError, SshConnectError, SudoError, or UsageError when there is nothing to log in with
   */
  async connect(): Promise<void> {
    if (this.#connections.target.sudo) return this.#proveSudo();
    drop(await this.#connections.exec('true'));
  }

  /** Whatever is open is closed, and opened anew when it is needed. */
  close(): void {
    this.#connections.close();
  }

  async dial(address: string, port: number): Promise<Duplex> {
    try {
      return await withLimit(DIAL_LIMIT_MS, undefined, (signal) =>
        unlessAborted(signal, this.#connections.forwardOut(address, port), (late) => void late.destroy()),
      );
    } catch (thrown) {
      const isForbidden = /administratively prohibited/i.test(asError(thrown).message);
      throw new HoldfastError(
        `${this.name} opens no connection to ${address}:${port}: ${asError(thrown).message}`,
        {
          cause: thrown,
          ...(isForbidden && { hint: `set "AllowTcpForwarding yes" in the sshd_config of ${this.name}` }),
        },
      );
    }
  }

  protected override async openSession({ argv, stdin, signal }: SessionRequest): Promise<Session> {
    const tag = newTag();
    const kill = (name: 'TERM' | 'KILL'): Promise<void> => this.#kill(tag, name);
    // The tag goes with the command: sshd accepts no variable that its AcceptEnv does not name, and sudo none at all.
    const opening = this.#exec(['env', tag, ...argv]);
    const channel = await unlessAborted(signal, opening, (late) => {
      drop(late);
      kill('KILL').catch(() => undefined);
    });
    // What is written to a command that has ended is nobody's loss: how it ended is told by its exit code.
    channel.on('error', () => undefined);
    if (!stdin) channel.end();
    return {
      stdin: channel,
      stdout: allOf(channel),
      stderr: allOf(channel.stderr),
      ended: endOf(channel),
      kill,
      disconnect: () => channel.close(),
    };
  }

  /** What root may do can be taken away at any time, and some commands answer with the same exit code as sudo then does. */
  protected override readonly refusal = (exitCode: number, stderr: string): Error | undefined => {
    const { target } = this.#connections;
    if (!target.sudo || exitCode !== 1 || !isSudoRefusal(stderr)) return undefined;
    this.#sudoProof = undefined;
    return sudoError(target, stderr);
  };

  protected override pasteable(argv: readonly string[]): string {
    return shellQuote([...sshWords(this.#connections.target), '--', this.#line(argv)]);
  }

  protected override whyNotOpened(error: Error): string {
    return error instanceof LimitReached ? error.message : `not started: ${error.message}`;
  }

  /** What the user's shell is given: any POSIX shell reads it so. */
  #line(argv: readonly string[]): string {
    return shellQuote([...(this.#connections.target.sudo ? ['sudo', '-n', '--'] : []), ...argv]);
  }

  async #exec(argv: readonly string[]): Promise<ClientChannel> {
    if (this.#connections.target.sudo) await this.#proveSudo();
    return this.#connections.exec(this.#line(argv));
  }

  /** Once: sudo's refusal would else be taken for the failure of each command, in the command's name. */
  #proveSudo(): Promise<void> {
    this.#sudoProof ??= this.#askSudo().catch((thrown: unknown) => {
      this.#sudoProof = undefined;
      throw thrown;
    });
    return this.#sudoProof;
  }

  async #askSudo(): Promise<void> {
    const channel = await this.#connections.exec(this.#line(['env', 'true']));
    const words = text(allOf(channel.stderr));
    channel.resume();
    channel.end();
    const end = await endOf(channel);
    if (!('exitCode' in end)) throw new Error(end.reason);
    if (end.exitCode !== 0) throw sudoError(this.#connections.target, await words);
  }

  /** A connection on which not even this gets through is given up. */
  async #kill(tag: string, name: 'TERM' | 'KILL'): Promise<void> {
    try {
      await withLimit(KILL_TIMEOUT_MS, undefined, async (signal) => {
        const channel = await unlessAborted(signal, this.#exec(killTagged(tag, name)), drop);
        channel.resume();
        channel.end();
        const end = await unlessAborted(signal, endOf(channel), () => undefined);
        if (!('exitCode' in end)) throw new Error(end.reason);
      });
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }
}

/** @param tooLate told what comes when nobody waits for it any more */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
  tooLate: (value: T) => void,
): Promise<T> {
  if (!signal) return work;
  const first = await Promise.race([work.then((value) => ({ value })), whenAborted(signal)]);
  if (first) return first.value;
  work.then(tooLate).catch(() => undefined);
  throw asError(signal.reason);
}

function drop(channel: ClientChannel): void {
  channel.resume();
  channel.close();
}

/**
 * All that comes, read at once and kept until somebody wants it: a channel that is not read to its end is never closed, and
 * one that is full stops the other stream of its command too.
 */
function allOf(stream: Readable): Readable {
  const kept = new PassThrough();
  stream.on('data', (chunk: Buffer) => void kept.write(chunk));
  stream.once('end', () => void kept.end());
  return kept;
}

/** Resolves when the channel is closed, which it is when all output has been read. */
function endOf(channel: ClientChannel): Promise<SessionEnd> {
  return new Promise((resolve) => {
    // What the "exit" event tells is told again here: that one may come before anybody can listen for it.
    channel.once('close', (code: number | null | undefined, signal?: string) =>
      resolve(
        code === undefined
          ? { reason: 'connection lost; the command may still run' }
          : { exitCode: exitCodeOf(code, signal) },
      ),
    );
  });
}
