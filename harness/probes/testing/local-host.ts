// A host that is this machine, for tests that run the real prober. Commands are real child processes.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Host, HostStream } from '../../core/host.ts';

export interface LocalHost extends Host {
  /** Process numbers of all that was streamed. */
  readonly pids: readonly number[];
  /** Closes the standard input of all that was streamed, as the end of the harness does. */
  endInput(): void;
}

/** @param folder where uploads go, whatever their folder on a real host would be */
export function localHost(folder: string): LocalHost {
  const children: ChildProcessWithoutNullStreams[] = [];
  const local = (path: string): string => (path.startsWith('/') ? join(folder, basename(path)) : path);
  const cannot = (): Promise<never> => Promise.reject(new Error('no test needs this'));
  return {
    name: 'observer',
    address: '127.0.0.1',
    get pids() {
      return children.map(({ pid }) => pid ?? 0);
    },
    endInput: () => children.forEach(({ stdin }) => stdin.end()),
    run: cannot,
    download: cannot,
    dial: cannot,
    upload: (path, content) => writeFile(local(path), content),
    stream: ([command = '', ...argv]) => Promise.resolve(stream(command, argv.map(local), children)),
  };
}

function stream(
  command: string,
  argv: readonly string[],
  children: ChildProcessWithoutNullStreams[],
): HostStream {
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  child.stdin.on('error', () => undefined);
  const stderr = text(child.stderr);
  const done = once(child, 'close').then(async ([exitCode]: (number | null)[]) => ({
    exitCode: exitCode ?? undefined,
    stderr: await stderr,
    ...(exitCode === null && { reason: `ended by ${child.signalCode ?? 'nobody'}` }),
  }));
  return {
    lines: createInterface({ input: child.stdout }),
    done,
    write: (line) => void child.stdin.write(line),
    close: async () => {
      child.stdin.end();
      child.kill('SIGKILL');
      await done;
    },
  };
}
