// A timeline as SVG text: rows of spans on one axis, with the time of the faults shaded. Pure; sizes in CSS pixels.
import type { Span } from '../core/chart.ts';
import { rowInWords, type Row } from './rows.ts';
import { moment, ticks, type View } from './view.ts';

export interface TimelinePicture {
  readonly rows: readonly Row[];
  readonly faults: readonly Span[];
  readonly view: View;
  readonly width: number;
}

const ROW = 18;
const BAR = 12;
const GROUP = 24;
const AXIS = 22;
/** Where names stand beside their rows; on a narrow page they stand above. */
const NAMES = 210;
const NARROW = 560;
/** A moment, and what is too short to be seen, is drawn this wide. */
const LEAST_WIDTH = 1.5;
const TICK_WIDTH = 110;

export interface Layout {
  /** Where the axis begins. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Top of each row's bar, in the rows' order. */
  readonly tops: readonly number[];
  readonly groups: readonly { readonly title: string; readonly top: number }[];
}

export function layoutOf(rows: readonly Row[], width: number): Layout {
  const isNarrow = width < NARROW;
  const rowHeight = isNarrow ? ROW + 14 : ROW;
  const tops: number[] = [];
  const groups: { title: string; top: number }[] = [];
  let top = AXIS;
  for (const [index, { group }] of rows.entries()) {
    if (group !== rows[index - 1]?.group) {
      groups.push({ title: group, top });
      top += GROUP;
    }
    tops.push(top + rowHeight - ROW);
    top += rowHeight;
  }
  return { left: isNarrow ? 0 : NAMES, width, height: top + 4, tops, groups };
}

export function timelineSvg({ rows, faults, view, width }: TimelinePicture): string {
  const layout = layoutOf(rows, width);
  const x = (atMs: number): number => {
    const share = (atMs - view.fromMs) / (view.toMs - view.fromMs);
    return layout.left + Math.min(1, Math.max(0, share)) * (width - layout.left);
  };
  return [
    `<svg width="${width}" height="${layout.height}" role="group" aria-label="timeline, seconds since the fault">`,
    HATCH,
    ...faults.filter(seenIn(view)).map(([from, to]) => {
      const [left, right] = [x(from), x(to)];
      return `<rect class="shade" x="${px(left)}" y="${AXIS}" width="${px(right - left)}" height="${layout.height - AXIS}"/>`;
    }),
    ...axis(view, layout, x),
    ...layout.groups.map(
      ({ title, top }) => `<text class="group" x="0" y="${top + 17}">${escaped(title)}</text>`,
    ),
    ...rows.map((row, index) => rowSvg(row, layout, index, view, x)),
    '</svg>',
  ].join('');
}

/** What is not known is hatched: colour alone must not tell. */
const HATCH =
  '<defs><pattern id="unsure" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect class="unsure-ground" width="5" height="5"/><rect class="unsure-line" width="2" height="5"/></pattern></defs>';

function axis(view: View, layout: Layout, x: (atMs: number) => number): string[] {
  const moments = ticks(view, Math.max(2, (layout.width - layout.left) / TICK_WIDTH));
  const step = (moments[1] ?? 0) - (moments[0] ?? 0);
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : 2;
  return moments.map((atMs) => {
    const left = px(x(atMs));
    return (
      `<line class="${atMs === 0 ? 'origin' : 'grid'}" x1="${left}" x2="${left}" y1="${AXIS - 4}" y2="${layout.height}"/>` +
      `<text class="tick" x="${left}" y="12">${atMs === 0 ? '0' : moment(atMs, digits)}</text>`
    );
  });
}

function rowSvg(row: Row, layout: Layout, index: number, view: View, x: (atMs: number) => number): string {
  const top = layout.tops[index] ?? 0;
  const nameY = layout.left === 0 ? top - 2 : top + BAR - 1;
  const bars = row.spans.filter(seenIn(view)).map(([from, to, kind, label]) => {
    const left = x(from);
    const width = Math.max(LEAST_WIDTH, x(to) - left);
    const height = kind === 'good' ? BAR - 6 : BAR;
    const lowered = top + (BAR - height) / 2;
    const when = from === to ? moment(from) : `${moment(from)} to ${moment(to)}`;
    return `<rect class="${kind}" x="${px(left)}" y="${lowered}" width="${px(width)}" height="${height}"><title>${escaped(`${label}, ${when}`)}</title></rect>`;
  });
  return (
    `<g role="img" aria-label="${escaped(rowInWords(row))}">` +
    `<text class="name" x="0" y="${nameY}">${escaped(shortened(row.name, layout))}</text>${bars.join('')}</g>`
  );
}

/** In the middle: names that begin alike end with their host's. */
function shortened(name: string, { left }: Layout): string {
  const most = left === 0 ? 60 : 31;
  if (name.length <= most) return name;
  const head = Math.floor(most / 2) - 1;
  return `${name.slice(0, head)}…${name.slice(head + 1 - most)}`;
}

function seenIn({ fromMs, toMs }: View): (span: Span) => boolean {
  return ([from, to]) => to >= fromMs && from <= toMs;
}

function px(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
