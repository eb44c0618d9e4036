// Machines on which nothing of a cluster is yet, reached over SSH, and the topology of the cluster that is to be made on them:
// hosts of the provider "containers" that holdfast knows nothing of but what the topology says.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import type { ProgressListener } from '../../harness/core/progress.ts';
import type { Lab, Provider } from '../../harness/core/provider.ts';
import type { Topology } from '../../harness/core/topology.ts';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { openToSsh, powerCommands, task, writeSshConfig, type SshWay } from './ssh-lab.ts';

export interface BareHostsOptions {
  readonly provider: Provider;
  /** Of the lab; the caller destroys it, also when this fails in the middle. */
  readonly runId: string;
  /** Of the topology and of what SSH needs; made when missing. */
  readonly folder: string;
  /** Default: management. */
  readonly way?: SshWay;
  /** Who logs in; anybody but root uses sudo. Default: admin. */
  readonly user?: string;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface BareHosts {
  /** The same hosts past their sshd, with their power switches. */
  readonly lab: Lab;
  /** Path of the topology, as `holdfast up --provider inventory` reads it. */
  readonly topology: string;
  /** The same, with the observer for a jump host: SSH passes through the cluster's own network. */
  readonly behindJump: string;
}

const NAME = 'bare';

/** With the roles of the seed. */
export async function makeBareHosts(options: BareHostsOptions): Promise<BareHosts> {
  const { provider, runId, progress, signal, user = 'admin' } = options;
  const { topology } = loadTopology();
  const lab = await provider.provision({
    topology: { ...topology, name: NAME },
    runId,
    progress,
    ...(signal && { signal }),
  });
  const ssh = await task(progress, 'sshd on every host', () => openToSsh(lab, user));
  const { way = 'management', folder } = options;
  const config = basename(writeSshConfig(lab, ssh, { folder, user, way }));
  const write = (name: string, jump?: string): string => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, stringify(topologyOf(lab, { config, sudo: user !== 'root', ...(jump && { jump }) })));
    return path;
  };
  return { lab, topology: write(NAME), behindJump: write('behind-jump', topology.observer.name) };
}

interface Reaching {
  readonly config: string;
  readonly sudo: boolean;
  readonly jump?: string;
}

/** As a person writes it: what holds for all hosts is said once. */
function topologyOf({ descriptor }: Lab, { config, sudo, jump }: Reaching): object {
  const { topology, runId } = descriptor;
  const { network, vip, podNetwork, serviceNetwork, observer } = topology;
  return {
    name: NAME,
    network,
    vip: `${vip.address}/${vip.prefixLength}`,
    podNetwork,
    serviceNetwork,
    ssh: { config: `./${config}`, ...(sudo && { sudo }) },
    hosts: topology.hosts.map((host) => ({
      ...plain(host),
      power: powerCommands(runId, host.name),
      ...(jump && { ssh: { jump } }),
    })),
    observer: { name: observer.name, address: observer.address, ...(sudo && { ssh: { sudo: false } }) },
  };
}

function plain({ name, address, roles, priority }: Topology['hosts'][number]): object {
  return { name, address, roles, ...(priority !== undefined && { priority }) };
}
