// holdfast exec: one command on one host of the lab, with its output, its exit code and, where piped, its input.
import { fstatSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { HoldfastError, InterruptedError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { resolveHostName } from '../core/host-names.ts';
import { findLabs, pickLab } from './labs.ts';

/** Longest timer that Node has: the person at the terminal is the limit. */
const NO_LIMIT_MS = 2 ** 31 - 1;
const INPUT_NOTE_MS = 3000;
const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);

const HELP = `
A host is named by its name, its place (master1, node2), its etcd member (etcd01), its address, or as observer.
Input is passed on where it is piped or a file; it is then read to its end before the command starts.

Examples:
  holdfast exec master1 -- kubectl get nodes
  holdfast exec etcd01 -- journalctl -u etcd -n 50
  holdfast exec observer -- curl -sk https://10.10.102.21:6443/healthz
  holdfast exec master1 -- kubectl apply -f - < manifest.yaml`;

export function registerExec(program: Command): void {
  program
    .command('exec')
    .description('run a command on a host of the lab; exits as the command does')
    .argument('<host>', 'name, place (master1, node2), etcd member, address or observer')
    .argument('<argv...>', 'the command, after --')
    .option('--run <id>', 'which lab, where there are several')
    .addHelpText('after', HELP)
    .action(async (typed: string, argv: readonly string[], { run }: { run?: string }) => {
      const lab = await pickLab(await findLabs(), run).attach();
      const host = lab.host(resolveHostName(lab.descriptor.topology, typed));
      process.exitCode = isInputPiped()
        ? await execWithInput(host, argv, await readInput())
        : await execStreaming(host, argv);
    });
}

/** A terminal and /dev/null are character devices: nothing that a remote command should wait for. */
function isInputPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

async function readInput(): Promise<Buffer> {
  // A pipe that nobody closes looks like a hanging command; say what is waited for.
  const note = setTimeout(() => {
    process.stderr.write('holdfast: waiting for the end of the input (none to pass on? add </dev/null)\n');
  }, INPUT_NOTE_MS);
  try {
    return await buffer(process.stdin);
  } finally {
    clearTimeout(note);
  }
}

export interface Outputs {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs to the end with input, then shows what came. @returns the command's exit code */
export async function execWithInput(
  host: Host,
  argv: readonly string[],
  stdin: Buffer,
  outputs: Outputs = process,
): Promise<number> {
  const options = { stdin, timeoutMs: NO_LIMIT_MS, acceptExitCodes: ANY_EXIT_CODE };
  const { exitCode, stdout, stderr } = await host.run(argv, options);
  outputs.stdout.write(stdout);
  outputs.stderr.write(stderr);
  return exitCode;
}

/**
 * Shows lines as they come; Ctrl-C ends the command on the host too.
 * @returns the command's exit code
 * @throws HoldfastError when there is none because the host lost its power, InterruptedError after Ctrl-C
 */
export async function execStreaming(
  host: Host,
  argv: readonly string[],
  outputs: Outputs = process,
): Promise<number> {
  const stream = await host.stream(argv);
  let interrupted: InterruptedError | undefined;
  const close = (signal: 'SIGINT' | 'SIGTERM'): void => {
    interrupted = new InterruptedError(signal);
    void stream.close();
  };
  process.once('SIGINT', close).once('SIGTERM', close);
  try {
    for await (const line of stream.lines) outputs.stdout.write(`${line}\n`);
    const { exitCode, stderr, reason } = await stream.done;
    outputs.stderr.write(stderr);
    if (exitCode !== undefined) return exitCode;
    throw (
      interrupted ?? new HoldfastError(`${host.name}: ${reason ?? 'the command ended without an exit code'}`)
    );
  } finally {
    process.off('SIGINT', close).off('SIGTERM', close);
  }
}
