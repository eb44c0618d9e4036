// Hosts of the provider "containers" as machines that one reaches over SSH: a real sshd on each, a key that lets in, known_hosts,
// and an ssh_config with proxy commands. What was made of them past their sshd is the tests' own way to look at them.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asError } from '../../harness/core/errors.ts';
import type { ProgressListener } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import { containerName } from '../../harness/providers/labels.ts';

export const SSH_WAYS = ['lab', 'management'] as const;
/**
 * Where SSH enters a host: from the observer over the cluster's own network, which a fault may cut, or past it, as over a
 * network that is there for management alone.
 */
export type SshWay = (typeof SSH_WAYS)[number];

export interface SshFiles {
  readonly key: Buffer;
  /** The lines of a known_hosts file, by name and by address. */
  readonly known: string;
}

const KEY = '/root/.ssh/id_ed25519';
/** On the hosts a unit makes the host's key and starts sshd at boot; the observer has no units. */
const SSH_ON_OBSERVER = `mkdir -p -m 700 /run/sshd /root/.ssh
ssh-keygen -q -N '' -t ed25519 -f /etc/ssh/ssh_host_ed25519_key
ssh-keygen -q -N '' -t ed25519 -f ${KEY}
/usr/sbin/sshd`;
/** As it is usual on machines of a cloud: nobody logs in as root, and whoever may log in may use sudo. */
const ADD_USER = `useradd --create-home --shell /bin/bash "$1"
install -d -o "$1" -m 700 "/home/$1/.ssh"
install -o "$1" -m 600 /root/.ssh/authorized_keys "/home/$1/.ssh/authorized_keys"
rm /root/.ssh/authorized_keys
[ ! -d /etc/sudoers.d ] || { echo "$1 ALL=(ALL) NOPASSWD: ALL" > "/etc/sudoers.d/$1"; chmod 440 "/etc/sudoers.d/$1"; }`;

/** Who only looks on needs no right of root's, but this one. */
const LET_CAPTURE = 'setcap cap_net_raw=ep /usr/bin/tcpdump';

/**
 * Every host lets in who has the key of this run, the observer's.
 * @param user default: root
 */
export async function openToSsh({ hosts, observer }: Lab, user = 'root'): Promise<SshFiles> {
  await observer.run(['sh', '-euc', SSH_ON_OBSERVER]);
  const [key, publicKey] = await Promise.all([observer.download(KEY), observer.download(`${KEY}.pub`)]);
  const lines = [...hosts, observer].map(async (host) => {
    await host.upload('/root/.ssh/authorized_keys', publicKey, { mode: 0o600 });
    if (user !== 'root') await host.run(['sh', '-euc', ADD_USER, 'sh', user]);
    const hostKey = await host.download('/etc/ssh/ssh_host_ed25519_key.pub');
    const [type = '', base64 = ''] = hostKey.toString().trim().split(' ');
    return `${host.name},${host.address} ${type} ${base64}\n`;
  });
  const known = (await Promise.all(lines)).join('');
  if (user !== 'root') await observer.run(['sh', '-euc', LET_CAPTURE]);
  await observer.upload('/root/.ssh/known_hosts', known);
  return { key, known };
}

export interface SshConfigOptions {
  /** Of ssh_config, known_hosts and the key; made when missing. */
  readonly folder: string;
  /** Default: lab. */
  readonly way?: SshWay;
  /** Default: root. */
  readonly user?: string;
}

/**
 * Nothing is sent to the lab's addresses but from inside: the machine itself has no business on that network.
 * @returns path of the ssh_config
 */
export function writeSshConfig(
  { descriptor }: Lab,
  { key, known }: SshFiles,
  { folder, way = 'lab', user = 'root' }: SshConfigOptions,
): string {
  const { topology, runId } = descriptor;
  mkdirSync(folder, { recursive: true });
  const [keyFile, knownFile, configFile] = ['id_ed25519', 'known_hosts', 'ssh_config'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const socat = (name: string): string =>
    way === 'lab'
      ? `docker exec -i ${containerName(runId, topology.observer.name)} socat - TCP:%h:%p`
      : `docker exec -i ${containerName(runId, name)} socat - TCP:127.0.0.1:%p`;
  const config = [...topology.hosts, topology.observer].map(
    ({ name, address }) => `Host ${name}
  HostName ${address}
  User ${user}
  IdentityFile ${keyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownFile}
  StrictHostKeyChecking yes
  ProxyCommand ${socat(name)}
`,
  );
  writeFileSync(keyFile, key, { mode: 0o600 });
  chmodSync(keyFile, 0o600);
  writeFileSync(knownFile, known);
  writeFileSync(configFile, config.join('\n'));
  return configFile;
}

/** What ipmitool is elsewhere. */
export function powerCommands(runId: string, host: string): { readonly off: string; readonly on: string } {
  const container = containerName(runId, host);
  return { off: `docker kill ${container}`, on: `docker start ${container}` };
}

/** One task of a helper, shown as the steps of a provider are. */
export async function task<T>(progress: ProgressListener, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  progress.started(name);
  try {
    const value = await work();
    progress.finished(name, performance.now() - startedAt);
    return value;
  } catch (thrown) {
    progress.failed(name, performance.now() - startedAt, asError(thrown));
    throw thrown;
  }
}
