// Where the machines run: namespaces of their own for network, mounts and processes. The network has no way out; libvirt's
// files are all in one folder; and when the first process in there ends, all others are killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, EXIT_CODES } from '../../harness/core/errors.ts';
import { runLocal } from '../../harness/hosts/local.ts';
import { waitFor } from '../../harness/core/wait.ts';

const SCRIPT = fileURLToPath(new URL('./isolated.sh', import.meta.url));
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
const END_TIMEOUT_MS = 15_000;

export interface Isolation {
  /** All that is written in there: on a real disk, for machines' disks are large. */
  readonly folder: string;
  readonly namespace: string;
}

/** @throws EnvironmentError */
export async function isolate(): Promise<Isolation> {
  const folder = await mkdtemp('/var/tmp/holdfast-vagrant-');
  const namespace = folder.slice(folder.lastIndexOf('/') + 1);
  try {
    await runLocal(['ip', 'netns', 'add', namespace]);
  } catch (thrown) {
    await rm(folder, { recursive: true });
    throw new EnvironmentError('no network namespace can be made here', { cause: thrown });
  }
  return { folder, namespace };
}

/** @returns the command's exit code; with SIGINT or SIGTERM all in there is killed, and it is 130 or 143 */
export async function runIsolated(
  { folder, namespace }: Isolation,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const words = ['netns', 'exec', namespace, 'unshare', ...NAMESPACES, SCRIPT, folder, ...argv];
  const child = spawn('ip', words, { stdio: 'inherit', env: { ...process.env, ...env } });
  let interrupted: number | undefined;
  // unshare(1) heeds neither signal while it waits; when it is killed, the kernel kills all that is in there.
  const end = (signal: NodeJS.Signals): void => {
    interrupted = signal === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
    child.kill('SIGKILL');
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  const [code] = (await once(child, 'close')) as [number | null];
  process.off('SIGINT', end).off('SIGTERM', end);
  return interrupted ?? code ?? EXIT_CODES.fail;
}

/** Removes it all. @returns what was left although it should not have been */
export async function remove({ folder, namespace }: Isolation): Promise<readonly string[]> {
  const problems: string[] = [];
  const left = await waitFor('no process', { timeoutMs: END_TIMEOUT_MS }, async () => {
    const pids = await runLocal(['ip', 'netns', 'pids', namespace]);
    return pids.stdout.trim() === '' ? { done: [] } : { missing: pids.stdout };
  }).catch(async () => processesOf(folder));
  problems.push(...left.map((line) => `a process: ${line}`));
  await runLocal(['ip', 'netns', 'delete', namespace]);
  await rm(folder, { recursive: true, force: true });
  const { stdout } = await runLocal(['ip', 'netns', 'list']);
  if (stdout.includes(namespace)) problems.push(`the namespace ${namespace}`);
  return problems;
}

/** Command lines that name the folder. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '')),
  );
  return lines
    .filter((line) => line.includes(folder))
    .map((line) => line.replaceAll('\0', ' ').slice(0, 200));
}
