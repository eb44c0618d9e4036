// The errors that a person meets. Each knows the exit code of the CLI contract and, where there is one, the cure.

/** Exit codes of the CLI contract (docs/cli.md). Interruption is 128 + the signal's number. */
export const EXIT_CODES = {
  pass: 0,
  fail: 1,
  inconclusive: 2,
  usage: 3,
  environment: 4,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export interface HoldfastErrorOptions extends ErrorOptions {
  /** What the reader can do about it, as a sentence or a command line. */
  readonly hint?: string;
}

/** Any error with a message written for the person at the terminal. */
export class HoldfastError extends Error {
  readonly exitCode: ExitCode = EXIT_CODES.inconclusive;
  readonly hint: string | undefined;

  constructor(message: string, options: HoldfastErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** Wrong flags, wrong topology, wrong recorded run: nothing was touched. */
export class UsageError extends HoldfastError {
  override readonly exitCode = EXIT_CODES.usage;
}

/** This machine cannot do what was asked. */
export class EnvironmentError extends HoldfastError {
  override readonly exitCode = EXIT_CODES.environment;
}

/** A wait reached its limit. The message names what was waited for, the limit and the last answer. */
export class WaitTimeoutError extends HoldfastError {}

/** The run was told to stop (SIGINT, SIGTERM). */
export class InterruptedError extends HoldfastError {
  override readonly exitCode: ExitCode;
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
    this.signal = signal;
    this.exitCode = signal === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
  }
}

export interface CommandFailure {
  readonly host: string;
  /** The command as one line that can be pasted into a shell. */
  readonly commandLine: string;
  /** undefined when the command never finished (timeout, lost connection). */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** Why, in words, when there is no exit code. */
  readonly reason?: string;
}

/** The one error of the host seam: a command failed, timed out or never reached its host. */
export class CommandError extends HoldfastError {
  readonly failure: CommandFailure;

  constructor(failure: CommandFailure, options: HoldfastErrorOptions = {}) {
    super(describeFailure(failure), options);
    this.failure = failure;
  }
}

function describeFailure(failure: CommandFailure): string {
  const outcome = failure.reason ?? `exit code ${failure.exitCode ?? 'unknown'}`;
  const output = [failure.stderr, failure.stdout].map(lastLines).filter(Boolean).join('\n');
  const head = `${failure.host}: ${outcome} after ${Math.round(failure.durationMs)} ms: ${failure.commandLine}`;
  return output === '' ? head : `${head}\n${output}`;
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-15).join('\n').slice(-3000);
}

/** Any thrown value as an Error, its identity kept where it already is one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** An error and its causes as indented lines, without stacks: what a person needs first. */
export function explainError(thrown: unknown): string {
  const lines: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; current !== undefined && depth < 8; depth += 1) {
    const error = asError(current);
    lines.push(`${'  '.repeat(depth)}${depth === 0 ? '' : 'because '}${error.message}`);
    if (error instanceof AggregateError) {
      const indent = '  '.repeat(depth + 1);
      for (const one of error.errors) {
        const [first = '', ...others] = explainError(one).split('\n');
        lines.push(`${indent}- ${first}`, ...others.map((line) => `${indent}  ${line}`));
      }
    }
    if (error instanceof HoldfastError && error.hint) lines.push(`${'  '.repeat(depth)}→ ${error.hint}`);
    current = error.cause;
  }
  return lines.join('\n');
}
