// What the page is given to draw: the charts of core/chart.ts, as they are.
import type { Chart } from '../core/chart.ts';

export interface PageChart extends Chart {
  readonly name: string;
}

/** The page and its data are written together; this is for a page that was cut off. */
export function isPageCharts(value: unknown): value is readonly PageChart[] {
  return Array.isArray(value);
}
