// The files that make the seed's cluster, compared with what the seed's document prints.
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hostsWithRole, type HostPlan, type Topology } from '../core/topology.ts';
import { profileNamed } from '../profiles/index.ts';
import { parseKeepalivedConf } from '../oracle/keepalived-conf.ts';
import { dnsAddress } from './dns.ts';
import { etcdDefaults, etcdEndpoints } from './etcd.ts';
import { guardDefaults } from './guard.ts';
import { keepalivedConf, preferredHolder } from './keepalived.ts';
import { initConfiguration, joinConfiguration } from './kubeadm.ts';
import { cniConfiguration, podRoutesUnit, podSubnet } from './pod-network.ts';
import { loadTopology } from './topology.ts';

const { topology } = loadTopology();
const profile = profileNamed('v1.20.2');
const secrets = { bootstrapToken: 'abcdef.0123456789abcdef', certificateKey: 'f'.repeat(64) };

function host(plan: Topology, name: string): HostPlan {
  const found = plan.hosts.find((one) => one.name === name);
  if (!found) throw new Error(`no host ${name}`);
  return found;
}

describe("etcd's configuration", () => {
  it("is the seed's chapter 3.2 to the letter", () => {
    expect(etcdDefaults(topology, host(topology, '10-10-103-96.node'))).toBe(`ETCD_NAME="etcd01"
ETCD_DATA_DIR="/var/lib/etcd/etcd01"
ETCD_LISTEN_PEER_URLS="http://10.10.103.96:2380"
ETCD_LISTEN_CLIENT_URLS="http://10.10.103.96:2379,http://127.0.0.1:2379"
ETCD_INITIAL_ADVERTISE_PEER_URLS="http://10.10.103.96:2380"
ETCD_ADVERTISE_CLIENT_URLS="http://10.10.103.96:2379"
ETCD_INITIAL_CLUSTER_STATE="new"
ETCD_INITIAL_CLUSTER_TOKEN="huan-etcd-cluster"
ETCD_INITIAL_CLUSTER="etcd01=http://10.10.103.96:2380,etcd02=http://10.10.103.97:2380"
`);
  });

  it('refuses a host that is to have no member', () => {
    expect(() => etcdDefaults(topology, host(topology, '10-10-102-91.master'))).toThrow('is no etcd host');
  });
});

describe("keepalived's configuration", () => {
  it("reads back as the seed's: master-backup-backup, VRID 51, a check of weight -20", () => {
    const instances = hostsWithRole(topology, 'master').flatMap((plan) =>
      parseKeepalivedConf(keepalivedConf(topology, plan, profile), {
        host: plan.name,
        address: plan.address,
        file: 'keepalived.conf',
      }),
    );
    expect(instances.map((one) => one.state)).toEqual(['MASTER', 'BACKUP', 'BACKUP']);
    expect(instances.map((one) => one.priority)).toEqual([100, 95, 90]);
    for (const one of instances) {
      expect(one).toMatchObject({
        virtualRouterId: 51,
        advertIntervalS: 1,
        virtualAddresses: ['10.10.102.21/24'],
      });
      expect(one.trackScripts).toMatchObject([{ name: 'check_k8s_master', intervalS: 2, weight: -20 }]);
    }
  });

  it('goes to the interface that it is told, and to eth0 of a host that nobody has asked', () => {
    const plan = host(topology, '10-10-102-91.master');
    expect(keepalivedConf(topology, plan, profile)).toContain('    interface eth0\n');
    expect(keepalivedConf(topology, plan, profile, 'eth1')).toContain('    interface eth1\n');
  });

  it('has a holder repeat its gratuitous ARP where the topology says so', () => {
    const asked = { ...topology, keepalived: { ...topology.keepalived, garpMasterRefreshS: 10 } };
    const refreshOf = (plan: Topology): number | undefined =>
      parseKeepalivedConf(keepalivedConf(plan, preferredHolder(plan), profile), {
        host: 'm1',
        address: '10.10.102.91',
        file: 'keepalived.conf',
      })[0]?.garpMasterRefreshS;
    expect([refreshOf(topology), refreshOf(asked)]).toEqual([0, 10]);
  });

  it('prefers the master of the highest priority', () => {
    expect(preferredHolder(topology).name).toBe('10-10-102-91.master');
  });
});

describe("the guard's configuration", () => {
  it('has the other masters and all other hosts, and not its own', () => {
    expect(guardDefaults(topology, host(topology, '10-10-102-92.master')))
      .toBe(`GUARD_MASTERS="10.10.102.91 10.10.102.93"
GUARD_OTHERS="10.10.103.96 10.10.103.97"
GUARD_API_PORT=6443
GUARD_INTERVAL_S=1
GUARD_FALL=3
GUARD_RISE=2
`);
  });
});

describe("the cluster's DNS", () => {
  it('has the tenth address of the service network, where kubeadm points every kubelet', () => {
    expect(dnsAddress(topology)).toBe('10.96.0.10');
    expect(dnsAddress({ ...topology, serviceNetwork: '172.30.8.128/25' })).toBe('172.30.8.138');
  });
});

describe("kubeadm's configuration", () => {
  it('has the VIP as the one endpoint and in the certificate, and the external etcd', () => {
    const text = initConfiguration(topology, host(topology, '10-10-102-91.master'), profile, secrets);
    const [init, cluster] = parseAllDocuments(text).map(
      (document) => document.toJS() as Record<string, unknown>,
    );
    expect(init).toMatchObject({
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: '10.10.102.91' },
    });
    expect(cluster).toMatchObject({
      controlPlaneEndpoint: '10.10.102.21:6443',
      etcd: { external: { endpoints: etcdEndpoints(topology) } },
    });
    expect((cluster?.apiServer as { certSANs: string[] }).certSANs).toContain('10.10.102.21');
  });

  it('makes a control plane of a joining master and of no node', () => {
    const join = (name: string): string =>
      joinConfiguration(topology, host(topology, name), profile, secrets, 'sha256:0');
    expect(join('10-10-102-92.master')).toContain('controlPlane:');
    expect(join('10-10-103-96.node')).not.toContain('controlPlane:');
  });
});

describe('the pod network', () => {
  it('gives every host a subnet of its own', () => {
    const subnets = topology.hosts.map((plan) => podSubnet(topology, plan));
    expect(new Set(subnets).size).toBe(topology.hosts.length);
    expect(subnets[0]).toBe('10.244.0.0/24');
  });

  it('routes to the pods of all other hosts and not to its own', () => {
    const unit = podRoutesUnit(topology, host(topology, '10-10-103-96.node'));
    expect(unit.match(/ip route replace/g)).toHaveLength(topology.hosts.length - 1);
    expect(unit).toContain('10.244.0.0/24 via 10.10.102.91');
    expect(unit).not.toContain('via 10.10.103.96');
  });

  it('keeps pod addresses where a power cut forgets them', () => {
    expect(cniConfiguration(topology, host(topology, '10-10-103-96.node'))).toContain('"dataDir": "/run/');
  });
});
