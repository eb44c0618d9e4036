// The default series of a topology.
import { describe, expect, it } from 'vitest';
import type { Topology } from '../core/topology.ts';
import { defaultProbes, probes } from './index.ts';

const topology: Topology = {
  name: 'test',
  network: '10.10.102.0/23',
  vip: { address: '10.10.102.21', prefixLength: 24 },
  podNetwork: '192.168.0.0/16',
  serviceNetwork: '10.96.0.0/12',
  keepalived: {
    virtualRouterId: 51,
    advertIntervalS: 1,
    authPass: 'test',
    check: { intervalS: 3, weight: -20 },
  },
  hosts: [
    { name: 'a.master', address: '10.10.102.91', roles: ['master'] },
    { name: 'b.node', address: '10.10.103.96', roles: ['node', 'etcd'] },
    { name: 'c.etcd', address: '10.10.103.97', roles: ['etcd'] },
  ],
  observer: { name: 'observer', address: '10.10.103.250' },
};

describe('defaultProbes', () => {
  const series = defaultProbes(topology, { intervalMs: 100, timeoutMs: 1000 });

  it('asks the API through the VIP, each master directly, and the workload through each node', () => {
    expect(series.map(({ name, url, connection }) => `${name} ${connection} ${url}`)).toEqual([
      'api-vip-new new https://10.10.102.21:6443/readyz',
      'api-vip-reused reused https://10.10.102.21:6443/readyz',
      'apiserver-a.master reused https://10.10.102.91:6443/readyz',
      'logapi-b.node new http://10.10.103.96:31070/api/log/greeting',
      'control reused http://127.0.0.1/',
    ]);
  });

  it('gives every series the cadence that was asked for', () => {
    expect(series.every(({ intervalMs, timeoutMs }) => intervalMs === 100 && timeoutMs === 1000)).toBe(true);
  });

  it('names no series twice, and each as its probe is listed', () => {
    expect(new Set(series.map(({ name }) => name)).size).toBe(series.length);
    for (const probe of probes) {
      for (const one of probe.series(topology)) {
        expect(one.name).toBe(probe.name.replace('<host>', one.host ?? ''));
      }
    }
  });
});
