// The program of report.html: draws each scenario's chart when its reader gets there. All else on the page stands by itself.
import './style.css';
import { isPageCharts, type PageChart } from './charts.ts';
import { mountChart } from './chart-view.ts';
import { followRun } from './live.ts';

const DATA_ID = 'holdfast-charts';
/** Who scrolls finds it drawn. */
const AHEAD = '800px';

function chartsOnPage(): readonly PageChart[] {
  const text = document.getElementById(DATA_ID)?.textContent ?? '[]';
  const value: unknown = JSON.parse(text);
  return isPageCharts(value) ? value : [];
}

/** Drawn when first seen: a run has dozens of charts, and a reader looks at a few. */
function drawWhenSeen(places: readonly HTMLElement[], charts: readonly PageChart[]): void {
  const draw = (place: HTMLElement): void => {
    const chart = charts[Number(place.dataset['chart'])];
    if (!chart || place.dataset['drawn'] !== undefined) return;
    place.dataset['drawn'] = '';
    mountChart(place, chart);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting && target instanceof HTMLElement) draw(target);
      }
    },
    { rootMargin: AHEAD },
  );
  for (const place of places) observer.observe(place);
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    places.forEach(draw);
  });
}

/** A link to a scenario leads into what is folded away. */
function openTarget(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target?.closest('details') ?? target?.querySelector('details');
  if (!details) return;
  details.open = true;
  target?.scrollIntoView();
}

drawWhenSeen([...document.querySelectorAll<HTMLElement>('[data-chart]')], chartsOnPage());
addEventListener('hashchange', openTarget);
openTarget();
const { live } = document.documentElement.dataset;
if (live !== undefined) followRun(live);
document.documentElement.dataset['ready'] = performance.now().toFixed(0);
