// The reporters. To add one, write its file and add its line here.
import { page } from './html/page.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { mermaid } from './mermaid.ts';
import { prometheus } from './prometheus.ts';
import type { Reporter } from './reporter.ts';
import { toleranceMatrix } from './tolerance-matrix.ts';

export const REPORTERS: readonly Reporter[] = [
  json,
  junit,
  markdown,
  toleranceMatrix,
  mermaid,
  prometheus,
  page,
];
