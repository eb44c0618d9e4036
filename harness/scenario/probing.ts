// The probes of a scenario: which series, from where they ask, and the ledger that some of them write.
import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { hasProbePod, inProbePod } from '../cluster/probe-pods.ts';
import { asError } from '../core/errors.ts';
import { API_PORT } from '../core/ports.ts';
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
  maxDurationMs: number,
): Promise<Probing> {
  const { recorder, clock } = options;
  const definitions = await definitionsFor(options, cluster);
  const ledgerId = randomUUID();
  const ask = cluster.request.bind(cluster);
  await prepareLedger(ask);
  const shared = { recorder, clock, maxDurationMs };
  const running = await startGroups([
    { ...shared, ...(await observerGroup(options, cluster, ledgerId)), definitions: from(definitions) },
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
  { definition, lab, recorder, clock }: ExecuteOptions,
  cluster: Cluster,
): Promise<readonly ProbeDefinition[]> {
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
  const context = {
    topology: cluster.topology,
    ...(serviceAddress !== undefined && { serviceAddress }),
    ...(dnsAddress !== undefined && { dnsAddress }),
  };
  return selectProbes(context, definition.probes ?? {}).filter(
    (one) => one.from === undefined || !without.includes(one.from),
  );
}

function from(definitions: readonly ProbeDefinition[], host?: string): readonly ProbeDefinition[] {
  return definitions.filter((definition) => definition.from === host);
}

/** The observer's prober also writes the ledger and watches the cluster. */
async function observerGroup(
  { lab }: ExecuteOptions,
  cluster: Cluster,
  ledgerId: string,
): Promise<Omit<ProbesOptions, 'definitions' | 'recorder' | 'clock' | 'maxDurationMs'>> {
  const { caPem, certPem, keyPem } = cluster.credentials;
  return {
    host: lab.observer,
    caPem,
    client: { certPem, keyPem },
    servers: await cluster.apiserverFingerprints(),
    ledger: { namespace: LEDGER_NAMESPACE, id: ledgerId, keys: LEDGER_KEYS },
    clusterWatch: {
      servers: cluster.masters.map(({ name, address }) => ({
        host: name,
        url: `https://${address}:${API_PORT}`,
      })),
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
