// What a scenario would inject, without injecting it: its body is run against a stage on which everything is at once done
// and nothing is touched. What the body decides from what it sees cannot be known before; that is said, not guessed.
import type { Cluster } from '../cluster/cluster.ts';
import { asError, WaitTimeoutError } from '../core/errors.ts';
import type { FaultParams } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Lab } from '../core/provider.ts';
import { seededRandom, seedFor } from '../core/random.ts';
import { hostsWithRole } from '../core/topology.ts';
import { withTimeout } from '../core/wait.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import { LOGAPI_AS_DEPLOYED, type Logapi } from '../workload/logapi.ts';
import type { ScenarioDefinition, Stage } from './definition.ts';
import { resolveTargets, type WhoIsWho } from './targets.ts';

/** Nothing is waited for on that stage: what takes longer waits for what only the running cluster would say. */
const TIMEOUT_MS = 2_000;
/** A body that goes on until something comes about would do so for ever. */
const MOST_STEPS = 1_000;

export type RehearsedStep =
  | {
      readonly type: 'inject';
      readonly fault: string;
      /** As the scenario says it: a host's name or a role. */
      readonly target: string;
      /** Who that is now, or by the design. Empty: not known before. */
      readonly hosts: readonly string[];
      readonly params: FaultParams;
      /** Named in the body and not reached in the rehearsal. */
      readonly unreached?: true;
    }
  | { readonly type: 'heal'; readonly fault: string; readonly hosts: readonly string[] }
  /** Something other than a fault, as far as it was seen. */
  | { readonly type: 'does'; readonly what: string }
  | { readonly type: 'note'; readonly text: string };

export interface Rehearsal {
  readonly steps: readonly RehearsedStep[];
  /** Why the rest is not known, if it is not. */
  readonly undecided?: string;
}

export interface RehearsalOptions {
  readonly name: string;
  readonly definition: ScenarioDefinition;
  readonly who: WhoIsWho;
  /** The run's. */
  readonly seed: number;
  readonly durationMs?: number | undefined;
}

/** The body came to what only the running cluster can tell. */
class Undecided extends Error {}

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const steps: RehearsedStep[] = [];
  const ended = new AbortController();
  let undecided: string | undefined;
  try {
    const body = options.definition.body(rehearsalStage(options, steps, ended.signal));
    await withTimeout('the rehearsal', TIMEOUT_MS, body);
  } catch (thrown) {
    const error = asError(thrown);
    undecided = error instanceof WaitTimeoutError ? 'it waits for what the cluster says' : error.message;
  }
  ended.abort(new Undecided('the rehearsal is over'));
  const unreached = await mentioned(options, steps);
  return { steps: [...steps, ...unreached], ...(undecided !== undefined && { undecided }) };
}

function rehearsalStage(
  { name, who, seed, durationMs }: RehearsalOptions,
  steps: RehearsedStep[],
  signal: AbortSignal,
): Stage {
  const random = seededRandom(seedFor(seed, `${name} 1`));
  const hosts = (target: string): Promise<readonly string[]> =>
    resolveTargets({ cluster: who, random }, target);
  let left = MOST_STEPS;
  /** Also lets the limit on the rehearsal come about. */
  const step = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    if ((left -= 1) < 0) throw new Undecided(`it has more than ${MOST_STEPS} steps`);
  };
  // Who waits for something asks many times alike: told once.
  const does = (what: string): void => {
    if (!steps.some((one) => one.type === 'does' && one.what === what)) steps.push({ type: 'does', what });
  };
  return {
    cluster: rehearsalCluster(who, does),
    logapi: rehearsalLogapi(does),
    signal,
    random,
    durationMs,
    hosts,
    inject: async (kind, target, given = {}) => {
      await step();
      const struck = await hosts(target);
      const params = completeParams(faultNamed(kind), given);
      steps.push({ type: 'inject', fault: kind, target, hosts: struck, params });
      let isHealed = false;
      const heal = async (): Promise<void> => {
        await step();
        if (!isHealed) steps.push({ type: 'heal', fault: kind, hosts: struck });
        isHealed = true;
      };
      return { id: kind, targets: struck, leadMs: 0, heal };
    },
    observe: step,
    vipHolder: async () => (await hosts('vip-holder'))[0] ?? '',
    vipLeaves: step,
    steadyAgain: step,
    demand: () => step().then(() => true),
    sinceAdvertMs: () => undefined,
    note: (text) => void steps.push({ type: 'note', text }),
  };
}

/** Who is who is known; a command on a host is noted and answers nothing; anything else is for the running cluster to say. */
function rehearsalCluster(who: WhoIsWho, does: (what: string) => void): Cluster {
  const { topology } = who;
  const host = (name: string): Host =>
    openEnded<Host>(`host ${name}`, {
      name,
      address: topology.hosts.find((plan) => plan.name === name)?.address ?? '',
      run: () => {
        does(`runs a command of its own on ${name}`);
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 0 });
      },
    });
  return openEnded<Cluster>('cluster', {
    topology,
    masters: hostsWithRole(topology, 'master').map(({ name }) => host(name)),
    lab: openEnded<Lab>('lab', {
      host,
      hosts: topology.hosts.map(({ name }) => host(name)),
    }),
    vipHolders: () => who.vipHolders(),
    etcdLeader: () => who.etcdLeader(),
    leaseHolder: (lease) => who.leaseHolder(lease),
  });
}

/** As it was deployed, and without a pod: what there is now is not asked. */
function rehearsalLogapi(does: (what: string) => void): Logapi {
  const { replicas, version } = LOGAPI_AS_DEPLOYED;
  const deed =
    (what: string) =>
    (...words: readonly unknown[]): Promise<never> => {
      does(`changes the workload: ${[what, ...words].join(' ').trim()}`);
      return Promise.resolve(undefined as never);
    };
  return openEnded<Logapi>('logapi', {
    state: () =>
      Promise.resolve({
        ...{ wanted: replicas, available: replicas, updated: replicas, total: replicas },
        ...{ version, observed: true },
      }),
    pods: () => Promise.resolve([]),
    scaleTo: deed('scaled to'),
    rollTo: deed('rolled to'),
    deletePod: deed('a pod is deleted'),
    restore: deed('as it was deployed'),
  });
}

/** What is known of something; the rest ends the rehearsal. */
function openEnded<T extends object>(what: string, known: Partial<T>): T {
  return new Proxy(known, {
    get: (target, key) => {
      if (key in target || typeof key === 'symbol' || key === 'then') {
        return Reflect.get(target, key) as unknown;
      }
      throw new Undecided(`it goes on by what ${what}.${key} says while it runs`);
    },
  }) as T;
}

const INJECT_CALL = /\binject\(\s*(['"`])([a-z-]+)\1\s*,\s*(?:(['"`])([^'"`$]*)\3)?/g;

/** Faults that the text of the body names and the rehearsal did not come to. */
async function mentioned(
  { definition, who, seed }: RehearsalOptions,
  steps: readonly RehearsedStep[],
): Promise<RehearsedStep[]> {
  const reached = new Set(steps.flatMap((step) => (step.type === 'inject' ? step.fault : [])));
  const calls = [...definition.body.toString().matchAll(INJECT_CALL)];
  const missing = calls.filter(([, , fault = '']) => !reached.has(fault));
  return Promise.all(
    missing.map(async ([, , fault = '', , target = '']): Promise<RehearsedStep> => {
      const random = seededRandom(seed);
      const hosts =
        target === '' ? [] : await resolveTargets({ cluster: who, random }, target).catch(() => []);
      return { type: 'inject', fault, target, hosts, params: {}, unreached: true };
    }),
  );
}
