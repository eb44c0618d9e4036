// All that reporters tell of a scenario beside its result, from its record; the record itself can go then.
import type { ScenarioRecord } from '../core/record.ts';
import type { ScenarioDigest } from '../core/report.ts';
import type { ScenarioResult } from '../core/result.ts';
import { chartOf } from './chart/index.ts';
import { storyOf, whatItCost } from './story.ts';
import { toleranceRow } from './tolerance.ts';

export function digestOf(record: ScenarioRecord, result: ScenarioResult): ScenarioDigest {
  return {
    story: storyOf(record, result),
    costs: whatItCost(record, result),
    tolerance: toleranceRow(record, result),
    chart: chartOf(record),
  };
}
