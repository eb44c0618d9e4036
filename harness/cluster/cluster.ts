// A running cluster as the harness sees it from outside the VIP: holders, nodes, etcd, workload.
import { X509Certificate } from 'node:crypto';
import type { V1Lease, V1Service } from '@kubernetes/client-node';
import { EnvironmentError, HoldfastError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import type { VrrpInstance } from '../core/record.ts';
import {
  apiPort,
  endpointPort,
  hasVrrp,
  isHealthSecret,
  keepalivedConf,
  supervisorOf,
} from '../core/facts.ts';
import { LOGAPI_NODE_PORT } from '../core/ports.ts';
import { staticPodPids } from '../core/static-pods.ts';
import { clusterMembers, hostsWithRole, type Topology } from '../core/topology.ts';
import { parseKeepalivedConf } from '../oracle/keepalived-conf.ts';
import { withScriptContents } from './check-scripts.ts';
import { etcdLeaderOf, healthyEtcdEndpoints } from './etcd-members.ts';
import {
  kubeClient,
  readAnyCredentials,
  type ApiAnswer,
  type KubeClient,
  type KubeCredentials,
} from './kube-client.ts';
import { misledHosts, type Misled } from './vip-neighbours.ts';
import { vipHolders } from './vip.ts';

const REQUEST_TIMEOUT_MS = 3_000;
const APISERVER_CERTIFICATE = '/etc/kubernetes/pki/apiserver.crt';
/** Prints when the host's init began, in seconds since 1970. */
const BOOTED_AT_S = 'echo $(( $(date +%s) - $(ps -o etimes= -p 1) ))';
/** Enough that a node port which leads to the dead pods of another node is not taken for whole: once in 256 times. */
const LOGAPI_QUESTIONS = 8;

export interface NodeStates {
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

export interface Replicas {
  readonly wanted: number;
  readonly available: number;
}

export class Cluster {
  readonly lab: Lab;
  readonly topology: Topology;
  readonly #credentials: KubeCredentials;
  readonly #clients = new Map<string, KubeClient>();
  #hostnames: Readonly<Record<string, string>> | undefined;

  private constructor(lab: Lab, credentials: KubeCredentials) {
    this.lab = lab;
    this.topology = lab.descriptor.topology;
    this.#credentials = credentials;
  }

  /** Connects to a cluster that is up; any one master that answers is enough. */
  static async attach(lab: Lab): Promise<Cluster> {
    const masters = hostsWithRole(lab.descriptor.topology, 'master').map((plan) => lab.host(plan.name));
    return new Cluster(lab, await readAnyCredentials(masters));
  }

  get credentials(): KubeCredentials {
    return this.#credentials;
  }

  get masters(): readonly Host[] {
    return hostsWithRole(this.topology, 'master').map((plan) => this.lab.host(plan.name));
  }

  async vipHolders(signal?: AbortSignal): Promise<readonly string[]> {
    return vipHolders(this.masters, this.topology.vip.address, signal);
  }

  /** Who would send to another master than the one that holds the VIP; undefined while none or several do. */
  async misled(): Promise<Misled | undefined> {
    const [holder, ...others] = await this.vipHolders();
    if (holder === undefined || others.length > 0) return undefined;
    return { holder, hosts: await misledHosts(this.lab, holder) };
  }

  /** Masters on which keepalived is not active: nobody has started it yet, or a guard has stopped it. */
  async withoutKeepalived(): Promise<readonly string[]> {
    const isPod = supervisorOf('keepalived', this.topology) === 'static-pod';
    const argv = isPod ? ['sh', '-c', staticPodPids('keepalived')] : ['systemctl', 'is-active', 'keepalived'];
    const silent = await Promise.all(
      this.masters.map(async (host) => {
        const acceptExitCodes = isPod ? [0, 1] : [0, 3];
        const { exitCode } = await host.run(argv, { acceptExitCodes, timeoutMs: 5_000 });
        return exitCode === 0 ? undefined : host.name;
      }),
    );
    return silent.filter((name) => name !== undefined);
  }

  async nodeStates(): Promise<NodeStates> {
    const { items } = await this.#ask((client) => client.core.listNode());
    const states = items.map((node) => ({
      name: node.metadata?.name ?? '',
      ready: node.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    }));
    return {
      ready: states.filter((state) => state.ready).map((state) => state.name),
      notReady: states.filter((state) => !state.ready).map((state) => state.name),
    };
  }

  /**
   * Hosts whose kubelet has not renewed its lease since the host booted. Until then what the API says of the node and of
   * its pods is from before: a host may be off and on again for 40 s before anybody calls it NotReady.
   */
  async silentSinceBoot(): Promise<readonly string[]> {
    const { items } = await this.#ask((client) =>
      client.coordination.listNamespacedLease({ namespace: 'kube-node-lease' }),
    );
    const renewedMs = new Map(
      // client-node calls it a date and hands over the text.
      items.map(({ metadata, spec }) => [metadata?.name, new Date(spec?.renewTime ?? 0).getTime()]),
    );
    const silent = await Promise.all(
      clusterMembers(this.topology).map(async ({ name }) => {
        const { stdout } = await this.lab.host(name).run(['sh', '-c', BOOTED_AT_S], { timeoutMs: 5_000 });
        return (renewedMs.get(name) ?? 0) > Number(stdout) * 1000 ? undefined : name;
      }),
    );
    return silent.filter((name) => name !== undefined);
  }

  /** Nodes on whose port logapi does not answer a client on the lab network, asked a few times each. */
  async logapiSilentOn(): Promise<readonly string[]> {
    const silent = await Promise.all(
      hostsWithRole(this.topology, 'node').map(async ({ name, address }) => {
        const url = `http://${address}:${LOGAPI_NODE_PORT}/api/log/greeting?[1-${LOGAPI_QUESTIONS}]`;
        // A connection each, or all would go to the one pod that the first was led to.
        const argv = ['curl', '-fsS', '-m', '2', '--fail-early', '-H', 'Connection: close', url];
        const { exitCode } = await this.lab.observer.run(argv, {
          acceptExitCodes: [0, 7, 22, 28, 52, 56],
          timeoutMs: 20_000,
        });
        return exitCode === 0 ? undefined : name;
      }),
    );
    return silent.filter((name) => name !== undefined);
  }

  /** Asks as a client does, from the observer. Undefined when the API answers; else what curl says. */
  async vipSilence(): Promise<string | undefined> {
    const url = `https://${this.topology.vip.address}:${endpointPort(this.topology)}/readyz`;
    // Where a client without credentials is told nothing, that it is told so is an answer.
    const how = isHealthSecret(this.topology) ? '-sSk' : '-fsSk';
    const { exitCode, stderr } = await this.lab.observer.run(['curl', how, '-m', '2', url], {
      acceptExitCodes: [0, 7, 22, 28, 35, 52, 56],
      timeoutMs: 10_000,
    });
    return exitCode === 0 ? undefined : stderr.trim();
  }

  async logapiReplicas(): Promise<Replicas> {
    const deployment = await this.#ask((client) =>
      client.apps.readNamespacedDeployment({ name: 'logapi', namespace: 'default' }),
    );
    return { wanted: deployment.spec?.replicas ?? 0, available: deployment.status?.availableReplicas ?? 0 };
  }

  /** Pods of the cluster's DNS, in whichever variant it is there now; undefined when it is in none. */
  async dnsReplicas(): Promise<Replicas | undefined> {
    const kubeDns = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' };
    const [deployments, daemonSets] = await this.#ask(({ apps }) =>
      Promise.all([apps.listNamespacedDeployment(kubeDns), apps.listNamespacedDaemonSet(kubeDns)]),
    );
    const replicas = [
      ...deployments.items.map(({ spec, status }) => [spec?.replicas, status?.availableReplicas]),
      ...daemonSets.items.map(({ status }) => [status?.desiredNumberScheduled, status?.numberAvailable]),
    ];
    if (replicas.length === 0) return undefined;
    const sum = (index: 0 | 1): number => replicas.reduce((total, one) => total + (one[index] ?? 0), 0);
    return { wanted: sum(0), available: sum(1) };
  }

  /** Endpoints of etcd members that answer a health request, which in etcd means a proposal that was committed. */
  etcdHealthy(): Promise<readonly string[]> {
    return healthyEtcdEndpoints(this.lab);
  }

  /** The host of etcd's leader by the members' own account; undefined when none of them leads. */
  etcdLeader(): Promise<string | undefined> {
    return etcdLeaderOf(this.lab);
  }

  /** The master whose component holds a leader-election lease of kube-system. */
  async leaseHolder(lease: string): Promise<string | undefined> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${lease}`;
    const { status, body } = await this.request('GET', path);
    if (status === 404) {
      throw new EnvironmentError(`there is no lease ${lease} in kube-system: who leads there is not known`);
    }
    if (status !== 200) throw new HoldfastError(`lease ${lease}: HTTP ${status} ${body}`);
    const { spec } = JSON.parse(body) as V1Lease;
    // "<hostname>_<uuid>", as client-go names its candidates.
    const name = spec?.holderIdentity?.replace(/_[^_]*$/, '') || undefined;
    return name === undefined ? undefined : ((await this.hostsByHostname())[name] ?? name);
  }

  /**
   * What each master calls itself → its host. Who elects leaders goes by the kernel's name, and a cluster's nodes need not be
   * called so (kubelet --hostname-override). Empty where holdfast named the hosts: there both are the same.
   */
  async hostsByHostname(): Promise<Readonly<Record<string, string>>> {
    if (!this.topology.found) return {};
    if (this.#hostnames) return this.#hostnames;
    const hostnames = await hostnamesOf(this.masters);
    // One that did not answer may do so the next time.
    if (Object.keys(hostnames).length === this.masters.length) this.#hostnames = hostnames;
    return hostnames;
  }

  /** SHA-256 fingerprint of each apiserver's certificate, lower-case hex without colons → host. */
  async apiserverFingerprints(): Promise<Readonly<Record<string, string>>> {
    const entries = this.masters.map(async (host) => {
      const certificate = new X509Certificate(await host.download(APISERVER_CERTIFICATE));
      return [certificate.fingerprint256.replaceAll(':', '').toLowerCase(), host.name] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The cluster address of a service; undefined when there is no such service. */
  async serviceAddress(namespace: string, name: string): Promise<string | undefined> {
    const { status, body } = await this.request('GET', `/api/v1/namespaces/${namespace}/services/${name}`);
    if (status === 404) return undefined;
    if (status !== 200) throw new HoldfastError(`service ${namespace}/${name}: HTTP ${status} ${body}`);
    return (JSON.parse(body) as V1Service).spec?.clusterIP;
  }

  /** Asks one apiserver directly, the first that answers at all. */
  async request(method: string, path: string, body?: object): Promise<ApiAnswer & { readonly host: string }> {
    return this.#ask(async (client, { name }) => ({
      ...(await client.request(method, path, body)),
      host: name,
    }));
  }

  /** Every instance that carries the VIP, as the masters' keepalived.conf say now; none where it is not keepalived's. */
  async vrrpInstances(): Promise<readonly VrrpInstance[]> {
    if (!hasVrrp(this.topology)) return [];
    const perMaster = this.masters.map(async (host) => {
      const file = keepalivedConf(this.topology);
      const conf = (await host.download(file)).toString();
      const instances = parseKeepalivedConf(conf, { host: host.name, address: host.address, file });
      return this.topology.found ? withScriptContents(host, instances) : instances;
    });
    const { address: vip } = this.topology.vip;
    const carriesVip = ({ virtualAddresses }: VrrpInstance): boolean =>
      virtualAddresses.some((address) => address.split('/')[0] === vip);
    return (await Promise.all(perMaster)).flat().filter(carriesVip);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  /** Asks the masters in turn; the first that answers is right. */
  async #ask<T>(question: (client: KubeClient, master: Host) => Promise<T>): Promise<T> {
    const errors: unknown[] = [];
    for (const master of this.masters) {
      try {
        return await question(this.#clientOf(master), master);
      } catch (error) {
        errors.push(error);
      }
    }
    throw new AggregateError(errors, 'no apiserver answered');
  }

  #clientOf(master: Host): KubeClient {
    const known = this.#clients.get(master.name);
    if (known) return known;
    const client = kubeClient({
      observer: this.lab.observer,
      address: master.address,
      port: apiPort(this.topology),
      credentials: this.#credentials,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
    });
    this.#clients.set(master.name, client);
    return client;
  }
}

/** Of those that answer. */
async function hostnamesOf(hosts: readonly Host[]): Promise<Readonly<Record<string, string>>> {
  const entries = hosts.map(async (host) => {
    try {
      const { stdout } = await host.run(['uname', '-n'], { timeoutMs: 5_000 });
      return [[stdout.trim(), host.name] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}
