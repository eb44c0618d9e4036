// A container whose sshd is real, and how it is reached without any network: a proxy command into the container.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import ssh2 from 'ssh2';
import { waitFor } from '../../harness/core/wait.ts';
import { DockerExecHost } from '../../harness/hosts/docker-exec.ts';
import type { SshTarget } from '../../harness/hosts/ssh/target.ts';
import { testImages } from './test-images.ts';

const SSHD = `set -e
mkdir -p /run/sshd /root/.ssh
test -s /etc/ssh/ssh_host_ed25519_key || ssh-keygen -q -N "" -t ed25519 -f /etc/ssh/ssh_host_ed25519_key
exec /usr/sbin/sshd -D -e -o PermitRootLogin=yes $SSHD_OPTIONS`;

const ADD_USER = `set -e
useradd --create-home --shell /bin/bash "$1"
if [ -n "$2" ]; then echo "$1:$2" | chpasswd; fi
if [ -n "$3" ]; then echo "$1 $3" > "/etc/sudoers.d/$1"; chmod 440 "/etc/sudoers.d/$1"; fi
install -d -o "$1" -m 700 "/home/$1/.ssh"
install -o "$1" -m 600 /root/.ssh/authorized_keys "/home/$1/.ssh/authorized_keys"`;

export interface SshdContainer {
  readonly container: Docker.Container;
  /** The same host past its sshd. Its /small is a disk of 256 KiB. */
  readonly inside: DockerExecHost;
  /** As root, with a key that it accepts, and its own key known. */
  readonly target: SshTarget;
  /** The same without the proxy command. */
  readonly direct: SshTarget;
  readonly folder: string;
  /** A user with the same key. @returns the target as that user */
  addUser(
    name: string,
    rights?: { readonly password?: string; readonly sudoers?: string },
  ): Promise<SshTarget>;
  /** One more sshd. @param options of sshd, such as "-o PasswordAuthentication=yes" */
  listen(port: number, options: string): Promise<void>;
  dispose(): Promise<void>;
}

/** @param options of sshd, such as "-o MaxSessions=2" */
export async function startSshd(options = ''): Promise<SshdContainer> {
  const docker = new Docker();
  const runId = `test-${randomUUID().slice(0, 8)}`;
  const name = `holdfast-${runId}`;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ssh-'));
  const container = await docker.createContainer({
    name,
    Image: (await testImages()).host,
    Entrypoint: ['sh', '-c', SSHD],
    Cmd: [],
    Env: [`SSHD_OPTIONS=${options}`],
    Labels: { holdfast: 'lab', 'holdfast.run': runId },
    HostConfig: { Tmpfs: { '/run': '', '/small': 'size=256k' }, NetworkMode: 'none', Init: true },
  });
  await container.start();
  const inside = new DockerExecHost({ docker, name, address: '127.0.0.1', container: name });
  const direct = await makeKeys(inside, folder);
  const proxyCommand = `docker exec -i ${name} socat - TCP:127.0.0.1:%p`;
  const target = { ...direct, proxyCommand };
  const listening = (port: number): Promise<unknown> =>
    waitFor(`sshd listening on ${port}`, { timeoutMs: 10_000 }, async () => ({
      done: await inside.run(['sh', '-c', `socat - TCP:127.0.0.1:${port},connect-timeout=1 < /dev/null`]),
    }));
  await listening(22);
  return {
    container,
    inside,
    target,
    direct,
    folder,
    addUser: async (user, { password = '', sudoers = '' } = {}) => {
      await inside.run(['sh', '-c', ADD_USER, 'sh', user, password, sudoers]);
      return { ...target, user };
    },
    listen: async (port, more) => {
      await inside.run(['sh', '-c', `/usr/sbin/sshd -p ${port} ${more}`]);
      await listening(port);
    },
    dispose: async () => {
      await container.remove({ force: true, v: true });
      rmSync(folder, { recursive: true });
    },
  };
}

/** The user's key, accepted by the host, and the host's, known to the user. */
async function makeKeys(inside: DockerExecHost, folder: string): Promise<SshTarget> {
  const { private: key, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const identity = join(folder, 'key');
  writeFileSync(identity, key, { mode: 0o600 });
  await inside.upload('/root/.ssh/authorized_keys', `${publicKey}\n`, { mode: 0o600 });
  const hostKey = await waitFor('key of the host', { timeoutMs: 10_000 }, async () => ({
    done: (await inside.download('/etc/ssh/ssh_host_ed25519_key.pub')).toString(),
  }));
  const known = join(folder, 'known_hosts');
  writeFileSync(known, `sshd-host ${hostKey}`);
  return {
    name: 'one',
    host: 'sshd-host',
    port: 22,
    user: 'root',
    identityFiles: [identity],
    sudo: false,
    hostKeys: { files: [known], alias: 'sshd-host', unchecked: false },
  };
}
