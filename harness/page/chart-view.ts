// One scenario's chart on the page: the timeline with its tools, and the latency of one series below, on the same axis.
import type { PageChart } from './charts.ts';
import { LatencyPlot } from './latency-plot.ts';
import { rowsOf, spanAt, type Row } from './rows.ts';
import { layoutOf, timelineSvg } from './timeline-svg.ts';
import { between, moment, moved, zoomed, type View } from './view.ts';

const ZOOM = 0.5;
const STEP = 0.25;
/** Room around the faults when they are to fill the view, as a share of their length. */
const ROOM = 0.25;
/** A shorter drag is a click. */
const DRAG_PX = 4;

export function mountChart(place: HTMLElement, chart: PageChart): void {
  new ChartView(place, chart).draw();
}

export class ChartView {
  #chart: PageChart;
  #rows: readonly Row[];
  #whole: View;
  readonly #picture = element('div', 'timeline');
  readonly #readout = element('output', 'readout');
  readonly #plot: LatencyPlot;
  #view: View;
  #dragFromMs: number | undefined;

  constructor(place: HTMLElement, chart: PageChart) {
    this.#chart = chart;
    this.#rows = rowsOf(chart);
    this.#whole = { fromMs: chart.fromMs, toMs: chart.toMs };
    this.#view = this.#whole;
    this.#plot = new LatencyPlot(chart, (view) => this.#show(view));
    this.#picture.tabIndex = 0;
    this.#picture.setAttribute('role', 'application');
    this.#picture.setAttribute(
      'aria-label',
      `timeline of ${chart.name}: plus and minus zoom, arrows move, 0 shows all, f the fault`,
    );
    place.replaceChildren(this.#tools(), this.#picture, this.#readout, this.#plot.element);
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(place);
  }

  get name(): string {
    return this.#chart.name;
  }

  /** The same scenario, longer by now. Who has zoomed keeps his view. */
  update(chart: PageChart): void {
    const sawAll = this.#view === this.#whole;
    this.#chart = chart;
    this.#rows = rowsOf(chart);
    this.#whole = { fromMs: chart.fromMs, toMs: chart.toMs };
    if (sawAll) this.#view = this.#whole;
    this.#plot.update(chart);
    this.draw();
  }

  draw(): void {
    const width = this.#width();
    this.#picture.innerHTML = timelineSvg({
      rows: this.#rows,
      faults: this.#chart.faults,
      view: this.#view,
      width,
    });
    this.#plot.draw(this.#view, layoutOf(this.#rows, width).left, width);
  }

  #show(view: View): void {
    this.#view = view;
    this.draw();
  }

  #tools(): HTMLElement {
    const tools = element('div', 'tools');
    const { toMs } = this.#whole;
    const add = (label: string, hint: string, act: () => void): void => {
      const button = element('button', '');
      button.type = 'button';
      button.textContent = label;
      button.title = hint;
      button.addEventListener('click', act);
      tools.append(button);
    };
    add('zoom in', 'also: + or drag over the timeline', () => this.#press('+'));
    add('zoom out', 'also: −', () => this.#press('-'));
    add('←', 'earlier', () => this.#press('ArrowLeft'));
    add('→', 'later', () => this.#press('ArrowRight'));
    add('all', `everything, to ${moment(toMs, 0)}`, () => this.#press('0'));
    if (this.#chart.faults.length > 0) add('fault', 'the time of the faults', () => this.#press('f'));
    return tools;
  }

  /** @returns whether the key means anything */
  #press(key: string): boolean {
    const keys: Readonly<Record<string, () => View>> = {
      '+': () => zoomed(this.#view, this.#whole, ZOOM),
      '=': () => zoomed(this.#view, this.#whole, ZOOM),
      '-': () => zoomed(this.#view, this.#whole, 1 / ZOOM),
      ArrowLeft: () => moved(this.#view, this.#whole, -STEP),
      ArrowRight: () => moved(this.#view, this.#whole, STEP),
      '0': () => this.#whole,
      f: () => this.#faultView(),
    };
    const act = keys[key];
    if (act) this.#show(act());
    return act !== undefined;
  }

  #faultView(): View {
    const { faults } = this.#chart;
    const fromMs = Math.min(...faults.map(([from]) => from));
    const toMs = Math.max(...faults.map(([, to]) => to));
    const roomMs = (toMs - fromMs) * ROOM;
    return between(fromMs - roomMs, toMs + roomMs, this.#whole);
  }

  #listen(): void {
    const picture = this.#picture;
    picture.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (this.#press(event.key)) event.preventDefault();
    });
    picture.addEventListener('wheel', (event) => {
      // With nothing pressed, the page scrolls.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.#show(zoomed(this.#view, this.#whole, event.deltaY > 0 ? 1 / ZOOM : ZOOM, this.#atMs(event)));
    });
    picture.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse' && event.button === 0) this.#dragFromMs = this.#atMs(event);
    });
    picture.addEventListener('pointermove', (event) => this.#read(event));
    picture.addEventListener('pointerup', (event) => this.#endDrag(event));
    picture.addEventListener('dblclick', () => this.#show(this.#whole));
  }

  #endDrag(event: PointerEvent): void {
    const fromMs = this.#dragFromMs;
    this.#dragFromMs = undefined;
    if (fromMs === undefined) return;
    const toMs = this.#atMs(event);
    if (Math.abs(toMs - fromMs) > DRAG_PX * this.#msPerPx()) this.#show(between(fromMs, toMs, this.#whole));
  }

  /** Says in words what lies under the pointer. */
  #read(event: PointerEvent): void {
    const atMs = this.#atMs(event);
    const { tops } = layoutOf(this.#rows, this.#width());
    const y = event.clientY - this.#picture.getBoundingClientRect().top;
    const row = this.#rows[tops.findLastIndex((top) => top <= y)];
    const found = row && spanAt(row, atMs, 3 * this.#msPerPx());
    this.#readout.textContent = `${moment(atMs)}${row ? ` · ${row.name}` : ''}${found ? `: ${found[3]}` : ''}`;
  }

  #atMs(event: MouseEvent): number {
    const { left } = layoutOf(this.#rows, this.#width());
    const x = event.clientX - this.#picture.getBoundingClientRect().left - left;
    return this.#view.fromMs + Math.max(0, x) * this.#msPerPx();
  }

  #msPerPx(): number {
    const width = this.#width();
    const { left } = layoutOf(this.#rows, width);
    return (this.#view.toMs - this.#view.fromMs) / Math.max(1, width - left);
  }

  #width(): number {
    return Math.max(280, this.#picture.clientWidth);
  }
}

function element<Name extends 'div' | 'button' | 'output'>(
  name: Name,
  className: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}
