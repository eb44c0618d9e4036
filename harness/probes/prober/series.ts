// What the prober runs for a series: a program that is handed every tick of the series' cadence.
import type { SecureContext, TLSSocket } from 'node:tls';
import type { ProbeDefinition } from '../../core/record.ts';
import type { ProberConfig, SampleLine, SeenLine } from '../protocol.ts';
import type { Tick } from './cadence.ts';

/** A sample without what the tick says of it: the series, its start and its lateness. */
export type Reading = Omit<SampleLine, 'p' | 't' | 'l'>;

export interface SeriesProgram {
  /**
   * One sample, its limit counted from `tick.startNs`. Never rejects, and settles soon after its limit at the latest. Is
   * called at every tick, whatever became of the ones before. Milliseconds in the reading need not be rounded.
   * undefined: nothing could be asked at this tick, so there is no sample.
   */
  take(tick: Tick): Promise<Reading | undefined>;
  /** Asks once before the cadence begins, so that no sample waits for code to be loaded. Default: `take`. */
  warmUp?(): Promise<unknown>;
  /** After the last sample; ends what the program left open. */
  stop?(): Promise<void> | void;
}

/** Writes down what was seen beside the samples; `atNs` is a CLOCK_MONOTONIC reading, default: now. */
export type Say = (seen: SeenLine['seen'], atNs?: bigint) => void;

/** Something that says what it sees, without a cadence. */
export interface Watcher {
  stop(): Promise<void> | void;
}

/** The configuration's certificates, ready to be used; made once, because that is slow. */
export interface TlsMaterial {
  /** @param as whose certificate is presented: nobody's, the API client's, or the etcd client's, who also trusts others */
  contextFor(as: 'nobody' | 'client' | 'etcd'): SecureContext;
  /**
   * The host whose certificate the peer has shown, "unknown" when no host has it; undefined when the configuration
   * names no servers. Call it once a connection, after the handshake.
   */
  answererOf(socket: TLSSocket): string | undefined;
}

/** All that a series' program is made from. */
export interface SeriesSetting {
  readonly definition: ProbeDefinition;
  readonly config: ProberConfig;
  readonly tls: TlsMaterial;
  readonly say: Say;
}
