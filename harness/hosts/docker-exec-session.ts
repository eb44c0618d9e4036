// One `docker exec` as the engine's API gives it.
import { PassThrough, type Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { asError } from '../core/errors.ts';
import { letTimePass, waitFor, withTimeout } from '../core/wait.ts';
import {
  KILL_TIMEOUT_MS,
  killTagged,
  newTag,
  type Session,
  type SessionEnd,
  type SessionRequest,
} from './session.ts';

/** SIGKILL, and what the engine says when the container died before the command could begin. */
const EXIT_CODES_OF_DEATH: readonly (number | null)[] = [null, 126, 137];
const DEATH_QUESTIONS = 10;
const DEATH_INTERVAL_MS = 50;

/** Starts a command in a running container. Rejects with the engine's own error when it cannot be started. */
export async function openExecSession(
  docker: Docker,
  name: string,
  request: SessionRequest,
): Promise<Session> {
  const tag = newTag();
  const container = docker.getContainer(name);
  const abort = request.signal && { abortSignal: request.signal };
  const openedAtMs = Date.now();
  const exec = await container.exec({
    Cmd: [...request.argv],
    Env: [tag],
    AttachStdin: request.stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...abort,
  });
  const connection = await exec.start({ hijack: true, stdin: request.stdin, ...abort });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  docker.modem.demuxStream(connection, stdout, stderr);
  const ended = endOf(connection).then(async (lost) => {
    stdout.end();
    stderr.end();
    return howItEnded(container, exec, openedAtMs, lost);
  });
  return {
    stdin: connection,
    stdout,
    stderr,
    ended,
    kill: (signal) => signalTagged(container, tag, signal),
    disconnect: () => connection.destroy(),
  };
}

function endOf(connection: Duplex): Promise<Error | undefined> {
  return new Promise((resolve) => {
    connection.once('end', () => {
      resolve(undefined);
    });
    connection.once('close', () => {
      resolve(undefined);
    });
    // A command that does not read its stdin to the end resets the connection: then its exit code still counts.
    connection.on('error', resolve);
  });
}

async function howItEnded(
  container: Docker.Container,
  exec: Docker.Exec,
  openedAtMs: number,
  lost: Error | undefined,
): Promise<SessionEnd> {
  const cause = lost && { cause: lost };
  try {
    // The engine closes the stream a moment before it books the exit code.
    const exitCode = await waitFor('exit code', { timeoutMs: 3000, intervalMs: 20 }, async () => {
      const info = await exec.inspect();
      return info.Running ? { missing: 'the command still runs' } : { done: info.ExitCode };
    });
    if (EXIT_CODES_OF_DEATH.includes(exitCode)) {
      const death = await deathOf(container, openedAtMs);
      if (death !== undefined) return { reason: death, ...cause };
    }
    return exitCode === null ? { reason: 'ended without an exit code', ...cause } : { exitCode };
  } catch (thrown) {
    const death = await deathOf(container, openedAtMs).catch((again: unknown) => asError(again).message);
    return { reason: death ?? 'connection lost; the command may still run', cause: asError(thrown) };
  }
}

/**
 * Why a container could not let a command end by itself; undefined when it runs all the while. The engine books a
 * container's death some milliseconds after that of the commands in it, so it is asked for a while.
 */
async function deathOf(container: Docker.Container, openedAtMs: number): Promise<string | undefined> {
  for (let question = 1; question <= DEATH_QUESTIONS; question += 1) {
    const { State: state } = await container.inspect();
    // It may be up again by now; then it began after the command did.
    if (!state.Running || Date.parse(state.StartedAt) > openedAtMs) return 'host powered off';
    if (question < DEATH_QUESTIONS) await letTimePass(DEATH_INTERVAL_MS);
  }
  return undefined;
}

async function signalTagged(
  container: Docker.Container,
  tag: string,
  signal: 'TERM' | 'KILL',
): Promise<void> {
  const exec = await container.exec({
    Cmd: [...killTagged(tag, signal)],
    AttachStdout: true,
    AttachStderr: true,
  });
  const connection = await exec.start({ hijack: true });
  connection.resume();
  await withTimeout(`SIG${signal} to what was left`, KILL_TIMEOUT_MS, endOf(connection)).finally(() =>
    connection.destroy(),
  );
}
