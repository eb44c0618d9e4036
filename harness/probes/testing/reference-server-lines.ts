// What the reference server says, one JSON object a line. Its program imports types only.
import { z } from 'zod';

const OUTAGE_KINDS = ['refused', 'hanging', 'reset', 'slow', 'status'] as const;
/**
 * refused: the listener is closed and every connection with it. hanging: what arrives is never answered. reset: every
 * connection is reset, and each new one as soon as it is accepted. slow: what arrives is answered later than anyone
 * waits. status: what arrives is answered with 503.
 */
export type OutageKind = (typeof OUTAGE_KINDS)[number];

export type Protocol = 'http' | 'https' | 'http2';

export interface PlannedOutage {
  readonly kind: OutageKind;
  /** After the order to begin. */
  readonly atMs: number;
  readonly lengthMs: number;
}

/** A CLOCK_MONOTONIC reading in nanoseconds; JSON numbers cannot hold it. */
const monotonicNs = z.string().regex(/^\d+$/);

const knownOutage = z.strictObject({
  listener: z.string(),
  kind: z.enum(OUTAGE_KINDS),
  /** As planned. */
  lengthMs: z.number(),
  /** All that had reached the server before this was looked at before the outage began; what came since was struck. */
  lookedNs: monotonicNs,
  /** Read right before and right after the deed. */
  begin: z.tuple([monotonicNs, monotonicNs]),
  end: z.tuple([monotonicNs, monotonicNs]),
});
export type KnownOutage = z.infer<typeof knownOutage>;

export const referenceLine = z.union([
  z.strictObject({
    listening: z.array(z.strictObject({ name: z.string(), port: z.int().positive() })),
    certificatePem: z.string().optional(),
  }),
  z.strictObject({ outage: knownOutage }),
  z.strictObject({ performed: z.literal(true) }),
]);
export type ReferenceLine = z.infer<typeof referenceLine>;
