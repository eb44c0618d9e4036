// The probes of a scenario: which series, from where they ask, and the ledger that some of them write.
import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { hasProbePod, inProbePod } from '../cluster/probe-pods.ts';
import { readEtcdCredentials, unreachableMembers, type EtcdCredentials } from '../cluster/etcd-members.ts';
import type { HostClocks } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { apiPort, hasWorkload } from '../core/facts.ts';
import type { ProbeDefinition } from '../core/record.ts';
import { hostsWithRole } from '../core/topology.ts';
import { selectProbes, startProbes, type ProbesOptions, type RunningProbes } from '../probes/index.ts';
import { prepareLedger, readLedger, removeLedger, LEDGER_NAMESPACE } from '../workload/ledger.ts';
import type { ExecuteOptions } from './options.ts';

const LEDGER_KEYS = 4;

export interface Probing {
  stop(): Promise<void>;
  /** Reads the ledger back and removes it. After `stop`: nobody writes it any more. */
  closeLedger(): Promise<void>;
}

/** Resolves when every series has its first sample. */
export async function startAllProbes(
  options: ExecuteOptions,
  cluster: Cluster,
  clocks: HostClocks,
  maxDurationMs: number,
): Promise<Probing> {
  const { recorder, clock } = options;
  const etcd = await readEtcdCredentials(options.lab);
  const definitions = await definitionsFor(options, cluster, etcd);
  const ledgerId = randomUUID();
  const ask = cluster.request.bind(cluster);
  await prepareLedger(ask);
  const shared = { recorder, clock, clocks, maxDurationMs };
  const running = await startGroups([
    { ...shared, ...(await observerGroup(options, cluster, ledgerId, etcd)), definitions: from(definitions) },
    ...hostsWithRole(cluster.topology, 'node').map(({ name }) => ({
      ...shared,
      host: options.lab.host(name),
      from: name,
      definitions: from(definitions, name),
      command: inProbePod,
      restart: true as const,
    })),
  ]);
  return {
    stop: () => stopAll(running),
    closeLedger: async () => {
      try {
        recorder.append({ type: 'ledger.read', atMs: clock.now(), ...(await readLedger(ask, ledgerId)) });
      } catch (thrown) {
        const text = `the ledger could not be read back: ${asError(thrown).message}`;
        recorder.append({ type: 'note', atMs: clock.now(), text });
      }
      await removeLedger(ask, ledgerId);
    },
  };
}

/** What the scenario selects, of what this cluster can answer. */
async function definitionsFor(
  options: ExecuteOptions,
  cluster: Cluster,
  etcd: EtcdCredentials | undefined,
): Promise<readonly ProbeDefinition[]> {
  const [context, silent] = await Promise.all([
    hasWorkload(cluster.topology) ? insidePods(options, cluster) : NOTHING_INSIDE_PODS,
    silentMembers(options, cluster, etcd),
  ]);
  const { without, ...addresses } = context;
  return selectProbes({ topology: cluster.topology, ...addresses }, options.definition.probes ?? {}).filter(
    ({ from, capability, host = '' }) =>
      (from === undefined || !without.includes(from)) && !(capability === 'etcd' && silent.includes(host)),
  );
}

/** Members of somebody else's etcd that a client on the network cannot ask; their own hosts still can. */
async function silentMembers(
  { lab, recorder, clock }: ExecuteOptions,
  { topology }: Cluster,
  etcd: EtcdCredentials | undefined,
): Promise<readonly string[]> {
  if (!topology.found) return [];
  const isLocked = topology.found.etcd.tls !== undefined && etcd === undefined;
  const silent = isLocked
    ? hostsWithRole(topology, 'etcd').map(({ name }) => name)
    : await unreachableMembers(lab);
  if (silent.length > 0) {
    const why = isLocked ? 'no client certificate could be read' : 'the observer cannot connect to it';
    const text = `etcd is asked by no series on ${silent.join(', ')}: ${why}`;
    recorder.append({ type: 'note', atMs: clock.now(), text });
  }
  return silent;
}

interface InsidePods {
  readonly serviceAddress?: string;
  readonly dnsAddress?: string;
  /** Nodes without a pod to ask from. */
  readonly without: readonly string[];
}

const NOTHING_INSIDE_PODS: InsidePods = { without: [] };

/** What is asked from inside pods: where, and on which nodes it cannot be. */
async function insidePods({ lab, recorder, clock }: ExecuteOptions, cluster: Cluster): Promise<InsidePods> {
  const nodes = hostsWithRole(cluster.topology, 'node').map(({ name }) => name);
  const [serviceAddress, dnsAddress, ...havePods] = await Promise.all([
    cluster.serviceAddress('default', 'logapi'),
    cluster.serviceAddress('kube-system', 'kube-dns'),
    ...nodes.map((name) => hasProbePod(lab.host(name))),
  ]);
  const without = nodes.filter((_, index) => havePods[index] !== true);
  if (without.length > 0) {
    const text = `no probe pod on ${without.join(', ')}: nothing is asked from inside a pod there`;
    recorder.append({ type: 'note', atMs: clock.now(), text });
  }
  return {
    without,
    ...(serviceAddress !== undefined && { serviceAddress }),
    ...(dnsAddress !== undefined && { dnsAddress }),
  };
}

function from(definitions: readonly ProbeDefinition[], host?: string): readonly ProbeDefinition[] {
  return definitions.filter((definition) => definition.from === host);
}

/** The observer's prober also writes the ledger and watches the cluster. */
async function observerGroup(
  { lab }: ExecuteOptions,
  cluster: Cluster,
  ledgerId: string,
  etcd: EtcdCredentials | undefined,
): Promise<Omit<ProbesOptions, 'definitions' | 'recorder' | 'clock' | 'clocks' | 'maxDurationMs'>> {
  const { caPem, certPem, keyPem } = cluster.credentials;
  return {
    host: lab.observer,
    ...(lab.places && { programs: lab.places.programs }),
    caPem,
    client: { certPem, keyPem },
    ...(etcd && { etcd }),
    servers: await cluster.apiserverFingerprints(),
    ledger: { namespace: LEDGER_NAMESPACE, id: ledgerId, keys: LEDGER_KEYS },
    clusterWatch: {
      servers: cluster.masters.map(({ name, address }) => ({
        host: name,
        url: `https://${address}:${apiPort(cluster.topology)}`,
      })),
      hostnames: await cluster.hostsByHostname(),
    },
  };
}

/** All or none. */
async function startGroups(groups: readonly ProbesOptions[]): Promise<readonly RunningProbes[]> {
  const begun = await Promise.allSettled(
    groups.filter(({ definitions }) => definitions.length > 0).map(startProbes),
  );
  const running = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = begun.find((one) => one.status === 'rejected');
  if (failed) {
    await stopAll(running);
    throw failed.reason;
  }
  return running;
}

async function stopAll(running: readonly RunningProbes[]): Promise<void> {
  await Promise.all(running.map((probes) => probes.stop()));
}
