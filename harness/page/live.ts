// The page while the run goes: what is under way, as the server tells it; and anew when there is a new report.
import { ChartView } from './chart-view.ts';
import { isPageCharts } from './charts.ts';

const LINES_MAX = 40;

/** @param url of the server-sent events: line, chart, report */
export function followRun(url: string): void {
  const [section, place, lines] = [
    document.createElement('section'),
    document.createElement('div'),
    document.createElement('pre'),
  ];
  const title = document.createElement('h2');
  title.textContent = 'Running now';
  lines.setAttribute('aria-live', 'polite');
  section.append(title, lines, place);
  document.querySelector('main > header')?.after(section);
  // What is judged so far is no verdict on the run.
  const verdict = document.querySelector('main > header h1 strong');
  if (verdict) verdict.textContent = 'RUNNING';
  let view: ChartView | undefined;

  const source = new EventSource(url);
  source.addEventListener('line', ({ data }: MessageEvent<string>) => {
    const told = [...lines.textContent.split('\n').filter(Boolean), data];
    lines.textContent = told.slice(-LINES_MAX).join('\n');
  });
  source.addEventListener('chart', ({ data }: MessageEvent<string>) => {
    const charts: unknown = [JSON.parse(data)];
    const [chart] = isPageCharts(charts) ? charts : [];
    if (!chart) return;
    title.textContent = `Running now: ${chart.name}`;
    if (view?.name === chart.name) view.update(chart);
    else {
      view = new ChartView(place, chart);
      view.draw();
    }
  });
  source.addEventListener('report', () => location.reload());
}
