// What the harness and the prober say to each other: one configuration line in, then one JSON object a line out.
// The prober imports types only, so that its bundle stays small.
import { z } from 'zod';
import type { ProbeDefinition } from '../core/record.ts';

/** The first line on the prober's standard input. Any line after it, or its end, stops the prober. */
export interface ProberConfig {
  readonly probes: readonly ProbeDefinition[];
  /** Certificates that https series trust; Node's own when absent. */
  readonly caPem?: string;
  readonly noiseWindowMs: number;
  /** The prober ends by itself after this, whatever became of the harness. */
  readonly maxDurationMs: number;
}

/** A CLOCK_MONOTONIC reading in nanoseconds; JSON numbers cannot hold it. */
const monotonicNs = z.string().regex(/^\d+$/);
const failureKind = z.enum(['refused', 'timeout', 'reset', 'unreachable', 'tls', 'status', 'other']);

/** One sample. Keys are short: there are many of these. */
const sampleLine = z.strictObject({
  /** Index in the configured probes. */
  p: z.int().nonnegative(),
  /** Start. */
  t: monotonicNs,
  /** Lateness of the start against the cadence, ms. */
  l: z.number(),
  /** Duration, ms. */
  d: z.number(),
  /** Kind of failure; absent when the sample is good. */
  f: failureKind.optional(),
  /** HTTP status of a failed sample, where there was a response. */
  s: z.int().optional(),
  /** Detail of a failed sample. */
  m: z.string().optional(),
});

const noiseLine = z.strictObject({
  /** End of the window. */
  t: monotonicNs,
  noise: z.strictObject({
    windowMs: z.number(),
    latenessMsP99: z.number(),
    latenessMsMax: z.number(),
    eventLoopStallMsMax: z.number(),
    lost: z.int(),
    proberCpuShare: z.number(),
    stealShare: z.number(),
  }),
});

/** The last line: why the prober ended. */
const endLine = z.strictObject({ t: monotonicNs, end: z.string() });

export const proberLine = z.union([sampleLine, noiseLine, endLine]);

export type SampleLine = z.infer<typeof sampleLine>;
export type NoiseLine = z.infer<typeof noiseLine>;
export type ProberLine = z.infer<typeof proberLine>;
