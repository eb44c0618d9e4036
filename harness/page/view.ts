// The part of a chart that is looked at: zooming and moving, within the chart's ends. Pure arithmetic.

export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Less than this shows nothing more. */
const LEAST_MS = 200;

export function zoomed(view: View, whole: View, factor: number, aroundMs = middleOf(view)): View {
  const lengthMs = Math.min(lengthOf(whole), Math.max(LEAST_MS, lengthOf(view) * factor));
  const share = (aroundMs - view.fromMs) / lengthOf(view);
  return within({ fromMs: aroundMs - share * lengthMs, toMs: aroundMs + (1 - share) * lengthMs }, whole);
}

/** @param share of what is seen; negative: to the left */
export function moved(view: View, whole: View, share: number): View {
  const byMs = lengthOf(view) * share;
  return within({ fromMs: view.fromMs + byMs, toMs: view.toMs + byMs }, whole);
}

/** What lies between two moments, in either order. */
export function between(oneMs: number, otherMs: number, whole: View): View {
  const view = { fromMs: Math.min(oneMs, otherMs), toMs: Math.max(oneMs, otherMs) };
  return lengthOf(view) < LEAST_MS
    ? zoomed(view, whole, LEAST_MS / Math.max(1, lengthOf(view)))
    : within(view, whole);
}

function within(view: View, whole: View): View {
  const lengthMs = Math.min(lengthOf(view), lengthOf(whole));
  const fromMs = Math.min(Math.max(view.fromMs, whole.fromMs), whole.toMs - lengthMs);
  return { fromMs, toMs: fromMs + lengthMs };
}

function lengthOf({ fromMs, toMs }: View): number {
  return toMs - fromMs;
}

function middleOf({ fromMs, toMs }: View): number {
  return (fromMs + toMs) / 2;
}

/** Round moments within a view, at most so many. */
export function ticks(view: View, most: number): number[] {
  const least = lengthOf(view) / most;
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((digit) => digit * magnitude).find((one) => one >= least) ?? least;
  const first = Math.ceil(view.fromMs / step);
  const last = Math.floor(view.toMs / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** "+3.48 s", "−12 s" */
export function moment(atMs: number, digits = 2): string {
  const seconds = Math.abs(atMs / 1000).toFixed(digits);
  return `${atMs < 0 ? '−' : '+'}${seconds} s`;
}
