// What a scenario file says: a hypothesis, what is done to the cluster, and the checks that judge it.
import type { Cluster } from '../cluster/cluster.ts';
import type { ProbeSelection } from '../probes/index.ts';
import type { Need } from '../core/facts.ts';
import type { FaultParams } from '../core/fault.ts';
import type { Logapi } from '../workload/logapi.ts';
import type { Injection } from './injections.ts';

export interface ScenarioDefinition {
  /** What ought to hold, in one sentence. */
  readonly hypothesis: string;
  /** Names of checks (harness/checks/index.ts), beside those that judge every scenario. */
  readonly checks: readonly string[];
  /** Which probes watch it, and how often they ask; default: all, each at its own cadence. */
  readonly probes?: ProbeSelection;
  /** It breaks nothing on purpose: then nothing may fail, and that there was no fault is no flaw. */
  readonly faultless?: true;
  /** Without these it cannot be done, and says so at once. Default: none. */
  readonly needs?: readonly Need[];
  /**
   * It may cost etcd its quorum, on some topology at least. On somebody's cluster a fault that would is refused unless the
   * scenario says this and the person --allow-quorum-loss.
   */
  readonly losesQuorum?: true;
  /** What its body does to the cluster other than by faults, a sentence each, for who asks beforehand (--dry-run). */
  readonly besides?: readonly string[];
  /** What it needs beyond the topology. Both are idempotent, and done while nothing is watched. */
  readonly setting?: {
    prepare(cluster: Cluster): Promise<void>;
    clear(cluster: Cluster): Promise<void>;
  };
  /**
   * Limit on the body; steady state before and after have limits of their own. Default 180000. What `--for` says is
   * added.
   */
  readonly bodyTimeoutMs?: number;
  body(stage: Stage): Promise<void>;
}

/** What a scenario's body can do. Everything is written to the journal as it happens. */
export interface Stage {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  /**
   * Injects a fault of harness/faults/index.ts. The target is a host or several, by name or by role ("vip-holder",
   * "master2", "standbys": harness/scenario/targets.ts). Healed at the end of the body if not before.
   */
  readonly inject: (fault: string, target: string, params?: FaultParams) => Promise<Injection>;
  /** The hosts that a target means now. */
  readonly hosts: (target: string) => Promise<readonly string[]>;
  /** From the run's seed, the scenario and the iteration: from 0 to below 1. */
  readonly random: () => number;
  /** Lets the probes watch for a while. */
  readonly observe: (durationMs: number) => Promise<void>;
  /** The one master that holds the VIP now. */
  readonly vipHolder: () => Promise<string>;
  /** Waits until some other master holds the VIP. A limit that is reached is an answer, not an error. */
  readonly vipLeaves: (holder: string, timeoutMs: number) => Promise<void>;
  /** Waits until all that steady state demands holds again. */
  readonly steadyAgain: (timeoutMs: number) => Promise<void>;
  /**
   * Demands a state and records whether it came about in time, for the check demands-kept. A limit that is reached is an
   * answer, not an error. A limit of 0 asks once.
   * @param missing what is missing in words; undefined when it is there; whatever it throws counts as missing
   * @returns whether it came about
   */
  readonly demand: (
    what: string,
    timeoutMs: number,
    missing: () => Promise<string | undefined>,
  ) => Promise<boolean>;
  /** The workload; as it was deployed again when the scenario ends. */
  readonly logapi: Logapi;
  /** What `--for` says; undefined when it was not given. */
  readonly durationMs: number | undefined;
  /** How long after the host's last advert on the wire it is now; undefined when none was seen. */
  readonly sinceAdvertMs: (host: string) => number | undefined;
  readonly note: (text: string) => void;
}
