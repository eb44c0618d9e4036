import { describe, expect, test } from 'vitest';
import { recordOf } from '../../fixtures/runs/record-of.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { LEDGER_RUNS } from '../../fixtures/runs/ledger-runs.ts';
import { writesOf } from '../core/ledger.ts';
import { acknowledgedWritesKept } from './acknowledged-writes-kept.ts';

describe('acknowledged writes', () => {
  test('of the good run are all there', () => {
    const record = recordOf(goodRun());
    const judged = acknowledgedWritesKept.judge(record);
    expect(judged.verdict).toBe('pass');
    expect(judged.measured).toMatchObject({ value: 0 });
    const writes = writesOf(record);
    expect(writes).toMatchObject({ lost: [], duplicated: [], reordered: [] });
    expect(writes?.indeterminateKept).toBe(1);
    expect(judged.explanation).toContain(`Each of ${writes?.acknowledged} acknowledged records is there`);
  });

  test.each(LEDGER_RUNS)('where $wrong are judged $verdict', ({ verdict, events }) => {
    const judged = acknowledgedWritesKept.judge(recordOf(events()));
    expect(judged).toMatchObject({ verdict });
    expect(judged.explanation).toMatch(/^[^\n]+[.!]$/);
  });

  test('that are lost are named, the first of them, and counted', () => {
    const lost = LEDGER_RUNS.find(({ wrong }) => wrong.includes('as it was some seconds before'));
    const record = recordOf(lost?.events() ?? []);
    const { explanation, measured } = acknowledgedWritesKept.judge(record);
    const names = writesOf(record)?.lost ?? [];
    expect(names.slice(0, 2)).toEqual(['record 30 (k2)', 'record 31 (k3)']);
    expect(explanation).toContain(
      `${names.length} records acknowledged and not there: record 30 (k2); record 31 (k3); record 32 (k0) and ${names.length - 3} more.`,
    );
    expect(measured?.value).toBe(names.length);
  });

  test('are not in the result when nobody read them back', () => {
    expect(writesOf(recordOf(goodRun().filter(({ type }) => type !== 'ledger.read')))).toBeUndefined();
  });
});
