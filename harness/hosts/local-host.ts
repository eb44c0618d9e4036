// This machine as a host: where a prober runs when no other machine is to be the client. As whoever runs the harness.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { asError, HoldfastError } from '../core/errors.ts';
import { shellQuote } from '../core/host.ts';
import { withTimeout } from '../core/wait.ts';
import { exitCodeOf } from './exit-code.ts';
import { SessionHost } from './session-host.ts';
import {
  KILL_TIMEOUT_MS,
  killTagged,
  newTag,
  type Session,
  type SessionEnd,
  type SessionRequest,
} from './session.ts';

const DIAL_LIMIT_MS = 5_000;

export class LocalHost extends SessionHost {
  async dial(address: string, port: number): Promise<Duplex> {
    const socket = connect({ host: address, port });
    try {
      await withTimeout(`connection to ${address}:${port}`, DIAL_LIMIT_MS, once(socket, 'connect'));
      return socket;
    } catch (thrown) {
      socket.destroy();
      throw new HoldfastError(`${this.name} gets no connection to ${address}:${port}`, { cause: thrown });
    }
  }

  protected override async openSession({ argv, stdin }: SessionRequest): Promise<Session> {
    const tag = newTag();
    const [name = '', value = ''] = tag.split('=');
    const [file = '', ...rest] = argv;
    const child = spawn(file, rest, { env: { ...process.env, [name]: value }, stdio: 'pipe' });
    const ended = new Promise<SessionEnd>((resolve) => {
      child.once('close', (code, signal) => resolve({ exitCode: exitCodeOf(code, signal) }));
    });
    // What is written to a command that has ended is nobody's loss: how it ended is told by its exit code.
    child.stdin.on('error', () => undefined);
    await once(child, 'spawn');
    if (!stdin) child.stdin.end();
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      ended,
      kill: (signal) => killAll(tag, signal),
      disconnect: () => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      },
    };
  }

  protected override pasteable(argv: readonly string[]): string {
    return shellQuote(argv);
  }

  protected override whyNotOpened(error: Error): string {
    return `not started: ${asError(error).message}`;
  }
}

async function killAll(tag: string, signal: 'TERM' | 'KILL'): Promise<void> {
  const [file = '', ...rest] = killTagged(tag, signal);
  const killer = spawn(file, rest, { stdio: 'ignore' });
  await withTimeout(`SIG${signal} to what was left`, KILL_TIMEOUT_MS, once(killer, 'close'));
}
