// What the harness and the prober say to each other: one configuration line in, then one JSON object a line out.
// The prober imports types only, so that its bundle stays small.
import { z } from 'zod';
import type { ProbeDefinition } from '../core/record.ts';

/** The first line on the prober's standard input. Any line after it, or its end, stops the prober. */
export interface ProberConfig {
  readonly probes: readonly ProbeDefinition[];
  /** Certificates that https series trust; Node's own when absent. */
  readonly caPem?: string;
  /** What authenticated series present. */
  readonly client?: { readonly certPem: string; readonly keyPem: string };
  /** What series of capability "etcd" trust and present, where etcd speaks TLS. */
  readonly etcd?: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
  /** SHA-256 fingerprints of the apiservers' certificates (lower-case hex without colons) → host. */
  readonly servers?: Readonly<Record<string, string>>;
  readonly ledger?: LedgerConfig;
  readonly clusterWatch?: ClusterWatchConfig;
  readonly noiseWindowMs: number;
  /** The prober ends by itself after this, whatever became of the harness. */
  readonly maxDurationMs: number;
}

/** The ledger: numbered records, each a ConfigMap of its own, spread over some keys. */
export interface LedgerConfig {
  readonly namespace: string;
  /** Value of the label holdfast.ledger on every record of this scenario. */
  readonly id: string;
  readonly keys: number;
}

/** The harness's own watch on nodes, pods and leases, straight to one apiserver after the other. */
export interface ClusterWatchConfig {
  readonly servers: readonly { readonly host: string; readonly url: string }[];
  /** What a host calls itself → the host, where these differ: leaders are known by the former. */
  readonly hostnames?: Readonly<Record<string, string>>;
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
  /** Until the connection stood, ms. */
  c: z.number().optional(),
  /** From there until the TLS handshake was complete, ms. */
  h: z.number().optional(),
  /** From when the request was sent until the first byte of the answer, ms. */
  b: z.number().optional(),
  /** Who answered. */
  a: z.string().optional(),
  /** What became of a record of the ledger. */
  w: z
    .strictObject({
      key: z.string(),
      record: z.int().positive(),
      outcome: z.enum(['acknowledged', 'refused', 'indeterminate']),
      revision: z.int().optional(),
    })
    .optional(),
});

/** What a series saw beside its samples: these become journal events as they are. */
const seenEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('watch'),
    probe: z.string(),
    change: z.enum(['opened', 'closed']),
    detail: z.string().optional(),
    answeredBy: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('cluster.watch'),
    host: z.string(),
    change: z.enum(['opened', 'closed']),
    detail: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('node'),
    node: z.string(),
    ready: z.enum(['True', 'False', 'Unknown']),
    reason: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('pod'),
    pod: z.string(),
    node: z.string().optional(),
    phase: z.string(),
    ready: z.boolean(),
    deleted: z.enum(['begun', 'gone']).optional(),
  }),
  z.strictObject({
    type: z.literal('lease'),
    lease: z.string(),
    holder: z.string().optional(),
    transitions: z.int(),
    durationS: z.number(),
  }),
  z.strictObject({
    type: z.literal('etcd.member'),
    host: z.string(),
    memberId: z.string(),
    leaderId: z.string().optional(),
    term: z.int(),
  }),
]);

const seenLine = z.strictObject({ t: monotonicNs, seen: seenEvent });

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
    wallClockStepMs: z.number().optional(),
    residentMiB: z.number().optional(),
  }),
});

/** The last line: why the prober ended. */
const endLine = z.strictObject({ t: monotonicNs, end: z.string() });

export const proberLine = z.union([sampleLine, seenLine, noiseLine, endLine]);

export type SampleLine = z.infer<typeof sampleLine>;
export type SeenLine = z.infer<typeof seenLine>;
export type NoiseLine = z.infer<typeof noiseLine>;
export type ProberLine = z.infer<typeof proberLine>;
