// A host that is a container: every command reaches it through `docker exec`, out of band of the lab's network.
import { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { shellQuote } from '../core/host.ts';
import { httpStatusOf } from '../core/http-status.ts';
import { whenAborted, withLimit } from '../core/wait.ts';
import { openExecSession } from './docker-exec-session.ts';
import { SessionHost } from './session-host.ts';
import type { Session, SessionRequest } from './session.ts';

export interface DockerExecHostOptions {
  readonly docker: Docker;
  readonly name: string;
  readonly address: string;
  /** The container's name, as it stands in the pasteable lines of errors. */
  readonly container: string;
}

const DIAL_TIMEOUT_S = 5;
/** For the engine to start socat, and for socat's own limit. */
const DIAL_LIMIT_MS = 15_000;
const NO_CONNECTION = { reason: `no connection within ${DIAL_LIMIT_MS} ms` };

export class DockerExecHost extends SessionHost {
  readonly #docker: Docker;
  readonly #container: string;

  constructor(options: DockerExecHostOptions) {
    super(options.name, options.address);
    this.#docker = options.docker;
    this.#container = options.container;
  }

  async dial(address: string, port: number): Promise<Duplex> {
    const startedAt = performance.now();
    // -d -d makes socat tell when it is connected; without it a refused connection would look like an early end.
    const argv = ['socat', '-d', '-d', '-', `TCP:${address}:${port},connect-timeout=${DIAL_TIMEOUT_S}`];
    const session = await withLimit(DIAL_LIMIT_MS, undefined, (signal) =>
      this.open({ argv, stdin: true, signal }),
    );
    let log = '';
    const connected = new Promise<void>((resolve) => {
      session.stderr.on('data', (chunk: Buffer) => {
        if (log.includes('starting data transfer loop')) return;
        log += chunk.toString('utf8');
        if (log.includes('starting data transfer loop')) resolve();
      });
    });
    const over = await withLimit(DIAL_LIMIT_MS, undefined, (signal) =>
      Promise.race([connected, session.ended, whenAborted(signal).then(() => NO_CONNECTION)]),
    );
    if (!over) return Duplex.from({ readable: session.stdout, writable: session.stdin });
    session.disconnect();
    throw this.failure(argv, startedAt, { ...over, stderr: log });
  }

  protected override openSession(request: SessionRequest): Promise<Session> {
    return openExecSession(this.#docker, this.#container, request);
  }

  protected override pasteable(argv: readonly string[], stdin: boolean): string {
    return shellQuote(['docker', 'exec', ...(stdin ? ['-i'] : []), this.#container, ...argv]);
  }

  protected override whyNotOpened(error: Error): string {
    const status = httpStatusOf(error);
    if (status === 404) return 'host does not exist';
    if (status !== 409) return `not started: ${error.message}`;
    const { message } = error;
    return message.includes('paused') && !message.includes('is not running')
      ? 'host paused'
      : 'host powered off';
  }
}
