// What a scenario looked like over time, small enough for a page: lanes of spans, and each series as one string.
import type { FailureKind } from './record.ts';

/** info: neither good nor bad, such as who leads. unsure: nobody could see. */
export type SpanKind = 'good' | 'bad' | 'unsure' | 'fault' | 'info';

/** In whole milliseconds since the chart's origin. Both the same: a moment. */
export type Span = readonly [fromMs: number, toMs: number, kind: SpanKind, label: string];

export interface Lane {
  readonly name: string;
  /** In the order of time. */
  readonly spans: readonly Span[];
}

export interface LaneGroup {
  readonly title: string;
  readonly lanes: readonly Lane[];
}

export interface ChartSeries {
  readonly name: string;
  /** Where the first cell begins, since the chart's origin. */
  readonly fromMs: number;
  /** How long each cell is: a sample's interval, or more where there are too many. */
  readonly stepMs: number;
  /** Two characters a cell (decodeCells). */
  readonly cells: string;
}

/** Its origin is the first fault, or the scenario's begin when nothing was broken. */
export interface Chart {
  readonly fromMs: number;
  readonly toMs: number;
  /** When faults were in force: what is shaded. */
  readonly faults: readonly Span[];
  readonly groups: readonly LaneGroup[];
  readonly series: readonly ChartSeries[];
}

/** What the samples of one cell said: the slowest good one's time, or the worst failure; mixed: some failed. */
export type Cell =
  | { readonly state: 'none' }
  | { readonly state: 'good'; readonly latencyMs: number }
  | { readonly state: 'failed' | 'mixed'; readonly failure: FailureKind };

const NONE = '  ';
const FAILED = '!';
/** What needs no escape, neither in JSON nor within a script element of HTML. */
const DIGITS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
  (character) => !'!"\\<&\''.includes(character),
);
const VALUES = new Map(DIGITS.map((character, index) => [character, index]));
const LEVELS = DIGITS.length ** 2 - 1;
/** Levels are even on a logarithmic scale between these: neighbours are 0.2 % apart. */
const LEAST_MS = 0.05;
const MOST_MS = 60_000;
const SPREAD = Math.log(MOST_MS / LEAST_MS);
const LETTERS: Readonly<Record<FailureKind, string>> = {
  refused: 'r',
  timeout: 't',
  reset: 'x',
  unreachable: 'u',
  tls: 'l',
  status: 's',
  other: 'o',
};
const KINDS = new Map(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as FailureKind]));

export function encodeCells(cells: readonly Cell[]): string {
  return cells.map(encodeCell).join('');
}

function encodeCell(cell: Cell): string {
  if (cell.state === 'none') return NONE;
  if (cell.state === 'good') {
    const clamped = Math.min(MOST_MS, Math.max(LEAST_MS, cell.latencyMs));
    const level = Math.round((Math.log(clamped / LEAST_MS) / SPREAD) * LEVELS);
    return `${DIGITS[Math.floor(level / DIGITS.length)]}${DIGITS[level % DIGITS.length]}`;
  }
  const letter = LETTERS[cell.failure];
  return `${FAILED}${cell.state === 'mixed' ? letter.toUpperCase() : letter}`;
}

/** Latencies come back within 0.1 %. What cannot be read is no cell. */
export function decodeCells(text: string): Cell[] {
  return Array.from({ length: Math.floor(text.length / 2) }, (_, index) =>
    decodeCell(text.slice(2 * index, 2 * index + 2)),
  );
}

function decodeCell(pair: string): Cell {
  const [first = '', second = ''] = pair;
  if (first === FAILED) {
    const failure = KINDS.get(second.toLowerCase()) ?? 'other';
    return { state: second === second.toLowerCase() ? 'failed' : 'mixed', failure };
  }
  const [high, low] = [VALUES.get(first), VALUES.get(second)];
  if (high === undefined || low === undefined) return { state: 'none' };
  const level = high * DIGITS.length + low;
  return { state: 'good', latencyMs: LEAST_MS * Math.exp((level / LEVELS) * SPREAD) };
}
