// One command on a host as what carries it gives it: three byte streams, an end, and a way to kill what runs there.
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';

/** How a command ended: by its exit code, or by a reason in words when it has none. */
export type SessionEnd = { readonly exitCode: number } | { readonly reason: string; readonly cause?: Error };

export interface Session {
  /** The write side; ending it is end-of-file for the command. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Signals the command and all its children. Rejects when the host cannot be asked any more. */
  kill(signal: 'TERM' | 'KILL'): Promise<void>;
  /** Lets go of the connection; what runs on the host is not touched. */
  disconnect(): void;
}

export interface SessionRequest {
  readonly argv: readonly string[];
  readonly stdin: boolean;
  /** Limits the opening only. */
  readonly signal?: AbortSignal;
}

const TAG = 'HOLDFAST_EXEC';
export const KILL_TIMEOUT_MS = 10_000;

/**
 * A word for a command's environment: neither docker nor sshd has a call that ends a command with all that it started.
 * Children inherit the environment, so the tag finds them all.
 */
export function newTag(): string {
  return `${TAG}=${randomUUID()}`;
}

/** Signals every process that carries the tag. */
export function killTagged(tag: string, signal: 'TERM' | 'KILL'): readonly string[] {
  return ['sh', '-c', KILL_TAGGED, 'sh', tag, signal];
}

const KILL_TAGGED = `for file in $(grep -lsxz -e "$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}; kill -s "$2" "\${pid%/environ}" 2>/dev/null; done; true`;
