// Commands on the machine that holdfast itself runs on: iptables, ip, apt-get. Same errors as on a host.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CommandError } from '../core/errors.ts';
import { shellQuote, type RunOptions, type RunResult } from '../core/host.ts';
import { LimitReached, withLimit } from '../core/wait.ts';

export interface LocalRunOptions extends RunOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told every line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Runs argv without a shell. @throws CommandError when it cannot be started, fails, or reaches its limit (SIGKILL) */
export async function runLocal(argv: readonly string[], options: LocalRunOptions = {}): Promise<RunResult> {
  return withLimit(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal, (signal) =>
    runUntil(signal, argv, options),
  );
}

async function runUntil(
  signal: AbortSignal,
  argv: readonly string[],
  options: LocalRunOptions,
): Promise<RunResult> {
  const startedAt = performance.now();
  const [program = '', ...words] = argv;
  const child = spawn(program, words, {
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
    signal,
    killSignal: 'SIGKILL',
  });
  const outputs = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (outputs[name] += text));
    if (options.onLine) createInterface({ input: child[name] }).on('line', options.onLine);
  }
  // A program that does not read its input to the end is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);

  const end = await new Promise<{ exitCode: number | undefined; reason?: string; cause?: Error }>(
    (resolve) => {
      child.on('error', (cause) => {
        const reason = signal.reason instanceof LimitReached ? signal.reason.message : cause.message;
        resolve({ exitCode: undefined, reason, cause });
      });
      child.on('close', (exitCode, killedBy) => {
        resolve(
          exitCode === null
            ? { exitCode: undefined, reason: `ended by ${killedBy ?? 'a signal'}` }
            : { exitCode },
        );
      });
    },
  );
  const durationMs = performance.now() - startedAt;
  if (end.exitCode !== undefined && (options.acceptExitCodes ?? [0]).includes(end.exitCode)) {
    return { exitCode: end.exitCode, ...outputs, durationMs };
  }
  const { cause, ...how } = end;
  throw new CommandError(
    { host: 'this machine', commandLine: shellQuote(argv), durationMs, ...outputs, ...how },
    { ...(cause && { cause }) },
  );
}

/** Whether a program can be started by its name. */
export async function hasProgram(name: string): Promise<boolean> {
  const argv = ['sh', '-c', 'command -v "$1"', 'sh', name];
  return (await runLocal(argv, { acceptExitCodes: [0, 1, 127] })).exitCode === 0;
}
