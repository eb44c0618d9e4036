// What a request's outcome is in a sample's line.
import type { Outcome } from './exchange.ts';
import type { Reading } from './series.ts';

/** Keys without a value do not appear in the line. */
export function readingOf(outcome: Outcome): Reading {
  return {
    d: outcome.durationMs,
    f: outcome.failure,
    s: outcome.status,
    m: outcome.detail,
    c: outcome.connectMs,
    h: outcome.tlsMs,
    b: outcome.firstByteMs,
    a: outcome.answeredBy,
  };
}
