// A check is a pure function from one scenario's record to a verdict with its measure and its reason.
import type { Need } from './facts.ts';
import type { ScenarioRecord } from './record.ts';
import type { CheckResult } from './result.ts';

/** What a check found; the judge adds the name. */
export type Judgement = Omit<CheckResult, 'name'>;

export interface Check {
  readonly name: string;
  /** The question in one sentence; printed by `holdfast list`. */
  readonly question: string;
  /** Without these it cannot be asked, and is not. Default: none. */
  readonly needs?: readonly Need[];
  judge(record: ScenarioRecord): Judgement;
}
