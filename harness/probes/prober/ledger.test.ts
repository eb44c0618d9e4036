// The ledger's writer against an API whose answers the test scripts.
import { describe, expect, it } from 'vitest';
import type { LedgerAppend } from '../../core/record.ts';
import { LedgerBench } from '../testing/ledger-bench.ts';

describe('the writer of the ledger', () => {
  it('appends numbered records over its keys, each with the labels that it is found by', async () => {
    const bench = await LedgerBench.make();
    for (let record = 1; record <= 4; record += 1) {
      const { w: append } = await bench.append();
      expect(append).toEqual({
        key: `k${record % 3}`,
        record,
        outcome: 'acknowledged',
        revision: bench.revisionOf(record),
      });
    }
    expect(bench.records().map(({ metadata }) => metadata.labels)).toEqual(
      [1, 2, 3, 4].map((record) => ({
        'holdfast.ledger': 'try',
        'holdfast.key': `k${record % 3}`,
        'holdfast.record': String(record),
      })),
    );
    expect(bench.records()[0]?.metadata.name).toMatch(/^ledger-k1-1-./);
  });

  it('writes nothing to warm up', async () => {
    const bench = await LedgerBench.make();
    await bench.writer.warmUp?.();
    // A connection for each key.
    expect(bench.api.urls).toEqual(Array(3).fill('/api/v1/namespaces/holdfast'));
    expect((await bench.append()).w?.record).toBe(1);
  });

  it.each<[number, LedgerAppend['outcome']]>([
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [422, 'refused'],
    [429, 'refused'],
    [408, 'indeterminate'],
    [409, 'indeterminate'],
    [500, 'indeterminate'],
    [503, 'indeterminate'],
    [504, 'indeterminate'],
  ])('that is answered %i has its record %s', async (status, outcome) => {
    const bench = await LedgerBench.make();
    bench.api.create = status;
    expect(await bench.append()).toMatchObject({ f: 'status', s: status, w: { outcome } });
  });

  it('knows that nothing was written where nobody listened', async () => {
    const bench = await LedgerBench.make();
    await bench.api.close();
    expect(await bench.append()).toMatchObject({ f: 'refused', w: { outcome: 'refused' } });
  });

  it.each(['lost', 'written, unanswered'] as const)(
    'cannot tell what became of a request that was sent and not answered (%s)',
    async (script) => {
      const bench = await LedgerBench.make();
      bench.api.create = script;
      expect(await bench.append()).toMatchObject({ f: 'timeout', w: { outcome: 'indeterminate' } });
      expect(bench.records()).toHaveLength(script === 'lost' ? 0 : 1);
    },
  );

  it('cannot tell what became of a request whose connection was reset', async () => {
    const bench = await LedgerBench.make();
    bench.api.create = 'reset';
    expect(await bench.append()).toMatchObject({ f: 'reset', w: { outcome: 'indeterminate' } });
  });

  it('takes the answer to something else for no acknowledgement', async () => {
    const bench = await LedgerBench.make();
    bench.api.create = 'another answer';
    expect(await bench.append()).toMatchObject({ f: 'other', w: { outcome: 'indeterminate' } });
  });

  it('refuses what waited behind a request that was not answered, and never repeats one', async () => {
    const bench = await LedgerBench.make();
    bench.api.create = 'written, unanswered';
    const readings = await Promise.all([1, 2, 3, 4, 5, 6].map(() => bench.append()));
    // Three keys, each with a connection of its own, on which the second waits for the first.
    const outcomes = readings.map(({ w: append }) => append?.outcome);
    expect(outcomes).toEqual([
      ...Array<string>(3).fill('indeterminate'),
      ...Array<string>(3).fill('refused'),
    ]);
    bench.api.create = 'good';
    expect((await bench.append()).w).toMatchObject({ record: 7, outcome: 'acknowledged' });
    expect(bench.recordNumbers()).toEqual([1, 2, 3, 7]);
    expect(bench.api.creates).toBe(4);
  });
});
