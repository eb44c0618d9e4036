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

const scenarioResultSchema = z
  .object({
    name: z.string(),
    iteration: z.int().positive(),
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
      })
      .readonly(),
    budget: budgetSchema.optional(),
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
export type VipMove = z.infer<typeof vipMoveSchema>;
export type Budget = z.infer<typeof budgetSchema>;
export type NoiseSummary = z.infer<typeof noiseSummarySchema>;

/** The shape of result.json as JSON Schema (draft 2020-12). */
export function resultJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(runResultSchema);
}
