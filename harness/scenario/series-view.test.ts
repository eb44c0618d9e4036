import { expect, test } from 'vitest';
import type { JournalEvent, Sample } from '../core/record.ts';
import { SeriesView } from './series-view.ts';

const sample = (probe: string, ok: boolean): Sample => ({
  type: 'sample',
  atMs: 1,
  probe,
  ok,
  durationMs: 1,
  lateMs: 0,
});

test('a series is failing from a failure to the next good answer, and everything is written down', () => {
  const events: JournalEvent[] = [];
  const view = new SeriesView({ append: (event) => void events.push(event) });
  view.append(sample('a', false));
  view.append(sample('b', true));
  view.append({ type: 'note', atMs: 2, text: 'something' });
  expect(view.failing).toEqual(['a']);
  view.append(sample('a', true));
  expect(view.failing).toEqual([]);
  expect(events.map(({ type }) => type)).toEqual(['sample', 'sample', 'note', 'sample']);
});
