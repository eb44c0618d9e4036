// Runs one scenario under vitest in a process group of its own. The parent owns the cluster: whatever becomes of the
// child, the parent goes on to heal, judge and tear down.
import { spawn, type ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCENARIO_CONTEXT_VARIABLE, type ScenarioContext } from '../scenario/context.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
/** Between asking the child to end and ending it. */
const GRACE_MS = 5_000;

export interface ScenarioChildOptions {
  readonly context: ScenarioContext;
  /** The child's own output: vitest's, not the scenario's record. */
  readonly logFile: string;
  readonly signal: AbortSignal;
}

/** Resolves when the child is gone; never rejects for what the scenario did. */
export async function runScenarioChild(options: ScenarioChildOptions): Promise<void> {
  const contextFile = join(dirname(options.logFile), 'scenario-context.json');
  try {
    await writeFile(contextFile, JSON.stringify(options.context));
    await superviseChild(options, contextFile);
  } finally {
    await rm(contextFile, { force: true });
  }
}

function superviseChild(options: ScenarioChildOptions, contextFile: string): Promise<void> {
  const file = `scenarios/${options.context.scenario}.scenario.ts`;
  const child = spawn(process.execPath, [VITEST, 'run', '--project', 'scenarios', '--root', ROOT, file], {
    cwd: ROOT,
    // A group of its own: Ctrl-C at the terminal reaches the parent only, which then decides.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [SCENARIO_CONTEXT_VARIABLE]: contextFile, NO_COLOR: '1' },
  });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const end = (): void => {
    endGroup(child);
  };
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      options.signal.removeEventListener('abort', end);
      log.end();
      resolve();
    });
  });
}

function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const last = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(last));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
