// A reporter turns the record of a run and what was judged of it into one file's text. It touches nothing else.
import type { RunRecord } from '../core/record.ts';
import type { RunResultFile } from '../core/result.ts';

export interface Reporter {
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** The file's name within the run folder. */
  readonly file: string;
  readonly render: (record: RunRecord, result: RunResultFile) => string;
}
