// How a command reaches a host: the one seam that docker-exec, ssh and the unit tests' fake all implement.
import type { Duplex } from 'node:stream';

export interface RunOptions {
  /** Limit on the whole command; default 60000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string | Buffer;
  /** Exit codes that are answers, not failures; default [0]. */
  readonly acceptExitCodes?: readonly number[];
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface StreamOptions {
  readonly signal?: AbortSignal;
}

/** A long-lived command whose output is read line by line. */
export interface HostStream {
  /** Lines of standard output, in order; ends when the command or its host does. */
  readonly lines: AsyncIterable<string>;
  /** Resolves when the command is over, with how it ended; never rejects. */
  readonly done: Promise<StreamEnd>;
  write(text: string): void;
  /** Ends the command; idempotent. */
  close(): Promise<void>;
}

export interface StreamEnd {
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** Why there is no exit code: host powered off, connection lost, closed by us. */
  readonly reason?: string;
}

export interface Host {
  readonly name: string;
  readonly address: string;
  /** Runs argv to its end. Throws CommandError on any other exit code, on timeout and on a lost host. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  stream(argv: readonly string[], options?: StreamOptions): Promise<HostStream>;
  upload(path: string, content: string | Buffer, options?: UploadOptions): Promise<void>;
  download(path: string): Promise<Buffer>;
  /** A byte stream to address:port as opened from this host. */
  dial(address: string, port: number): Promise<Duplex>;
}

export interface UploadOptions {
  /** Permission bits; default 0o644. Missing parent folders are made. */
  readonly mode?: number;
}

/** The machine's power switch, where a provider has one. Each switch may be pressed twice. */
export interface Power {
  /** A power cut, never a shutdown. */
  off(): Promise<void>;
  /** Resolves when the host has booted. */
  on(): Promise<void>;
  /** An orderly one: what runs is asked to end first. Resolves when the host is off. */
  shutDown(): Promise<void>;
  /** `shutDown`, then `on`. */
  reboot(): Promise<void>;
  /** Nothing runs any more, and nothing is lost. What goes on answering for the host's addresses, `frozenKernel` says. */
  freeze(): Promise<void>;
  /** Ends a freeze; does nothing on a host that is not frozen. */
  thaw(): Promise<void>;
  state(): Promise<PowerState>;
  /** A frozen container's kernel is the machine's, and goes on; a virtual machine's own stands still. Absent: it answers. */
  readonly frozenKernel?: 'answers' | 'stands still';
  /** Why a switch cannot be pressed, in words; undefined when it can. Absent: all can. */
  cannot?(deed: 'off' | 'freeze' | 'reboot'): string | undefined;
}
export type PowerState = 'on' | 'off' | 'frozen';

/** argv as one line that a person can paste into a POSIX shell. */
export function shellQuote(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
