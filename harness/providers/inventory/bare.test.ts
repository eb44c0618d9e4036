// What a host is asked for before a cluster is made on it: all that runs there, or what is needed to install that.
import { expect, test } from 'vitest';
import { loadTopology } from '../../cluster/topology.ts';
import { FakeHost } from '../../hosts/fake.ts';
import { unfitFor } from './bare.ts';

const { topology } = loadTopology('seed');
const [master] = topology.hosts;
if (!master) throw new Error('the seed has masters');

async function askedFor(needs: Parameters<typeof unfitFor>[3]): Promise<string> {
  const host = new FakeHost(master?.name).when('sh -s', { stdout: 'it does not run systemd\n' });
  expect(master && (await unfitFor(host, master, topology, needs))).toEqual(['it does not run systemd']);
  return host.commands[0]?.stdin ?? '';
}

test('hosts on which the embedded profile is made need its programs, images and version', async () => {
  const asked = await askedFor({ images: ['k8s.gcr.io/pause:3.2'], kubernetesVersion: 'v1.20.2' });
  expect(asked).toMatch(/^programs=.*\bkubeadm\b.*\bkeepalived\b/m);
  expect(asked).toContain('images=k8s.gcr.io/pause:3.2\nversion=v1.20.2\n');
});

test('hosts on which all is yet to be installed need a system, and still their own name and address', async () => {
  const asked = await askedFor(undefined);
  expect(asked).toContain("programs='systemctl ip curl tar'\nimages=''\nversion=''\n");
  expect(asked).toContain(`name=${master.name}\naddress=${master.address}\n`);
});
