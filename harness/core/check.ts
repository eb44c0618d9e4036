// A check is a pure function from one scenario's record to a verdict with its measure and its reason.
import type { ScenarioRecord } from './record.ts';
import type { Verdict } from './verdict.ts';

export interface Measured {
  readonly lowerMs?: number;
  readonly upperMs?: number;
  readonly value?: number;
  readonly unit: string;
}

export interface CheckResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly measured: Measured | undefined;
  /** What was allowed, in words with its unit: "≤ 3879 ms". */
  readonly limit: string;
  /** One or two sentences for a reader who was not there. */
  readonly explanation: string;
}

export interface Check {
  readonly name: string;
  /** The question in one sentence; printed by `holdfast list`. */
  readonly question: string;
  judge(record: ScenarioRecord): Omit<CheckResult, 'name'>;
}
