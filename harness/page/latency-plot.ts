// How long a series took to answer, sample by sample, on the axis of the timeline above it; what failed stands at the top.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { decodeCells, type ChartSeries } from '../core/chart.ts';
import type { PageChart } from './charts.ts';
import type { View } from './view.ts';

const HEIGHT = 180;
const LEAST_DRAG_PX = 4;
/** A latency of 1 s must not flatten those of some milliseconds. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum is ambient: it has no values at run time
const LOGARITHMIC: uPlot.Scale.Distr = 3;

export class LatencyPlot {
  readonly element = document.createElement('div');
  #chart: PageChart;
  readonly #onZoom: (view: View) => void;
  readonly #place = document.createElement('div');
  #series: ChartSeries | undefined;
  #plot: uPlot | undefined;
  #size = '';

  constructor(chart: PageChart, onZoom: (view: View) => void) {
    this.#chart = chart;
    this.#onZoom = onZoom;
    this.#series = chart.series[0];
    this.element.className = 'latency';
    if (chart.series.length > 0) this.element.append(this.#choice(), this.#place);
  }

  update(chart: PageChart): void {
    this.#chart = chart;
    this.#series = chart.series.find(({ name }) => name === this.#series?.name) ?? chart.series[0];
    if (this.#plot && this.#series) this.#plot.setData(dataOf(this.#series), false);
  }

  /** @param left where the timeline's axis begins, in CSS pixels */
  draw(view: View, left: number, width: number): void {
    if (!this.#series) return;
    const size = `${this.#series.name} ${left} ${width}`;
    if (size !== this.#size) this.#make(this.#series, left, width);
    this.#size = size;
    this.#plot?.setScale('x', { min: view.fromMs / 1000, max: view.toMs / 1000 });
  }

  #choice(): HTMLElement {
    const label = document.createElement('label');
    label.textContent = 'Latency of ';
    const select = document.createElement('select');
    for (const { name } of this.#chart.series) select.append(new Option(name, name));
    select.addEventListener('change', () => {
      this.#series = this.#chart.series.find(({ name }) => name === select.value);
      this.#size = '';
      this.#onZoom({
        fromMs: (this.#plot?.scales['x']?.min ?? 0) * 1000,
        toMs: (this.#plot?.scales['x']?.max ?? 0) * 1000,
      });
    });
    label.append(select);
    return label;
  }

  #make(series: ChartSeries, left: number, width: number): void {
    this.#plot?.destroy();
    const color = (name: string): string => getComputedStyle(this.element).getPropertyValue(name).trim();
    const hooks: uPlot.Hooks.Arrays = {
      setSelect: [(plot) => this.#zoom(plot)],
      drawClear: [(plot) => this.#shade(plot, color('--shade'))],
    };
    const options = {
      ...optionsOf(color),
      width,
      height: HEIGHT,
      padding: [8, 0, 0, Math.max(0, left - 60)],
      hooks,
    };
    this.#plot = new uPlot(options as uPlot.Options, dataOf(series), this.#place);
  }

  #zoom(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < LEAST_DRAG_PX) return;
    const at = (px: number): number => plot.posToVal(px, 'x') * 1000;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#onZoom({ fromMs: at(left), toMs: at(left + width) });
  }

  #shade(plot: uPlot, color: string): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = color;
    for (const [fromMs, toMs] of this.#chart.faults) {
      const at = (ms: number): number => {
        const px = plot.valToPos(ms / 1000, 'x', true);
        return Math.min(bbox.left + bbox.width, Math.max(bbox.left, px));
      };
      ctx.fillRect(at(fromMs), bbox.top, at(toMs) - at(fromMs), bbox.height);
    }
    ctx.restore();
  }
}

/** Where there is no sample uPlot hands over null, whatever its types say. */
type Value = number | null;

function optionsOf(
  color: (name: string) => string,
): Pick<uPlot.Options, 'legend' | 'cursor' | 'scales' | 'axes' | 'series'> {
  const axis = {
    stroke: color('--text-soft'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const told = (value: Value, text: (value: number) => string): string =>
    value === null ? '–' : text(value);
  return {
    legend: { live: true },
    cursor: { drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: false }, y: { distr: LOGARITHMIC } },
    axes: [
      { ...axis, values: (_plot, values) => values.map((value) => `${value} s`) },
      {
        ...axis,
        size: 60,
        values: (_plot, values: Value[]) => values.map((value) => (value === null ? '' : `${value} ms`)),
      },
    ],
    series: [
      { label: 'since the fault', value: (_plot, value: Value) => told(value, (at) => `${at.toFixed(2)} s`) },
      {
        label: 'answered after',
        stroke: color('--good'),
        width: 1,
        points: { show: false },
        spanGaps: false,
        value: (_plot, value: Value) => told(value, (latency) => `${latency.toFixed(1)} ms`),
      },
      {
        label: 'failed',
        stroke: color('--bad'),
        width: 0,
        points: { show: true, size: 5, fill: color('--bad') },
        value: (_plot, value: Value) => (value === null ? 'no' : 'yes'),
      },
    ],
  };
}

/** x in seconds; good samples; failures at the height of the slowest good one. */
function dataOf({ fromMs, stepMs, cells }: ChartSeries): uPlot.AlignedData {
  const decoded = decodeCells(cells);
  const good = decoded.map((cell, index) => {
    if (cell.state === 'good') return cell.latencyMs;
    // uPlot draws its line on over what is undefined: a sample that came a little late leaves one cell without any.
    return cell.state === 'none' && decoded[index + 1]?.state !== 'none' ? undefined : null;
  });
  const top = good.reduce<number>((most, value) => Math.max(most, value ?? 0), 10);
  const failed = decoded.map(({ state }) => (state === 'failed' || state === 'mixed' ? top : null));
  const times = decoded.map((_, index) => (fromMs + (index + 0.5) * stepMs) / 1000);
  return [times, good, failed];
}
