// Who is let in over SSH, to whom the harness speaks at all, and as whom its commands run, against a real sshd.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { explainError, HoldfastError, UsageError } from '../../harness/core/errors.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { HostKeyError, SshConnectError, SudoError } from '../../harness/hosts/ssh/errors.ts';
import type { SshTarget } from '../../harness/hosts/ssh/target.ts';
import { startAgent } from './ssh-agent.ts';
import { openedHosts } from './ssh-hosts.ts';
import { startSshd, type SshdContainer } from './sshd-container.ts';

describe('over SSH', () => {
  let sshd: SshdContainer;
  const open = openedHosts();
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.dispose());

  async function refusalOf(target: SshTarget): Promise<HoldfastError> {
    const host = open(target);
    const thrown: unknown = await host.connect().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof HoldfastError)) throw new Error('expected a refusal', { cause: thrown });
    // A command is refused for the same reason, which its error tells with the way out.
    const failed: unknown = await host.run(['true']).catch((error: unknown) => error);
    expect(explainError(failed)).toContain(thrown.message);
    if (thrown.hint !== undefined) expect(explainError(failed)).toContain(thrown.hint);
    return thrown;
  }

  function fileWith(name: string, content: string): string {
    const path = join(sshd.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  describe('the key of a host', () => {
    const knowing = (file: string): SshTarget => ({
      ...sshd.target,
      hostKeys: { ...sshd.target.hostKeys, files: [file] },
    });

    test('is refused when nobody has accepted it; the hint is how to, and works', async () => {
      const file = join(sshd.folder, 'none');
      const refusal = await refusalOf(knowing(file));
      expect(refusal).toBeInstanceOf(HostKeyError);
      const { stdout } = await sshd.inside.run([
        'sh',
        '-c',
        'cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -',
      ]);
      const fingerprint = stdout.split(' ')[1] ?? 'none';
      expect(refusal.message).toBe(
        `one (root@sshd-host) presents a key that nobody has accepted: ssh-ed25519 ${fingerprint}`,
      );
      const [, line = ''] = /echo '([^']*)' >>/.exec(refusal.hint ?? '') ?? [];
      writeFileSync(file, `${line}\n`);
      await open(knowing(file)).connect();
    });

    test('is refused when another one is known, with where that stands', async () => {
      const file = fileWith('changed', `sshd-host ${ssh2.utils.generateKeyPairSync('ed25519').public}\n`);
      const refusal = await refusalOf(knowing(file));
      expect(refusal).toBeInstanceOf(HostKeyError);
      expect(refusal.message).toContain(
        `presents another key than the one in ${file}:1: ssh-ed25519 SHA256:`,
      );
      expect(refusal.hint).toContain(`ssh-keygen -R sshd-host -f ${file}`);
    });

    test('is refused when it is revoked', async () => {
      const key = (await sshd.inside.download('/etc/ssh/ssh_host_ed25519_key.pub')).toString();
      const refusal = await refusalOf(knowing(fileWith('revoked', `sshd-host ${key}@revoked * ${key}`)));
      expect(refusal).toBeInstanceOf(HostKeyError);
      expect(refusal.message).toContain('revoked:2 says is revoked');
    });

    test('is the one that is known, of several that the host has', async () => {
      await sshd.inside.run(['ssh-keygen', '-q', '-N', '', '-t', 'rsa', '-b', '2048', '-f', '/run/rsa']);
      await sshd.listen(2201, '-h /etc/ssh/ssh_host_ed25519_key -h /run/rsa');
      const rsa = (await sshd.inside.download('/run/rsa.pub')).toString();
      await open({ ...knowing(fileWith('rsa', `sshd-host ${rsa}`)), port: 2201 }).connect();
    });
  });

  describe('a user is let in', () => {
    test('by no key that the host does not know', async () => {
      const wrong = fileWith('wrong', ssh2.utils.generateKeyPairSync('ed25519').private);
      const refusal = await refusalOf({ ...sshd.target, identityFiles: [wrong] });
      expect(refusal).toBeInstanceOf(SshConnectError);
      expect(refusal.message).toBe('one (root@sshd-host) lets nobody in with what there is to log in with');
    });

    test('by nothing at all', async () => {
      const refusal = await refusalOf({ ...sshd.target, identityFiles: ['/none/id'] });
      expect(refusal).toBeInstanceOf(UsageError);
      expect(refusal.message).toBe(
        'there is nothing to log in to one with: no /none/id, no agent, no password',
      );
    });

    test('by the key of an agent, also beside a file that is locked', async () => {
      const { private: locked } = ssh2.utils.generateKeyPairSync('ed25519', {
        passphrase: 'secret',
        cipher: 'aes256-ctr',
        rounds: 16,
      });
      const identityFiles = [fileWith('locked', locked)];
      const refusal = await refusalOf({ ...sshd.target, identityFiles });
      expect(refusal.hint).toContain('ssh-add');

      const own = ssh2.utils.generateKeyPairSync('ed25519');
      const user = await sshd.addUser('agent-user');
      await sshd.inside.upload('/home/agent-user/.ssh/authorized_keys', `${own.public}\n`);
      const socket = join(sshd.folder, 'agent.sock');
      const agent = await startAgent(socket, ssh2.utils.parseKey(own.private) as ParsedKey);
      try {
        const host = open({ ...user, identityFiles, agent: socket });
        expect((await host.run(['id', '-un'])).stdout).toBe('agent-user\n');
        expect(agent.signed()).toBe(1);
      } finally {
        agent.close();
      }
    });

    test('by a file, when the agent does not answer', async () => {
      await open({ ...sshd.target, agent: join(sshd.folder, 'no-agent.sock') }).connect();
    });
  });

  describe('a password', () => {
    const variable = 'HOLDFAST_TEST_PASSWORD';
    let target: SshTarget;
    beforeAll(async () => {
      await sshd.listen(2202, '-o PubkeyAuthentication=no -o PasswordAuthentication=yes');
      await sshd.listen(
        2203,
        '-o PubkeyAuthentication=no -o PasswordAuthentication=no -o KbdInteractiveAuthentication=yes',
      );
      const user = await sshd.addUser('password-user', { password: 'open sesame' });
      target = { ...user, identityFiles: [], passwordFrom: variable };
    });
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    test.each([
      ['as such', 2202],
      ['as the answer to a question', 2203],
    ])('lets a user in %s', async (_how, port) => {
      vi.stubEnv(variable, 'open sesame');
      expect((await open({ ...target, port }).run(['id', '-un'])).stdout).toBe('password-user\n');
    });

    test('lets nobody in when it is wrong, and stands in no message', async () => {
      vi.stubEnv(variable, 'open barley');
      const refusal = await refusalOf({ ...target, port: 2202 });
      expect(refusal).toBeInstanceOf(SshConnectError);
      expect(explainError(refusal)).not.toContain('barley');
    });

    test('that is not there is missed by the name of its variable', async () => {
      const refusal = await refusalOf({ ...target, port: 2202 });
      expect(refusal).toBeInstanceOf(UsageError);
      expect(refusal.hint).toBe(`set ${variable}`);
    });
  });

  describe('a user with sudo', () => {
    const openSudo = async (name: string, sudoers: string): Promise<SshTarget> => ({
      ...(await sshd.addUser(name, { sudoers })),
      sudo: true,
    });

    test('runs commands as root, writes files as root, and has what it started killed', async () => {
      const host = open(await openSudo('sudo-user', 'ALL=(ALL) NOPASSWD: ALL'));
      expect((await host.run(['id', '-un'])).stdout).toBe('root\n');
      await host.upload('/etc/holdfast-sudo', 'written', { mode: 0o600 });
      expect((await sshd.inside.run(['stat', '-c', '%U %a', '/etc/holdfast-sudo'])).stdout).toBe(
        'root 600\n',
      );
      expect((await host.download('/etc/holdfast-sudo')).toString()).toBe('written');
      const killed = await host.run(['sh', '-c', 'kill -KILL $$'], { acceptExitCodes: [137] });
      expect(killed.exitCode).toBe(137);

      const script = 'trap "" TERM; sleep 506 & echo up; while :; do sleep 0.507; done';
      const stream = await host.stream(['sh', '-c', script]);
      await stream.lines[Symbol.asyncIterator]().next();
      await stream.close();
      await expect(host.run(['sleep', '508'], { timeoutMs: 500 })).rejects.toThrow(
        /no end within 500 ms after/,
      );
      await waitFor('nothing left', { timeoutMs: 3000 }, async () => {
        const pattern = '^(sudo -n -- env HOLD|sleep (506|0.507|508))';
        const { stdout } = await sshd.inside.run(['pgrep', '-af', pattern], { acceptExitCodes: [0, 1] });
        return stdout === '' ? { done: true } : { missing: stdout };
      });
    });

    test.each([
      [
        'that asks for a password',
        'ALL=(ALL) ALL',
        'sudo: a password is required',
        'ALL=(ALL) NOPASSWD: ALL',
      ],
      ['that knows nothing of the user', '', 'sudo: a password is required', 'ALL=(ALL) NOPASSWD: ALL'],
    ])('is told of a sudo %s, and what to write where', async (_what, sudoers, said, rule) => {
      const name = sudoers === '' ? 'no-sudo' : 'asked';
      const refusal = await refusalOf(await openSudo(name, sudoers));
      expect(refusal).toBeInstanceOf(SudoError);
      expect(refusal.message).toBe(
        `one (${name}@sshd-host) does not let ${name} run commands as root without a password: ${said}`,
      );
      expect(refusal.hint).toBe(
        `on one, as root: echo '${name} ${rule}' | EDITOR='tee' visudo -f /etc/sudoers.d/holdfast`,
      );
      // As the hint has it, and then it works.
      await sshd.inside.run(['sh', '-c', refusal.hint?.replace(/^on one, as root: /, '') ?? 'false']);
      const host = open({ ...sshd.target, user: name, sudo: true });
      expect((await host.run(['id', '-un'])).stdout).toBe('root\n');
    });

    test('is told of a host without sudo', async () => {
      const user = await openSudo('nothing', 'ALL=(ALL) NOPASSWD: ALL');
      await sshd.inside.run(['chmod', '000', '/usr/bin/sudo']);
      try {
        const refusal = await refusalOf(user);
        expect(refusal).toBeInstanceOf(SudoError);
      } finally {
        await sshd.inside.run(['chmod', '4755', '/usr/bin/sudo']);
      }
    });
  });
});
