// The connections to one host: few, each with many channels, made anew when the host comes back.
import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { asError } from '../../core/errors.ts';
import { letTimePass } from '../../core/wait.ts';
import { connect, NotConnectedError, type SshConnection } from './connection.ts';
import { runProxyCommand } from './proxy-command.ts';
import type { SshTarget } from './target.ts';

/** sshd opens ten sessions a connection unless told otherwise (sshd_config(5), MaxSessions). */
const SESSIONS_MAX = 8;
/** With pauses that grow by 10 ms each: 2 s in all. */
const ATTEMPTS_MAX = 20;
const PAUSE_MS = 10;
/** How long sshd may count a session of which it has told the end. */
const COUNTED_ON_MS = 200;

interface Line {
  readonly connection: Promise<SshConnection>;
  sessions: number;
  /** performance.now() */
  lastEndAt: number;
}

export class SshConnections {
  readonly target: SshTarget;
  readonly #jump: SshConnections | undefined;
  #lines: readonly Line[] = [];
  /** Less when the server has refused more. */
  #sessionsMax = SESSIONS_MAX;

  /** @param jump the target's jump host, whose connections are its own: several hosts may be behind it */
  constructor(target: SshTarget, jump?: SshConnections) {
    this.target = target;
    this.#jump = jump;
  }

  /** @throws what `connect` throws, or what the server says of the session */
  async exec(line: string, attempt = 1): Promise<ClientChannel> {
    const free = this.#free();
    const others = free.sessions;
    free.sessions += 1;
    try {
      const channel = await (await free.connection).exec(line);
      channel.once('close', () => {
        free.sessions -= 1;
        free.lastEndAt = performance.now();
      });
      return channel;
    } catch (thrown) {
      free.sessions -= 1;
      if (attempt === ATTEMPTS_MAX) throw thrown;
      if (thrown instanceof NotConnectedError) this.#forget(free);
      else if (isRefusal(thrown)) await this.#giveWay(free, others, attempt);
      else throw thrown;
    }
    // The command has certainly not begun.
    return this.exec(line, attempt + 1);
  }

  async forwardOut(address: string, port: number): Promise<Duplex> {
    const free = this.#free();
    try {
      return await (await free.connection).forwardOut(address, port);
    } catch (thrown) {
      if (!(thrown instanceof NotConnectedError)) throw thrown;
      this.#forget(free);
      return this.forwardOut(address, port);
    }
  }

  /** Drops every connection: the next command makes a new one. */
  close(): void {
    for (const { connection } of this.#lines) connection.then((one) => one.close()).catch(() => undefined);
    this.#lines = [];
  }

  /** A server that opens no more sessions has enough of them, or counts one that has only just ended. */
  async #giveWay(line: Line, others: number, attempt: number): Promise<void> {
    const isSettled = performance.now() - line.lastEndAt > COUNTED_ON_MS;
    if (isSettled && others > 0) this.#sessionsMax = Math.min(this.#sessionsMax, others);
    await letTimePass(attempt * PAUSE_MS);
  }

  #free(): Line {
    const free = this.#lines.find(({ sessions }) => sessions < this.#sessionsMax);
    if (free) return free;
    const line: Line = {
      connection: connect(this.target, () => this.#transport()),
      sessions: 0,
      lastEndAt: 0,
    };
    this.#lines = [...this.#lines, line];
    const forget = (): void => this.#forget(line);
    line.connection.then(({ closed }) => closed.then(forget), forget);
    return line;
  }

  #forget(line: Line): void {
    this.#lines = this.#lines.filter((one) => one !== line);
  }

  async #transport(): Promise<Duplex | undefined> {
    const { host, port, proxyCommand } = this.target;
    if (this.#jump) return this.#jump.forwardOut(host, port);
    return proxyCommand === undefined ? undefined : runProxyCommand(this.target, proxyCommand);
  }
}

function isRefusal(thrown: unknown): boolean {
  return /channel open failure/i.test(asError(thrown).message);
}
