// What can be wrong before the first command reaches a host over SSH, each with its way out.
import { EnvironmentError, UsageError } from '../../core/errors.ts';
import { shellQuote } from '../../core/host.ts';
import { fingerprintOf, keyType, knownName, type KeyStanding } from './known-hosts.ts';
import { describeTarget, sshWords, type SshTarget } from './target.ts';

/** The key that a server presented is not one that the user has accepted: nothing was sent to it. */
export class HostKeyError extends UsageError {}

/** No connection, or nobody that the host would let in. */
export class SshConnectError extends EnvironmentError {}

/** The user may log in, but not run commands as root. */
export class SudoError extends EnvironmentError {}

export function hostKeyError(
  target: SshTarget,
  key: Buffer,
  standing: Exclude<KeyStanding, { kind: 'known' }>,
): HostKeyError {
  const { host, port, hostKeys } = target;
  const name = hostKeys.alias ?? knownName(host, port);
  const offered = `${keyType(key)} ${fingerprintOf(key)}`;
  const [file = '~/.ssh/known_hosts'] = hostKeys.files;
  if (standing.kind === 'unknown') {
    const line = `${name} ${keyType(key)} ${key.toString('base64')}`;
    return new HostKeyError(`${whereOf(target)} presents a key that nobody has accepted: ${offered}`, {
      hint:
        'compare it with "cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -" on the console of the host; ' +
        `if it is the same: echo '${line}' >> ${shellQuote([file])}`,
    });
  }
  const { where } = standing.known;
  if (standing.kind === 'revoked') {
    return new HostKeyError(`${whereOf(target)} presents a key that ${where} says is revoked: ${offered}`, {
      hint: 'give the host a new key: whoever has the old one can pass for it',
    });
  }
  return new HostKeyError(
    `${whereOf(target)} presents another key than the one in ${where}: ${offered}. It is another machine, one that ` +
      'was installed anew, or somebody in between.',
    {
      hint:
        'only if you know which: ' +
        `${shellQuote(['ssh-keygen', '-R', name, '-f', where.replace(/:\d+$/, '')])}, then accept the new key`,
    },
  );
}

export function connectError(target: SshTarget, error: Error & { readonly level?: string }): SshConnectError {
  const tooMany = /too many authentication failures/i.test(error.message);
  if (error.level === 'client-authentication' || tooMany) {
    return new SshConnectError(`${whereOf(target)} lets nobody in with what there is to log in with`, {
      cause: error,
      hint: tooMany
        ? 'the agent holds more keys than the host has patience for: name the identityFile'
        : `try: ${shellQuote([...sshWords(target), 'true'])}`,
    });
  }
  return new SshConnectError(`${whereOf(target)} cannot be reached: ${error.message}`, { cause: error });
}

const REFUSALS =
  /^sudo: (a password is required|a terminal is required|sorry, you must have a tty|.*sudoers)|is not in the sudoers file|is not allowed to (execute|run)/im;

/** Whether it is sudo that says no, and not the command that failed. */
export function isSudoRefusal(stderr: string): boolean {
  return REFUSALS.test(stderr);
}

/** @param words what sudo said */
export function sudoError(target: SshTarget, words: string): SudoError {
  const { name, user } = target;
  const said = words.trim().split('\n').at(-1) ?? '';
  const needsTerminal = /must have a tty/.test(said);
  const rule = needsTerminal ? `Defaults:${user} !requiretty` : `${user} ALL=(ALL) NOPASSWD: ALL`;
  const isMissing = /not found/.test(said);
  return new SudoError(
    `${whereOf(target)} does not let ${user} run commands as root without a password: ${said}`,
    {
      hint: isMissing
        ? `install sudo on ${name}, or log in as root`
        : `on ${name}, as root: echo '${rule}' | EDITOR='tee' visudo -f /etc/sudoers.d/holdfast`,
    },
  );
}

function whereOf(target: SshTarget): string {
  return `${target.name} (${describeTarget(target)})`;
}
