// holdfast as somebody runs it who has no rights where it runs: a checkout on the lab's observer, an unprivileged user there, no
// Docker, and hosts on which that user may become root by sudo.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Lab } from '../../harness/core/provider.ts';
import { containerName } from '../../harness/providers/labels.ts';
import type { Ended } from './holdfast-command.ts';

export const STRANGER = 'ops';
const HOME = `/home/${STRANGER}`;
const CHECKOUT = `${HOME}/holdfast`;
const KEY = `${HOME}/.ssh/id_ed25519`;
const INVENTORY = `${HOME}/prod.yaml`;
export const SUDOERS = '/etc/sudoers.d/ops';

/** Of what is installed only for writing holdfast, what is large. */
const LEFT_OUT = [
  'typescript',
  'playwright-core',
  'prettier',
  'knip',
  '@typescript-eslint',
  '@types',
  'eslint',
]
  .map((name) => `--exclude=node_modules/${name}`)
  .concat(['./.git', './reports', './docs'].map((path) => `--exclude=${path}`));

export interface Stranger {
  /** Path of the inventory, as the stranger names it. */
  readonly inventory: string;
  readonly holdfast: (...args: readonly string[]) => Promise<Ended>;
  /** Of its latest run: docker exec loses the end of what is long. */
  readonly result: () => Promise<unknown>;
  /** Its private key, for who logs in to the hosts as this user from elsewhere. */
  readonly key: Buffer;
}

export async function settleStranger(lab: Lab): Promise<Stranger> {
  const { descriptor, hosts, observer } = lab;
  const container = containerName(descriptor.runId, observer.name);
  await observer.run([
    'sh',
    '-euc',
    `useradd -m -s /bin/bash ${STRANGER}; mkdir -p ${CHECKOUT} ${HOME}/.ssh`,
  ]);
  await copyCheckout(container);
  // Debian's is older than holdfast needs: this machine's own, which is one file.
  await promisify(execFile)('docker', ['cp', process.execPath, `${container}:/usr/local/bin/node`]);
  await observer.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', KEY]);
  await observer.upload(INVENTORY, stringify(inventoryOf(lab)));
  await observer.run(['sh', '-euc', `cp /root/.ssh/known_hosts ${HOME}/.ssh/; chown -R ${STRANGER} ${HOME}`]);
  const [key, publicKey] = await Promise.all([observer.download(KEY), observer.download(`${KEY}.pub`)]);
  await observer.upload(`${HOME}/.ssh/authorized_keys`, publicKey);
  await Promise.all(
    hosts.map(async (host) => {
      await host.run(['useradd', '-m', '-s', '/bin/bash', STRANGER]);
      await host.upload(`${HOME}/.ssh/authorized_keys`, publicKey);
      await host.run(['chown', '-R', STRANGER, HOME]);
      await host.upload(SUDOERS, `${STRANGER} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    }),
  );
  return {
    key,
    inventory: INVENTORY,
    result: async () =>
      JSON.parse((await observer.download(`${CHECKOUT}/reports/latest/result.json`)).toString()) as unknown,
    holdfast: (...args) => inContainer(container, ['node', 'bin/holdfast.mjs', ...args]),
  };
}

async function copyCheckout(container: string): Promise<void> {
  const from = join(import.meta.dirname, '../..');
  const script =
    'dir=$1 to=$2 in=$3; shift 3; tar -C "$dir" -c "$@" . | docker exec -i "$in" tar -C "$to" -x';
  await promisify(execFile)('sh', ['-c', script, 'sh', from, CHECKOUT, container, ...LEFT_OUT]);
}

function inventoryOf({ descriptor: { topology } }: Lab): object {
  return {
    name: topology.name,
    ssh: { user: STRANGER, identityFile: KEY, sudo: true },
    hosts: topology.hosts.map(({ name, address }) => ({ name, address })),
    observer: 'local',
  };
}

function inContainer(container: string, argv: readonly string[]): Promise<Ended> {
  const words = ['exec', '-u', STRANGER, '-w', CHECKOUT, '-e', `HOME=${HOME}`, container, ...argv];
  return new Promise((resolve) => {
    execFile('docker', words, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? (typeof error.code === 'number' ? error.code : null) : 0, stdout, stderr }),
    );
  });
}
