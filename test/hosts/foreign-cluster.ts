// A cluster that holdfast did not build, on hosts that are reached over SSH: bare hosts of the provider "containers", on which
// fixtures/foreign-cluster/build.sh does the rest.
import { readdir, readFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { HoldfastError } from '../../harness/core/errors.ts';
import type { Host } from '../../harness/core/host.ts';
import type { ProgressListener } from '../../harness/core/progress.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import type { Topology } from '../../harness/core/topology.ts';
import { startLoadBalancer } from './load-balancer.ts';
import { openToSsh, powerCommands, task, writeSshConfig, type SshFiles, type SshWay } from './ssh-lab.ts';

export const FOREIGN_VARIANTS = ['systemd', 'static-pod', 'haproxy'] as const;
/** How keepalived runs on the masters; haproxy: not at all, a load balancer has the API's address. */
export type ForeignVariant = (typeof FOREIGN_VARIANTS)[number];

/**
 * What the provider makes hosts from; at the same time what is to be found on them when build.sh is done, as it says the same
 * in its own words.
 */
export const FOREIGN_TOPOLOGY: Topology = {
  name: 'foreign',
  network: '10.10.110.0/24',
  vip: { address: '10.10.110.100', prefixLength: 32 },
  podNetwork: '10.233.64.0/18',
  serviceNetwork: '10.233.0.0/18',
  keepalived: {
    virtualRouterId: 77,
    advertIntervalS: 2,
    authPass: '77cp',
    check: { intervalS: 2, weight: -30 },
  },
  hosts: [
    master('cp-a', '10.10.110.11', 150),
    master('cp-b', '10.10.110.12', 140),
    master('cp-c', '10.10.110.13', 130),
    { name: 'worker-1', address: '10.10.110.21', roles: ['node'] },
    { name: 'worker-2', address: '10.10.110.22', roles: ['node'] },
  ],
  observer: { name: 'jump', address: '10.10.110.5' },
};

/** With a member of etcd named after its host, where kubeadm puts it. */
function master(name: string, address: string, priority: number): Topology['hosts'][number] {
  return {
    name,
    address,
    roles: ['master', 'etcd'],
    priority,
    etcdName: name,
    etcdDataDir: '/var/lib/etcd',
  };
}

export interface ForeignClusterOptions {
  readonly provider: Provider;
  /** Of the lab; the caller destroys it, also when this fails in the middle. */
  readonly runId: string;
  readonly variant: ForeignVariant;
  /** Default: lab. */
  readonly way?: SshWay;
  /** Of ssh_config, known_hosts, the key and inventory.yaml; made when missing. */
  readonly folder: string;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface ForeignCluster {
  /** The same hosts past their sshd, with their power switches. */
  readonly lab: Lab;
  /** Path of the inventory, as `holdfast attach` reads it. */
  readonly inventory: string;
}

const FIXTURE = fileURLToPath(new URL('../../fixtures/foreign-cluster/', import.meta.url));
const SETUP = '/root/foreign-cluster';
const BUILD_TIMEOUT_MS = 600_000;

/** @throws HoldfastError with the end of what build.sh said */
export async function makeForeignCluster(options: ForeignClusterOptions): Promise<ForeignCluster> {
  const { progress, variant } = options;
  const bare = await makeForeignHosts(FOREIGN_TOPOLOGY, options);
  if (variant === 'haproxy') await task(progress, 'load balancer', () => startLoadBalancer(bare.lab));
  await task(progress, 'build.sh', () => build(bare.lab, options));
  return bare;
}

/** The hosts alone: bare, with an sshd that lets in who has the key. */
export async function makeForeignHosts(
  topology: Topology,
  options: Omit<ForeignClusterOptions, 'variant'>,
): Promise<ForeignCluster> {
  const { provider, runId, progress, signal } = options;
  const lab = await provider.provision({ topology, runId, progress, ...(signal && { signal }) });
  const ssh = await task(progress, 'sshd on every host', () => openToSsh(lab));
  return { lab, inventory: writeInventory(lab, ssh, options) };
}

function writeInventory(lab: Lab, ssh: SshFiles, options: Omit<ForeignClusterOptions, 'variant'>): string {
  const config = writeSshConfig(lab, ssh, options);
  const { topology, runId } = lab.descriptor;
  const place = ({ name, address }: { readonly name: string; readonly address: string }): object => ({
    name,
    address,
  });
  const inventory = {
    name: topology.name,
    ssh: { config: `./${basename(config)}` },
    hosts: topology.hosts.map((host) => ({ ...place(host), power: powerCommands(runId, host.name) })),
    observer: place(topology.observer),
  };
  const path = join(options.folder, 'inventory.yaml');
  writeFileSync(path, stringify(inventory));
  return path;
}

/** On the observer, as on the machine of an administrator. */
async function build(
  { descriptor, observer }: Lab,
  { variant, progress, signal }: ForeignClusterOptions,
): Promise<void> {
  await uploadFixture(observer);
  const { address: vip } = descriptor.topology.vip;
  const said: string[] = [];
  const script = 'exec timeout "$1" "$2" "$3" "$4" 2>&1';
  const words = [String(BUILD_TIMEOUT_MS / 1000), `${SETUP}/build.sh`, vip, variant];
  const running = await observer.stream(['sh', '-c', script, 'sh', ...words], signal ? { signal } : {});
  for await (const line of running.lines) {
    said.push(line);
    progress.output('build.sh', line);
  }
  signal?.throwIfAborted();
  const { exitCode, reason } = await running.done;
  if (exitCode === 0) return;
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  throw new HoldfastError(`build.sh on ${observer.name}: ${how}\n${said.slice(-30).join('\n')}`);
}

async function uploadFixture(observer: Host): Promise<void> {
  for (const name of await readdir(FIXTURE)) {
    if (!/\.(sh|yaml)$/.test(name)) continue;
    const mode = name.endsWith('.sh') ? 0o755 : 0o644;
    await observer.upload(`${SETUP}/${name}`, await readFile(join(FIXTURE, name)), { mode });
  }
}
