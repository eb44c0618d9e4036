// A cluster that holdfast did not build and reaches over SSH alone, as `holdfast attach` does. It is made for this, and goes at
// the end; this program looks at it past its sshd.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimLab } from '../../harness/commands/environment.ts';
import { HoldfastError } from '../../harness/core/errors.ts';
import type { Lab, LabDescriptor, Provider } from '../../harness/core/provider.ts';
import { hostsWithRole } from '../../harness/core/topology.ts';
import { InventoryProvider } from '../../harness/providers/inventory.ts';
import { LabNotes } from '../../harness/providers/lab-notes.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { makeForeignCluster } from '../hosts/foreign-cluster.ts';
import type { SshWay } from '../hosts/ssh-lab.ts';
import { HOLDFAST } from './child.ts';
import { networkOf, type Network } from './network-loss.ts';
import type { Place, PlaceOptions, Reached } from './place.ts';

interface Made {
  readonly lab: Lab;
  readonly reached: Reached;
  readonly network: Network;
}

export async function onFoundCluster<T>(
  provider: Provider,
  options: PlaceOptions & { readonly way: SshWay },
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-undo-ssh-'));
  const make = (): Promise<Made> => attachNew(provider, options, mkdtempSync(join(folder, 'cluster-')));
  let made = await make();
  const destroy = (): Promise<unknown> => provider.destroy(made.lab.descriptor.runId);
  try {
    return await work({
      get lab() {
        return made.lab;
      },
      get reached() {
        return made.reached;
      },
      get network() {
        return made.network;
      },
      renew: async () => {
        await destroy();
        made = await make();
      },
    });
  } finally {
    await destroy();
    rmSync(folder, { recursive: true });
  }
}

async function attachNew(
  provider: Provider,
  { progress, signal, way }: PlaceOptions & { readonly way: SshWay },
  folder: string,
): Promise<Made> {
  const runId = newRunId(new Date());
  await claimLab(runId);
  try {
    const { lab, inventory } = await progress.phase('foreign cluster', (listener) =>
      makeForeignCluster({ provider, runId, variant: 'systemd', way, folder, progress: listener, signal }),
    );
    await repeatGratuitousArp(lab);
    // Its own notes, so that labs of whoever works on this machine are left alone.
    const state = join(folder, 'state');
    const descriptor = await attach(inventory, state);
    const found = new InventoryProvider(new LabNotes(join(state, 'inventory')));
    return {
      // With the topology that was found: it knows what such a cluster has, and where.
      lab: { ...lab, descriptor: { ...lab.descriptor, topology: descriptor.topology } },
      reached: {
        lab: await found.attach(descriptor),
        environment: { HOLDFAST_STATE_DIR: state },
        safety: {
          yesBreak: descriptor.topology.name,
          allowHosts: descriptor.topology.hosts.length,
          allowQuorumLoss: true,
        },
      },
      network: networkOf(lab, way),
    };
  } catch (thrown) {
    await provider.destroy(runId);
    throw thrown;
  }
}

/** As the topology of this program's other cluster says it, and for the same reason (test/undo/topology.yaml). */
async function repeatGratuitousArp(lab: Lab): Promise<void> {
  const script = `sed -i 's/^ *advert_int .*/&\\n    garp_master_refresh 5/' /etc/keepalived/keepalived.conf
systemctl reload keepalived`;
  const masters = hostsWithRole(lab.descriptor.topology, 'master').map(({ name }) => lab.host(name));
  await Promise.all(masters.map((host) => host.run(['sh', '-euc', script])));
}

/** By the command that a person types. */
async function attach(inventory: string, state: string): Promise<LabDescriptor> {
  const env = { ...process.env, HOLDFAST_STATE_DIR: state };
  await promisify(execFile)(process.execPath, [HOLDFAST, 'attach', inventory, '--json'], { env });
  const [descriptor] = await new LabNotes(join(state, 'inventory')).list();
  if (!descriptor) throw new HoldfastError(`holdfast attach ${inventory} has noted nothing in ${state}`);
  return descriptor;
}
