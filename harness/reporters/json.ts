// result.json: everything that was judged, for scripts (docs/result.md).
import type { Reporter } from './reporter.ts';

const FILE = 'result.json';

export const json: Reporter = {
  name: 'json',
  summary: 'the whole result for scripts, by a schema',
  file: FILE,
  render: ({ result }) => ({ [FILE]: `${JSON.stringify(result, null, 2)}\n` }),
};
