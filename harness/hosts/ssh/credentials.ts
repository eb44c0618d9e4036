// How the harness proves who it is: keys, agent, password, in that order, as far as the target names them.
import { existsSync, readFileSync } from 'node:fs';
// Node finds no other way to its utils: they are not among the names that it sees in a CommonJS module.
import ssh2, { type AnyAuthMethod } from 'ssh2';
import { UsageError } from '../../core/errors.ts';
import type { SshTarget } from './target.ts';

/** A key of a file as it can be used, or why it cannot. */
type Key = { readonly path: string } & ({ readonly content: Buffer } | { readonly unusable: string });

/**
 * A key with a passphrase is left to the agent, and to whoever has unlocked it there.
 * @throws UsageError when there is nothing to try
 */
export function authMethods(target: SshTarget, environment: NodeJS.ProcessEnv): AnyAuthMethod[] {
  const { user: username, agent, identityFiles } = target;
  const keys = identityFiles.filter((path) => existsSync(path)).map(readKey);
  const methods: AnyAuthMethod[] = [
    ...keys.flatMap((key) =>
      'content' in key ? [{ type: 'publickey', username, key: key.content } as const] : [],
    ),
    ...(agent === undefined ? [] : [{ type: 'agent', username, agent } as const]),
    ...passwordMethods(target, environment),
  ];
  if (methods.length > 0) return methods;
  throw nothingToTry(target, keys);
}

function readKey(path: string): Key {
  try {
    const content = readFileSync(path);
    const parsed = ssh2.utils.parseKey(content);
    return parsed instanceof Error ? { path, unusable: parsed.message } : { path, content };
  } catch (thrown) {
    return { path, unusable: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function nothingToTry({ name, identityFiles, passwordFrom }: SshTarget, keys: readonly Key[]): UsageError {
  const unusable = keys.flatMap((key) => ('unusable' in key ? [key] : []));
  const [locked] = unusable.filter(({ unusable: why }) => /encrypted|passphrase/i.test(why));
  const tried = [
    ...unusable.map(({ path, unusable: why }) => `${path} cannot be used (${why})`),
    ...identityFiles.filter((path) => !keys.some((key) => key.path === path)).map((path) => `no ${path}`),
    'no agent',
    passwordFrom === undefined ? 'no password' : `${passwordFrom} is not set`,
  ];
  const hint =
    passwordFrom !== undefined
      ? `set ${passwordFrom}`
      : locked
        ? `ssh-add ${locked.path}: the agent asks for its passphrase, holdfast does not`
        : 'name an identityFile, start an agent (SSH_AUTH_SOCK), or name the variable that holds the password (passwordFrom)';
  return new UsageError(`there is nothing to log in to ${name} with: ${tried.join(', ')}`, { hint });
}

function passwordMethods(
  { user: username, passwordFrom }: SshTarget,
  environment: NodeJS.ProcessEnv,
): AnyAuthMethod[] {
  const password = passwordFrom === undefined ? undefined : environment[passwordFrom];
  if (password === undefined || password === '') return [];
  return [
    { type: 'password', username, password },
    // Where PAM asks, it asks for the password.
    {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
    },
  ];
}
