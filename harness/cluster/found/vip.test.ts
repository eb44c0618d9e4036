// Where the API is asked for, and who moves that address.
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../../hosts/fake.ts';
import { parseInventory } from './inventory.ts';
import type { HostSurvey } from './survey.ts';
import { findVip } from './vip.ts';

const CONF = `vrrp_instance API {
  interface eth0
  virtual_router_id 77
  priority 150
  virtual_ipaddress { 10.0.0.10/24 }
}
`;

function survey(name: string, change: Partial<HostSurvey> = {}): HostSurvey {
  return {
    name,
    hostname: name,
    isRoot: true,
    isContainer: false,
    addresses: ['10.0.0.11/24'],
    units: [],
    missing: [],
    manifests: {},
    keepalivedConfs: {},
    kubelet: '',
    hasTimers: true,
    ...change,
  };
}

describe('the endpoint', () => {
  test('is keepalived’s where a master’s configuration carries its address', async () => {
    const found = await findVip(
      'https://10.0.0.10:6443',
      [
        survey('cp-a', {
          units: ['keepalived'],
          keepalivedConfs: { '/etc/keepalived/keepalived.conf': CONF },
        }),
      ],
      new FakeHost('cp-a'),
    );
    expect(found).toMatchObject({
      prefixLength: 24,
      port: 6443,
      facts: { by: 'keepalived', supervisor: 'systemd' },
    });
  });

  test('is somebody else’s where none does, on whatever port', async () => {
    const found = await findVip('https://10.0.0.10:8443', [survey('cp-a')], new FakeHost('cp-a'));
    expect(found).toMatchObject({ address: '10.0.0.10', port: 8443, facts: { by: 'other' }, instances: [] });
  });

  test('may be a name, which the master knows', async () => {
    const master = new FakeHost('cp-a');
    master.when('getent', { stdout: '10.0.0.9      STREAM api.test\n' });
    expect(await findVip('https://api.test', [survey('cp-a')], master)).toMatchObject({
      address: '10.0.0.9',
      port: 443,
    });
  });

  test('is not each host’s own', async () => {
    await expect(findVip('https://127.0.0.1:6443', [survey('cp-a')], new FakeHost('cp-a'))).rejects.toThrow(
      'each host’s own',
    );
  });

  test('is asked by an observer without the rights that the hosts give', () => {
    const text = (own: string): string =>
      `ssh: { user: a, sudo: true }\nhosts: [{ name: cp-a }]\nobserver: { name: jump${own} }\n`;
    const sudo = (own = ''): unknown => parseInventory(text(own), 'prod.yaml').observer.ssh?.sudo;
    expect([sudo(), sudo(', ssh: { sudo: true }')]).toEqual([false, true]);
    expect(parseInventory(text(''), 'prod.yaml').hosts[0]?.ssh.sudo).toBe(true);
  });

  test('can be said in the inventory', () => {
    const text = (endpoint: string): string => `hosts: [{ name: cp-a, ssh: {} }]\nendpoint: ${endpoint}\n`;
    expect(parseInventory(text('10.0.0.10:6443'), 'prod.yaml').endpoint).toBe('10.0.0.10:6443');
    expect(() => parseInventory(text('"https://x"'), 'prod.yaml')).toThrow(
      'a name or an address, and a port',
    );
  });
});
