// result.json, schema version 1: the contract that scripts rely on (docs/result.md). Extended compatibly only.
import type { CheckResult } from './check.ts';
import type { Evidence } from './record.ts';
import type { Cleanliness, Verdict } from './verdict.ts';

export const RESULT_SCHEMA_VERSION = 1;

export interface RunResultFile {
  readonly schemaVersion: typeof RESULT_SCHEMA_VERSION;
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    /** undefined when the run was killed: the journal simply ends. */
    readonly finishedAt: string | undefined;
    readonly seed: number;
    readonly holdfast: string;
    readonly topology: string;
    readonly profile: string;
    readonly provider: string;
    readonly command: string;
    /** Why the run ended early, if it did. */
    readonly interrupted: string | undefined;
  };
  readonly verdict: Verdict;
  readonly cleanliness: Cleanliness;
  readonly provision: { readonly totalMs: number; readonly steps: readonly StepTime[] };
  readonly scenarios: readonly ScenarioResult[];
  readonly noise: NoiseSummary;
}

export interface StepTime {
  readonly name: string;
  readonly ms: number;
}

export interface ScenarioResult {
  readonly name: string;
  readonly iteration: number;
  readonly hypothesis: string;
  readonly verdict: Verdict;
  readonly cleanliness: Cleanliness;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly faults: readonly FaultResult[];
  readonly checks: readonly CheckResult[];
  readonly probes: readonly ProbeResult[];
  readonly outages: readonly OutageResult[];
  readonly vip: {
    readonly moves: readonly VipMove[];
    readonly noHolderMs: number;
    readonly dualHolderMs: number;
  };
  readonly budget: Budget | undefined;
  readonly findings: readonly string[];
}

export interface FaultResult {
  readonly kind: string;
  readonly target: string;
  readonly injectedAtMs: number | undefined;
  readonly healedAtMs: number | undefined;
  readonly evidence: readonly Evidence[];
}

export interface ProbeResult {
  readonly name: string;
  readonly samples: number;
  readonly failures: number;
  /** Share of samples that were good, 0 to 1; undefined without samples. */
  readonly availability: number | undefined;
  /** Of good samples only. */
  readonly latencyMs: LatencySummary | undefined;
}

export interface LatencySummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface OutageResult {
  readonly probe: string;
  /** Start of the first failed sample. */
  readonly startMs: number;
  readonly lowerMs: number;
  /** undefined while the series never came back within the record. */
  readonly upperMs: number | undefined;
  readonly cause: string | undefined;
}

export interface VipMove {
  /** undefined when no host held it before (or after). */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly atMs: number;
}

/** How long a failover may take, term by term. */
export interface Budget {
  readonly terms: readonly StepTime[];
  readonly totalMs: number;
}

export interface NoiseSummary {
  readonly latenessMsP99: number | undefined;
  readonly latenessMsMax: number | undefined;
  readonly eventLoopStallMsMax: number | undefined;
  readonly lostSamples: number;
  readonly proberCpuShareMean: number | undefined;
  readonly cpuShares: Readonly<Record<string, number>>;
}
