import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LabDescriptor } from '../../core/provider.ts';
import type { Topology } from '../../core/topology.ts';
import { SshResolver } from '../../hosts/ssh/resolve.ts';
import { Libvirt } from './libvirt.ts';
import { machineLab, overSsh, SSH_CONFIG } from './machine-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-machines-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As vagrant 2.3.4 writes it. */
const SAID = `Host 10-10-102-91.master
  HostName 192.168.200.158
  User vagrant
  Port 22
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile /labs/x1/.vagrant/machines/10-10-102-91.master/libvirt/private_key
  IdentitiesOnly yes
  LogLevel FATAL

Host observer
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  IdentityFile "/labs/x1/.vagrant/machines/observer/virtualbox/private key"
  IdentitiesOnly yes
  LogLevel FATAL

`;
const config = join(folder, SSH_CONFIG);
writeFileSync(config, SAID);

const topology = {
  hosts: [{ name: '10-10-102-91.master', address: '10.10.102.91', roles: ['master'] }],
  observer: { name: 'observer', address: '10.10.103.200' },
} as unknown as Topology;

test('what vagrant says of its machines is how they are reached', () => {
  const resolver = new SshResolver({ home: '/home/me', user: 'me', environment: {} }, config);
  const { hosts, observer } = overSsh(topology, config);
  const [target, other] = [...hosts, observer].map(({ name, address, ssh }) =>
    resolver.target(name, address, ssh),
  );
  expect(target).toMatchObject({
    host: '192.168.200.158',
    port: 22,
    user: 'vagrant',
    sudo: true,
    identityFiles: ['/labs/x1/.vagrant/machines/10-10-102-91.master/libvirt/private_key'],
    hostKeys: { unchecked: true },
  });
  expect(other).toMatchObject({
    host: '127.0.0.1',
    port: 2222,
    identityFiles: ['/labs/x1/.vagrant/machines/observer/virtualbox/private key'],
  });
});

test('hosts keep the addresses that they have on the lab network', () => {
  const descriptor = { runId: 'x1', topology } as LabDescriptor;
  const lab = machineLab(descriptor, new Libvirt(), folder);
  expect(lab.hosts.map(({ name, address }) => `${name} ${address}`)).toEqual([
    '10-10-102-91.master 10.10.102.91',
  ]);
  expect(lab.observer.address).toBe('10.10.103.200');
  expect(() => lab.power('nobody')).toThrow('the lab has no host nobody');
  // The plan itself knows nothing of it: another process reads the same.
  expect(JSON.stringify(lab.descriptor)).not.toContain('ssh');
});
