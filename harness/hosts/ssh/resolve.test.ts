import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SshResolver } from './resolve.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
mkdirSync(join(home, '.ssh'));
afterAll(() => rmSync(home, { recursive: true }));

function resolver(config = '', environment: NodeJS.ProcessEnv = {}): SshResolver {
  const path = join(home, 'config');
  writeFileSync(path, config);
  return new SshResolver({ home, user: 'me', environment }, path);
}

describe('a host is reached', () => {
  test('as OpenSSH would, where nobody says anything', () => {
    expect(resolver('', { SSH_AUTH_SOCK: '/run/agent' }).target('master1', '10.0.0.1')).toEqual({
      name: 'master1',
      host: '10.0.0.1',
      port: 22,
      user: 'me',
      identityFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((key) => join(home, '.ssh', key)),
      agent: '/run/agent',
      sudo: false,
      hostKeys: { files: [join(home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'], unchecked: false },
    });
  });

  test('as vagrant ssh-config says, word for word', () => {
    const config = `Host master1
  HostName 192.168.121.7
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile /home/me/.vagrant/machines/master1/libvirt/private_key
  IdentitiesOnly yes
  LogLevel FATAL
`;
    expect(resolver(config, { SSH_AUTH_SOCK: '/run/agent' }).target('master1', '10.10.102.91')).toEqual({
      name: 'master1',
      host: '192.168.121.7',
      port: 2222,
      user: 'vagrant',
      identityFiles: ['/home/me/.vagrant/machines/master1/libvirt/private_key'],
      sudo: false,
      hostKeys: { files: ['/dev/null'], unchecked: true },
    });
  });

  test('as the topology says, whatever the ssh_config says', () => {
    const config = 'Host *\n  User nobody\n  Port 1\n  IdentityFile ~/.ssh/other\n';
    const settings = {
      user: 'admin',
      port: 2200,
      identityFile: '~/.ssh/lab',
      sudo: true,
      knownHosts: 'known',
      passwordFrom: 'P',
    };
    expect(resolver(config).target('master1', '10.0.0.1', settings)).toMatchObject({
      user: 'admin',
      port: 2200,
      identityFiles: [join(home, '.ssh/lab')],
      sudo: true,
      passwordFrom: 'P',
      hostKeys: { files: [join(home, 'known')] },
    });
  });

  test('through one host after the other, each by its own entry', () => {
    const config =
      'Host inner\n  HostName 10.0.0.9\n  User gate\nHost master*\n  ProxyJump me@outer:2222,inner\n';
    expect(resolver(config).target('master1', '10.0.0.1')).toMatchObject({
      host: '10.0.0.1',
      jump: {
        name: 'inner',
        host: '10.0.0.9',
        user: 'gate',
        jump: { host: 'outer', port: 2222, user: 'me' },
      },
    });
  });

  test('never in a circle', () => {
    const config = 'Host one\n  ProxyJump two\nHost two\n  ProxyJump one\n';
    expect(() => resolver(config).target('one', '10.0.0.1')).toThrow('lead in a circle');
  });

  test('by no file that cannot be read', () => {
    expect(() => new SshResolver({ home, user: 'me', environment: {} }, join(home, 'none'))).toThrow(
      'cannot be read',
    );
  });
});
