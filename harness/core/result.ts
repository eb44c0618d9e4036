// result.json, schema version 1: the contract that scripts rely on (docs/result.md). Extended compatibly only.
// docs/result.schema.json is generated from these shapes.
import { z } from 'zod';
import type { Evidence } from './record.ts';
import { VERDICTS } from './verdict.ts';

export const RESULT_SCHEMA_VERSION = 1;

const atMs = z.number().describe('milliseconds since the run began');
const durationMs = z.number().nonnegative().describe('milliseconds');
const timestamp = z.iso.datetime().describe('UTC');
const verdict = z.enum(VERDICTS);
const cleanliness = z.enum(['clean', 'dirty', 'unknown']);

const stepTimeSchema = z.object({ name: z.string(), ms: durationMs }).readonly();

const evidenceSchema: z.ZodType<Evidence> = z
  .object({ witness: z.string(), holds: z.boolean(), detail: z.string() })
  .readonly();

const measuredSchema = z
  .object({
    lowerMs: durationMs.optional(),
    upperMs: durationMs.optional().describe('absent when the record does not bound it from above'),
    value: z.number().optional(),
    unit: z.string(),
  })
  .readonly();

const checkResultSchema = z
  .object({
    name: z.string(),
    verdict,
    measured: measuredSchema.optional(),
    limit: z.string().describe('what was allowed, in words with its unit'),
    explanation: z.string().describe('one or two sentences for a reader who was not there'),
  })
  .readonly();

const faultResultSchema = z
  .object({
    kind: z.string(),
    target: z.string(),
    injectedAtMs: atMs.optional().describe('the earliest moment at which the deed may have taken effect'),
    healedAtMs: atMs.optional(),
    evidence: z.array(evidenceSchema).readonly(),
  })
  .readonly();

const latencySummarySchema = z
  .object({ p50: durationMs, p95: durationMs, p99: durationMs, max: durationMs })
  .readonly();

const probeWindowSchema = z
  .object({
    samples: z.int().nonnegative(),
    failures: z.int().nonnegative(),
    availability: z.number().min(0).max(1).optional(),
    latencyMs: latencySummarySchema.optional(),
  })
  .readonly();

const probeResultSchema = z
  .object({
    name: z.string(),
    samples: z.int().nonnegative(),
    failures: z.int().nonnegative(),
    availability: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('share of good samples; absent without samples'),
    latencyMs: latencySummarySchema.optional().describe('of good samples only'),
    available: z
      .object({ lower: z.number().min(0).max(1), upper: z.number().min(0).max(1) })
      .readonly()
      .optional()
      .describe('share of the time watched in which the series was up, by the bounds of its outages'),
    windows: z
      .object({
        before: probeWindowSchema.optional(),
        during: probeWindowSchema.optional(),
        after: probeWindowSchema.optional(),
      })
      .readonly()
      .optional()
      .describe('before the first fault, while one was in force, after the last was healed'),
    answeredBy: z
      .record(z.string(), z.int().positive())
      .readonly()
      .optional()
      .describe('good samples by the host that answered'),
    perSecond: z
      .object({ disruptions: z.int().nonnegative(), disruptedS: z.int().nonnegative() })
      .readonly()
      .optional()
      .describe("by the definitions of OpenShift's disruption monitors: one sample a second, whole seconds"),
  })
  .readonly();

const outageResultSchema = z
  .object({
    probe: z.string(),
    startMs: atMs.describe('start of the first failed sample'),
    endMs: atMs.optional().describe('start of the first good sample after; absent while it never came back'),
    lowerMs: durationMs.describe('from the first failed sample to the last'),
    upperMs: durationMs
      .optional()
      .describe('from the last good sample to the next; absent when either is missing'),
    failures: z.int().positive(),
    cause: z.string().optional().describe('kinds of failure with their numbers'),
  })
  .readonly();

const vipMoveSchema = z
  .object({
    from: z.string().optional().describe('absent when no host held it before'),
    to: z.string().optional().describe('absent when no host took it over'),
    atMs,
  })
  .readonly();

const budgetSchema = z
  .object({ terms: z.array(stepTimeSchema).readonly(), totalMs: durationMs })
  .readonly()
  .describe('how long the failover may take, term by term');

const momentSchema = z
  .object({ fromMs: atMs, toMs: atMs.optional().describe('absent when nothing bounds it from above') })
  .readonly();

const decompositionSchema = z
  .object({
    terms: z
      .array(
        z
          .object({
            name: z.string(),
            moment: momentSchema.optional().describe('when it came about; absent when it was not seen'),
            sincePrevious: z
              .object({ lowerMs: durationMs, upperMs: durationMs.optional() })
              .readonly()
              .optional(),
            sinceFault: z
              .object({ lowerMs: durationMs, upperMs: durationMs.optional() })
              .readonly()
              .optional(),
            allowedMs: durationMs.optional().describe('since the previous term, by the live configuration'),
            overran: z.boolean(),
            detail: z.string(),
          })
          .readonly(),
      )
      .readonly(),
    overrun: z.string().optional().describe('the term that took longer than allowed by most'),
  })
  .readonly()
  .describe('one failover, from the fault to the last pod, in its terms');

const expectationSchema = z
  .object({
    capability: z.string(),
    expected: z.enum(['must-fail', 'may-fail', 'must-not-fail']),
    withinMs: durationMs.optional().describe('it may fail for so long, and must not after that'),
    reason: z.string(),
  })
  .readonly();

const writesSchema = z
  .object({
    acknowledged: z.int().nonnegative(),
    refused: z.int().nonnegative(),
    indeterminate: z.int().nonnegative(),
    indeterminateKept: z.int().nonnegative().describe('of those, how many were there afterwards'),
    lost: z.array(z.string()).readonly(),
    duplicated: z.array(z.string()).readonly(),
    reordered: z.array(z.string()).readonly(),
  })
  .readonly();

const scenarioResultSchema = z
  .object({
    name: z.string(),
    iteration: z.int().positive(),
    attempt: z.int().min(2).optional().describe('asked again, as nothing could be learned before; absent: 1'),
    superseded: z
      .literal(true)
      .optional()
      .describe('asked again: a later attempt counts for the verdict of the run, this one does not'),
    unavailable: z
      .string()
      .optional()
      .describe(
        'why it cannot be done on that cluster, before anything was broken: it does not count for the run',
      ),
    hypothesis: z.string(),
    verdict,
    cleanliness,
    startedAt: timestamp,
    finishedAt: timestamp.optional().describe('absent when the record ends inside the scenario'),
    startedAtMs: atMs,
    finishedAtMs: atMs.optional(),
    faults: z.array(faultResultSchema).readonly(),
    checks: z.array(checkResultSchema).readonly(),
    probes: z.array(probeResultSchema).readonly(),
    outages: z.array(outageResultSchema).readonly(),
    vip: z
      .object({
        moves: z.array(vipMoveSchema).readonly(),
        noHolderMs: durationMs,
        dualHolderMs: durationMs,
        staleArpMs: durationMs
          .optional()
          .describe("time in which the observer's ARP entry named a host that did not hold the VIP"),
        adverts: z.record(z.string(), z.int().positive()).readonly().optional().describe('seen, by host'),
      })
      .readonly(),
    budget: budgetSchema.optional(),
    decomposition: decompositionSchema.optional(),
    expectations: z.array(expectationSchema).readonly().optional().describe('what the oracle derived'),
    writes: writesSchema.optional().describe('the ledger of acknowledged writes'),
    findings: z.array(z.string()).readonly(),
  })
  .readonly();

const noiseSummarySchema = z
  .object({
    latenessMsP99: durationMs.optional().describe('the worst window'),
    latenessMsMax: durationMs.optional(),
    eventLoopStallMsMax: durationMs.optional(),
    lostSamples: z.int().nonnegative(),
    stealShareMax: z.number().nonnegative().optional().describe('of all CPU time'),
    cpuShares: z.record(z.string(), z.number().nonnegative()).readonly().describe('by process, of one core'),
    otherWorkCoresMax: z
      .number()
      .nonnegative()
      .optional()
      .describe("cores kept busy by what is neither the lab's nor the harness's, in the worst few seconds"),
  })
  .readonly();

export const runResultSchema = z
  .object({
    schemaVersion: z.literal(RESULT_SCHEMA_VERSION),
    run: z
      .object({
        id: z.string(),
        startedAt: timestamp,
        finishedAt: timestamp.optional().describe('absent when the run was killed: the journal simply ends'),
        seed: z.number(),
        holdfast: z.string().describe('version'),
        topology: z.string(),
        profile: z.string(),
        provider: z.string(),
        command: z.string(),
        interrupted: z.string().optional().describe('why the run ended early, if it did'),
      })
      .readonly(),
    verdict,
    cleanliness,
    provision: z.object({ totalMs: durationMs, steps: z.array(stepTimeSchema).readonly() }).readonly(),
    scenarios: z.array(scenarioResultSchema).readonly(),
    noise: noiseSummarySchema,
  })
  .readonly();

export type RunResultFile = z.infer<typeof runResultSchema>;
export type StepTime = z.infer<typeof stepTimeSchema>;
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;
export type Measured = z.infer<typeof measuredSchema>;
export type CheckResult = z.infer<typeof checkResultSchema>;
export type FaultResult = z.infer<typeof faultResultSchema>;
export type ProbeResult = z.infer<typeof probeResultSchema>;
export type LatencySummary = z.infer<typeof latencySummarySchema>;
export type OutageResult = z.infer<typeof outageResultSchema>;
export type ProbeWindow = z.infer<typeof probeWindowSchema>;
export type Decomposition = z.infer<typeof decompositionSchema>;
export type Expectation = z.infer<typeof expectationSchema>;
export type WritesResult = z.infer<typeof writesSchema>;
export type VipMove = z.infer<typeof vipMoveSchema>;
export type Budget = z.infer<typeof budgetSchema>;
export type NoiseSummary = z.infer<typeof noiseSummarySchema>;

/** The shape of result.json as JSON Schema (draft 2020-12). */
export function resultJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(runResultSchema);
}

/** Whether a scenario has a part in the verdict of its run: it was not asked again, and could be asked at all. */
export function counts({
  superseded,
  unavailable,
}: Pick<ScenarioResult, 'superseded' | 'unavailable'>): boolean {
  return superseded !== true && unavailable === undefined;
}
