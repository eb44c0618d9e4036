// A chart's axis, and spans upon it made of changes.
import type { Span, SpanKind } from '../../core/chart.ts';
import type { ScenarioRecord } from '../../core/record.ts';
import { beginningMs, recordEndMs } from '../../core/scenario-view.ts';

export interface Axis {
  /** What is 0 on the chart, on the run's axis. */
  readonly originMs: number;
  /** Where the record begins and ends, on the run's axis. */
  readonly startMs: number;
  readonly endMs: number;
}

export function axisOf(record: ScenarioRecord): Axis {
  const startMs = record.started.atMs;
  return { originMs: beginningMs(record) ?? startMs, startMs, endMs: recordEndMs(record) };
}

/** From then on it was so; undefined: nothing is known, and nothing is drawn. */
export interface Change {
  readonly atMs: number;
  readonly now: { readonly kind: SpanKind; readonly label: string } | undefined;
}

export function span(axis: Axis, fromMs: number, toMs: number, kind: SpanKind, label: string): Span {
  return [Math.round(fromMs - axis.originMs), Math.round(toMs - axis.originMs), kind, label];
}

/** What stays the same is one span, however often it is told. @param changes in the order of time */
export function spansOf(axis: Axis, changes: readonly Change[]): Span[] {
  const spans: Span[] = [];
  let open: Change | undefined;
  const close = (toMs: number): void => {
    if (open?.now && toMs > open.atMs) spans.push(span(axis, open.atMs, toMs, open.now.kind, open.now.label));
  };
  for (const change of changes) {
    if (open && open.now?.kind === change.now?.kind && open.now?.label === change.now?.label) continue;
    close(change.atMs);
    open = change;
  }
  close(axis.endMs);
  return spans;
}

export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
