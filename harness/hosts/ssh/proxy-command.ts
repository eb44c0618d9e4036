// A connection whose bytes go through a command of this machine (ssh_config(5), ProxyCommand).
import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { Duplex } from 'node:stream';
import type { SshTarget } from './target.ts';

const WORDS_MAX = 2000;

/** Ends as the command does: with its exit code and its standard error, where it failed. */
export function runProxyCommand(target: SshTarget, command: string): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${filledIn(command, target)}`], { stdio: 'pipe' });
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => void child.stdout.resume(),
    // What could not be written is told by how the command ended.
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  let words = '';
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-WORDS_MAX)));
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.once('error', (error) => stream.destroy(error));
  child.once('close', (code, signal) => {
    if (code === 0) {
      // What is still to be written has nowhere to go: it must not keep the connection from being closed.
      stream.once('end', () => stream.destroy());
      stream.push(null);
    } else
      stream.destroy(
        new Error(`the proxy command ended with ${code ?? signal ?? 'nothing'}: ${words.trim()}`),
      );
  });
  return stream;
}

function filledIn(command: string, { name, host, port, user }: SshTarget): string {
  const tokens: Readonly<Record<string, string>> = {
    '%h': host,
    '%n': name,
    '%p': String(port),
    '%r': user,
    '%u': userInfo().username,
    '%%': '%',
  };
  return command.replaceAll(/%[hnpru%]/g, (token) => tokens[token] ?? token);
}
