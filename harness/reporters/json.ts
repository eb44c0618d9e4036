// result.json: everything that was judged, for scripts (docs/result.md).
import type { Reporter } from './reporter.ts';

export const json: Reporter = {
  name: 'json',
  summary: 'the whole result for scripts, by a schema',
  file: 'result.json',
  render: (_record, result) => `${JSON.stringify(result, null, 2)}\n`,
};
