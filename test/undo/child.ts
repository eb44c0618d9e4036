// A child process that injects a fault, followed through its journal.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRun } from '../../harness/core/journal.ts';
import type { FaultEvidence, FaultInjected, FaultPrepared } from '../../harness/core/record.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { ENDINGS, type Column } from './columns.ts';
import type { Reached } from './place.ts';
import type { Subject } from './subjects.ts';
import type { ThrowingOrder } from './throwing-body.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const HOLDFAST = join(ROOT, 'bin', 'holdfast.mjs');
const THROWING_BODY = fileURLToPath(new URL('./throwing-body.ts', import.meta.url));
const DEFAULT_LIMIT_MS = 12_000;
/** In force before the normal end. */
const NORMAL_MS = 3_000;
const EVIDENCE_TIMEOUT_MS = 90_000;
const STDERR_CHARACTERS_MAX = 2_000;

export interface Injecting {
  readonly process: ChildProcess;
  /** The exit code; undefined when it was killed. */
  readonly ended: Promise<number | undefined>;
  /** The end of what it said on standard error. */
  stderr(): string;
  /** Path; undefined while there is none yet. */
  journal(): string | undefined;
}

export interface SeenFault {
  readonly prepared: FaultPrepared;
  readonly injected: FaultInjected;
  readonly evidence: FaultEvidence;
  /** When its hosts heal by themselves, on CLOCK_MONOTONIC. */
  readonly dueNs: bigint;
}

export interface InjectingOptions {
  readonly subject: Subject;
  readonly column: Column;
  readonly reached: Reached;
  /** Empty; the journal goes there. */
  readonly folder: string;
}

/** In a process group of its own: what reaches this program from a terminal does not reach it. */
export function startInjecting(options: InjectingOptions): Injecting {
  const argv = options.column === 'exception' ? throwing(options) : byHand(options);
  const child = spawn(process.execPath, argv, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...options.reached.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_CHARACTERS_MAX)));
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  return { process: child, ended, stderr: () => stderr, journal: () => journalIn(options.folder) };
}

function byHand({ subject, column, reached, folder }: InjectingOptions): readonly string[] {
  const { fault, target, params, limitMs = DEFAULT_LIMIT_MS } = subject;
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${String(value)}`]);
  // Where its hosts are to heal they do so at the end of its time; where it is, they must not do so before it does.
  const forMs = column === 'normal' ? NORMAL_MS : limitMs;
  const hostLimitMs = ENDINGS[column].unhealed ? limitMs : limitMs + 60_000;
  const times = ['--for', `${forMs}ms`, '--limit', `${hostLimitMs}ms`];
  // The lab is in use, by this program.
  const where = ['--run', reached.lab.descriptor.runId, '--force', '--reports', folder];
  return [HOLDFAST, 'inject', fault, target, ...given, ...times, ...where, ...allowed(reached)];
}

function allowed({ safety: { yesBreak, allowHosts, allowQuorumLoss } }: Reached): readonly string[] {
  return [
    ...(yesBreak === undefined ? [] : ['--yes-break', yesBreak]),
    ...(allowHosts === undefined ? [] : ['--allow-hosts', String(allowHosts)]),
    ...(allowQuorumLoss ? ['--allow-quorum-loss'] : []),
  ];
}

function throwing({ subject, reached, folder }: InjectingOptions): readonly string[] {
  const { fault, target, params } = subject;
  const { lab, safety } = reached;
  const journal = join(folder, 'journal.jsonl');
  const order: ThrowingOrder = { lab: lab.descriptor, safety, journal, fault, target, params };
  return ['--import', 'tsx', THROWING_BODY, JSON.stringify(order)];
}

function journalIn(folder: string): string | undefined {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const found = entries.find((entry) => entry.endsWith('journal.jsonl'));
  return found === undefined ? undefined : join(folder, found);
}

/** Resolves when the witnesses have spoken; with undefined when the child ended before. */
export async function untilSeen(child: Injecting, signal: AbortSignal): Promise<SeenFault | undefined> {
  const limit = { timeoutMs: EVIDENCE_TIMEOUT_MS, intervalMs: 200, signal };
  return waitFor('evidence of the fault', limit, () => {
    const seen = readSeen(child.journal());
    if (seen) return Promise.resolve({ done: seen });
    const isOver = child.process.exitCode !== null || child.process.signalCode !== null;
    return Promise.resolve(isOver ? { done: undefined } : { missing: 'not yet' });
  });
}

function readSeen(journal: string | undefined): SeenFault | undefined {
  if (journal === undefined) return undefined;
  const { run, events } = readRun(journal);
  const prepared = events.find((event) => event.type === 'fault.prepared');
  const injected = events.find((event) => event.type === 'fault.injected');
  const evidence = events.find((event) => event.type === 'fault.evidence');
  if (!prepared || !injected || !evidence) return undefined;
  const dueMs = injected.fromMs + (prepared.limitMs ?? 0);
  return {
    prepared,
    injected,
    evidence,
    dueNs: BigInt(run.clock.monotonicNs) + BigInt(Math.round(dueMs * 1e6)),
  };
}
