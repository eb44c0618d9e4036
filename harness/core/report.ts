// A run as reporters get it: what was judged, and of each scenario what a reader wants besides. Small, however long the run.
import type { Chart } from './chart.ts';
import type { RunResultFile } from './result.ts';
import type { ToleranceRow } from './tolerance.ts';
import type { Topology } from './topology.ts';

/** One moment of a scenario, for a person. */
export interface StoryLine {
  /** Before (negative) or after the fault, or after the beginning when there was none. */
  readonly sinceFaultMs: number;
  readonly text: string;
}

/** What is told of one scenario beside its result. */
export interface ScenarioDigest {
  readonly story: readonly StoryLine[];
  /** One phrase for each series that asks the API through the VIP. */
  readonly costs: readonly string[];
  readonly tolerance: ToleranceRow;
  readonly chart: Chart;
}

export interface RunReport {
  readonly result: RunResultFile;
  readonly topology: Topology;
  /** Of the result's scenarios, in their order. */
  readonly digests: readonly ScenarioDigest[];
  /** Names of the scenarios that were to run, in order. */
  readonly plan: readonly string[];
  /** Lines of the journal that could not be read. */
  readonly unreadableLines: number;
}
