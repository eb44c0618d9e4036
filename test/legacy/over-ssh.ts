// The same hosts past Docker: through their sshd, which is reached from inside the lab alone.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../harness/core/provider.ts';
import { LabNotes } from '../../harness/providers/lab-notes.ts';
import { InventoryProvider } from '../../harness/providers/inventory.ts';
import { containerName } from '../../harness/providers/labels.ts';

const KEY = '/run/holdfast-test-key';

export async function overSsh({ hosts, observer, descriptor }: Lab, folder: string): Promise<Lab> {
  await observer.run(['ssh-keygen', '-q', '-N', '', '-t', 'ed25519', '-f', KEY]);
  const publicKey = await observer.download(`${KEY}.pub`);
  const keyFile = join(folder, 'id_ed25519');
  writeFileSync(keyFile, await observer.download(KEY), { mode: 0o600 });
  chmodSync(keyFile, 0o600);
  const known = await Promise.all(
    hosts.map(async (host) => {
      await host.upload('/root/.ssh/authorized_keys', publicKey, { mode: 0o600 });
      const line = (await host.download('/etc/ssh/ssh_host_ed25519_key.pub')).toString().trim();
      return `${host.address} ${line.split(' ').slice(0, 2).join(' ')}\n`;
    }),
  );
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, known.join(''));
  const inside = containerName(descriptor.runId, observer.name);
  const topology = {
    ...descriptor.topology,
    hosts: descriptor.topology.hosts.map((plan) => ({
      ...plan,
      ssh: {
        ...{ host: plan.address, user: 'root', identityFile: keyFile, knownHosts },
        proxyCommand: `docker exec -i ${inside} socat - TCP:%h:%p`,
      },
    })),
    observer: { ...descriptor.topology.observer, local: true as const },
  };
  const provider = new InventoryProvider(new LabNotes(join(folder, 'notes')));
  return provider.attach({ ...descriptor, provider: 'inventory', topology });
}
