// The series of a topology, and what a scenario may say of them.
import { describe, expect, it } from 'vitest';
import { FOUND, STACKED } from '../../fixtures/runs/found-topology.ts';
import { UsageError } from '../core/errors.ts';
import type { ProbeDefinition } from '../core/record.ts';
import type { FoundCluster, Topology } from '../core/topology.ts';
import { probes, selectProbes } from './index.ts';

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
const context = { topology, serviceAddress: '10.96.0.7', dnsAddress: '10.96.0.10' };
const CONFIG_MAPS = 'https://10.10.102.21:6443/api/v1/namespaces/holdfast/configmaps';

describe('the probes of a cluster', () => {
  const series = selectProbes(context);

  it('ask the API as its clients do, its parts directly, and the workload from outside and inside', () => {
    expect(series.map(({ name, url, connection }) => `${name} ${connection} ${url}`)).toEqual([
      'api-vip-new new https://10.10.102.21:6443/readyz',
      'api-vip-reused reused https://10.10.102.21:6443/readyz',
      'api-vip-new-h2 new https://10.10.102.21:6443/readyz',
      'api-vip-reused-h2 reused https://10.10.102.21:6443/readyz',
      `api-read-quorum reused ${CONFIG_MAPS}/holdfast-probe`,
      `api-read-cached reused ${CONFIG_MAPS}?fieldSelector=metadata.name%3Dholdfast-probe&resourceVersion=0`,
      `api-write reused ${CONFIG_MAPS}`,
      `api-watch reused ${CONFIG_MAPS}`,
      'apiserver-a.master reused https://10.10.102.91:6443/readyz',
      'apiserver-a.master-livez reused https://10.10.102.91:6443/livez',
      'etcd-b.node reused http://10.10.103.96:2379/health',
      'etcd-c.etcd reused http://10.10.103.97:2379/health',
      'logapi-b.node new http://10.10.103.96:31070/api/log/greeting',
      'logapi-b.node-reused reused http://10.10.103.96:31070/api/log/greeting',
      'service-from-b.node new http://10.96.0.7:8080/api/log/greeting',
      'dns-from-b.node new dns://10.96.0.10:53/kubernetes.default.svc.cluster.local',
      'control reused http://127.0.0.1/',
    ]);
  });

  it('of somebody else ask what was found there', () => {
    const found = selectProbes({ topology: { ...STACKED, dns: 'none' } }).map(
      ({ name, url }) => `${name} ${url}`,
    );
    expect(found).toContain('api-vip-new https://10.10.102.21:8443/readyz');
    expect(found).toContain('apiserver-cp-2-livez https://10.10.102.92:8443/livez');
    expect(found).toContain('etcd-cp-3 https://10.10.102.93:2379/health');
    expect(found.filter((name) => name.startsWith('logapi'))).toEqual([]);
    expect(found.some((name) => name.includes(':6443'))).toBe(false);
  });

  it('run on the observer, except those that ask from inside a pod', () => {
    const elsewhere = series.filter(({ from }) => from !== undefined).map(({ name, from }) => [name, from]);
    expect(elsewhere).toEqual([
      ['service-from-b.node', 'b.node'],
      ['dns-from-b.node', 'b.node'],
    ]);
  });

  it('present a certificate exactly where objects are read and written', () => {
    const presenting = series.filter(({ authenticated }) => authenticated).map(({ name }) => name);
    expect(presenting).toEqual(['api-read-quorum', 'api-read-cached', 'api-write', 'api-watch']);
  });

  it('leave out what this cluster does not have', () => {
    const names = selectProbes({ topology }).map(({ name }) => name);
    expect(names).toHaveLength(series.length - 2);
    expect(names.filter((name) => name.includes('-from-'))).toEqual([]);
  });

  it('name no series twice, and each as its probe is listed', () => {
    expect(new Set(series.map(({ name }) => name)).size).toBe(series.length);
    for (const probe of probes) {
      for (const { name, host = '', from = '' } of probe.series(context)) {
        expect(name).toBe(probe.name.replace('<host>', host).replace('<node>', from));
      }
    }
  });

  it('count only what asks for /readyz through the VIP as what an API client gets', () => {
    const api = series.filter(({ capability }) => capability === 'api').map(({ name }) => name);
    expect(api).toEqual(['api-vip-new', 'api-vip-reused', 'api-vip-new-h2', 'api-vip-reused-h2']);
  });
});

describe('a selection of probes', () => {
  const cadences = (selection: Parameters<typeof selectProbes>[1]): Record<string, string> =>
    Object.fromEntries(
      selectProbes(context, selection).map((one) => [one.name, `${one.intervalMs}/${one.timeoutMs}`]),
    );

  it('leaves every probe at its own cadence', () => {
    const all = cadences({});
    expect(all['api-vip-new']).toBe('100/1000');
    expect(all['apiserver-a.master-livez']).toBe('500/1000');
    expect(all['etcd-c.etcd']).toBe('500/1000');
  });

  it('takes some, by probe or by series', () => {
    expect(cadences({ only: ['api-vip-new', 'etcd-<host>'] })).toEqual({
      'api-vip-new': '100/1000',
      'etcd-b.node': '500/1000',
      'etcd-c.etcd': '500/1000',
    });
    expect(Object.keys(cadences({ only: ['etcd-<host>'], without: ['etcd-b.node'] }))).toEqual([
      'etcd-c.etcd',
    ]);
  });

  it('sets the cadence of all, of one probe, of one series, the narrower over the wider', () => {
    const set = cadences({
      only: ['control', 'etcd-<host>'],
      intervalMs: 50,
      each: { 'etcd-<host>': { intervalMs: 20, timeoutMs: 200 }, 'etcd-c.etcd': { intervalMs: 10 } },
    });
    expect(set).toEqual({ control: '50/1000', 'etcd-b.node': '20/200', 'etcd-c.etcd': '10/200' });
  });

  it.each([
    [{ only: ['api-vip-neu'] }, 'there is no probe "api-vip-neu"', 'did you mean api-vip-new?'],
    [{ without: ['etcd'] }, 'there is no probe "etcd"', undefined],
    [{ each: { contral: { intervalMs: 50 } } }, 'there is no probe "contral"', 'did you mean control?'],
    [{ intervalMs: 9 }, 'intervalMs of all probes is 9; it has to be between 10 and 60000', undefined],
    [{ each: { control: { timeoutMs: NaN } } }, 'timeoutMs of control is NaN', undefined],
    [{ each: { control: { intervalMs: 60_001 } } }, 'intervalMs of control is 60001', undefined],
    [{ only: [] }, 'leaves none', undefined],
    [{ only: ['api-watch'] }, 'api-watch is selected without api-write', undefined],
  ])('that is wrong (%j) is refused before anything is touched', (selection, message, hint) => {
    let thrown: unknown;
    try {
      selectProbes(context, selection);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    expect((thrown as UsageError).message).toContain(message);
    expect((thrown as UsageError).hint).toBe(hint);
  });

  it('may name a probe of which this cluster has no series', () => {
    expect(() => selectProbes({ topology }, { without: ['dns-from-<node>'] })).not.toThrow();
  });
});

describe('where the API', () => {
  const found = (change: Partial<FoundCluster>): readonly ProbeDefinition[] =>
    selectProbes({ topology: { ...STACKED, found: { ...FOUND, ...change } } });

  it('is asked on another port than the apiservers, each is asked on its own', () => {
    const urls = found({ endpointPort: 443 }).map(({ url }) => url);
    expect(urls).toContain(`https://${STACKED.vip.address}:443/readyz`);
    expect(urls).toContain('https://10.10.102.91:8443/readyz');
  });

  it('tells its health only to who shows credentials, every series shows them', () => {
    const isOfHealth = ({ url }: ProbeDefinition): boolean => /\/(readyz|livez)$/.test(url);
    expect(
      found({})
        .filter(isOfHealth)
        .some(({ authenticated }) => authenticated),
    ).toBe(false);
    const secret = found({ health: 'authenticated' }).filter(isOfHealth);
    expect(secret.length).toBeGreaterThan(6);
    expect(secret.every(({ authenticated }) => authenticated)).toBe(true);
  });
});
